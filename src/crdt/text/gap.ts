/**
 * Hanging new text at a certain place among tombstones, where `Text.localInsert` would not go: it always goes next
 * to what is shown. The rule is the same (SPEC.md, TEXT3): the parent is the neighbour that has no children there.
 */
import { assert } from '../../base/assert.ts';
import { opId } from '../context.ts';
import type { OpId } from '../context.ts';
import type { Agent } from './agents.ts';
import type { InsertOp } from './messages.ts';
import type { RunTree } from './run-tree.ts';
import { ROOT } from './runs.ts';

export type Place = Pick<InsertOp, 'parent' | 'side'>;

/** Puts `text` just before the character `id`. */
export function insertBefore(tree: RunTree, agent: Agent, counter: number, text: string, id: OpId): Place {
  const { runs } = tree;
  const run = runOf(tree, id);
  const start = runs.start[run] as number;
  const head = id.counter === start ? run : tree.split(run, id.counter - start);
  const before = runs.children(runs.left[head] as number).at(-1);
  // The last of a subtree has no right children.
  if (before !== undefined) return hang(tree, agent, counter, text, tree.lastOf(before), 'right');
  return hang(tree, agent, counter, text, head, 'left');
}

/** Puts `text` just behind the character `id`. */
export function insertBehind(tree: RunTree, agent: Agent, counter: number, text: string, id: OpId): Place {
  const { runs } = tree;
  const run = runOf(tree, id);
  const offset = id.counter + 1 - (runs.start[run] as number);
  if (offset < (runs.length[run] as number))
    return hang(tree, agent, counter, text, tree.split(run, offset), 'left');
  if (runs.right[run] === 0) return hang(tree, agent, counter, text, run, 'right');
  const next = tree.blocks.nextOf(run);
  assert(next >= 0 && runs.left[next] === 0, 'right children follow their parent');
  return hang(tree, agent, counter, text, next, 'left');
}

function runOf(tree: RunTree, id: OpId): number {
  const run = tree.agents.get(id.replicaId)?.find(id.counter) ?? -1;
  assert(run >= 0, 'text is put next to a known character');
  return run;
}

/** Hangs `text` right of the last character of `run`, or left of its first. */
function hang(
  tree: RunTree,
  agent: Agent,
  counter: number,
  text: string,
  run: number,
  side: 'left' | 'right',
): Place {
  const parentCounter = side === 'right' ? tree.runs.end(run) - 1 : (tree.runs.start[run] as number);
  const parent = run === ROOT ? null : opId(tree.agentOf(run).replicaId, parentCounter);
  tree.insert(agent, counter, text, run, parentCounter, side);
  return { parent, side };
}
