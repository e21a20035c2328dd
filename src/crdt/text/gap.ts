/**
 * Hanging new text at a certain place among tombstones, where `Text.localInsert` would not go: it always goes next
 * to what is shown. The rule is the same (SPEC.md, TEXT3): the parent is the neighbour that has no children there.
 */
import { assert } from '../../base/assert.ts';
import type { OpId } from '../context.ts';
import type { Agent } from './agents.ts';
import type { InsertOp } from './messages.ts';
import type { RunTree } from './run-tree.ts';
import { lastOf } from './run.ts';
import type { Run } from './run.ts';

export type Place = Pick<InsertOp, 'parent' | 'side'>;

/** Puts `text` just before the character `id`. */
export function insertBefore(tree: RunTree, agent: Agent, counter: number, text: string, id: OpId): Place {
  const run = runOf(tree, id);
  const head = id.counter === run.start ? run : tree.split(run, id.counter - run.start);
  const before = head.left?.[head.left.length - 1];
  // The last of a subtree has no right children.
  if (before !== undefined) return hang(tree, agent, counter, text, lastOf(before), 'right');
  return hang(tree, agent, counter, text, head, 'left');
}

/** Puts `text` just behind the character `id`. */
export function insertBehind(tree: RunTree, agent: Agent, counter: number, text: string, id: OpId): Place {
  const run = runOf(tree, id);
  const offset = id.counter + 1 - run.start;
  if (offset < run.length) return hang(tree, agent, counter, text, tree.split(run, offset), 'left');
  if (run.right === undefined) return hang(tree, agent, counter, text, run, 'right');
  const next = tree.blocks.nextOf(run);
  assert(next !== undefined && next.left === undefined, 'right children follow their parent');
  return hang(tree, agent, counter, text, next, 'left');
}

function runOf(tree: RunTree, id: OpId): Run {
  const run = tree.agents.get(id.replicaId)?.find(id.counter);
  assert(run !== undefined, 'text is put next to a known character');
  return run;
}

/** Hangs `text` right of the last character of `run`, or left of its first. */
function hang(
  tree: RunTree,
  agent: Agent,
  counter: number,
  text: string,
  run: Run,
  side: 'left' | 'right',
): Place {
  const parentCounter = side === 'right' ? run.end - 1 : run.start;
  const parent = run === tree.root ? null : { replicaId: run.agent.replicaId, counter: parentCounter };
  tree.insert(agent, counter, text, run, parentCounter, side);
  return { parent, side };
}
