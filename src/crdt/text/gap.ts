/**
 * Hanging new text behind a character, next to what is shown or at a certain place among tombstones. Both follow one rule
 * (SPEC.md, TEXT3): the parent is the neighbour that has no children there.
 */
import { assert } from '../../base/assert.ts';
import type { OpId } from '../context.ts';
import type { Agent } from './agents.ts';
import type { InsertOp } from './messages.ts';
import type { RunTree } from './run-tree.ts';
import { ROOT } from './runs.ts';

export type Place = Pick<InsertOp, 'parent' | 'side'>;

/** Puts `text` just behind the first `offset` characters of `run`. `at`: the position of that place, -1 when nobody knows. */
export function insertAfter(
  tree: RunTree,
  agent: Agent,
  counter: number,
  text: string,
  run: number,
  offset: number,
  at: number,
): Place {
  const { blocks, runs } = tree;
  const length = runs.length[run] as number;
  if (offset === length && runs.right[run] === 0) {
    const parent = run === ROOT ? null : tree.idAt(run, length - 1);
    const inserted = tree.insert(agent, counter, text, run, runs.end(run) - 1, 'right');
    if (at >= 0 && inserted !== run) blocks.setCursor(inserted, at);
    return { parent, side: 'right' };
  }
  // The left neighbour has right children, so what follows it is the first of them and has no left child.
  const next = offset < length ? tree.split(run, offset) : blocks.nextOf(run);
  assert(next >= 0 && runs.left[next] === 0, 'right children follow their parent');
  const parent = tree.idAt(next, 0);
  const inserted = tree.insert(agent, counter, text, next, parent.counter, 'left');
  if (at >= 0) blocks.setCursor(inserted, at);
  return { parent, side: 'left' };
}

/** Puts `text` just behind the character `id`. */
export function insertBehind(tree: RunTree, agent: Agent, counter: number, text: string, id: OpId): Place {
  const run = runOf(tree, id);
  const offset = id.counter + 1 - (tree.runs.start[run] as number);
  return insertAfter(tree, agent, counter, text, run, offset, -1);
}

/** Puts `text` just before the character `id`. */
export function insertBefore(tree: RunTree, agent: Agent, counter: number, text: string, id: OpId): Place {
  const { runs } = tree;
  const run = runOf(tree, id);
  const offset = id.counter - (runs.start[run] as number);
  const head = offset === 0 ? run : tree.split(run, offset);
  const before = runs.children(runs.left[head] as number).at(-1);
  if (before !== undefined) {
    // The last of a subtree has no right children.
    const last = tree.lastOf(before);
    return insertAfter(tree, agent, counter, text, last, runs.length[last] as number, -1);
  }
  const parent = tree.idAt(head, 0);
  tree.insert(agent, counter, text, head, parent.counter, 'left');
  return { parent, side: 'left' };
}

function runOf(tree: RunTree, id: OpId): number {
  const run = tree.agents.get(id.replicaId)?.find(id.counter) ?? -1;
  assert(run >= 0, 'text is put next to a known character');
  return run;
}
