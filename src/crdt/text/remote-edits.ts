/** Inserts and deletes of others, and of our own log read back, as they take effect here. They are validated already. */
import { assert } from '../../base/assert.ts';
import { counterMax } from '../../base/limits.ts';
import type { ChangeList } from './changes.ts';
import type { DeleteOp, InsertOp, TextChange } from './messages.ts';
import type { RunTree } from './run-tree.ts';
import { ROOT } from './runs.ts';
import { isSurrogate, notePairs } from './surrogates.ts';
import { isChained } from './validate.ts';

/**
 * Takes in `op` when it is one more character after the author's last one: the operation of nearly every batch. What is
 * tested here is all that `validate.ts` asks of such an operation. `undefined`, and nothing done, when it is not.
 */
export function applyTyped(tree: RunTree, op: InsertOp): TextChange | undefined {
  const { text } = op;
  const { counter } = op.id;
  if (text.length !== 1 || isSurrogate(text.charCodeAt(0)) || !isChained(op)) return undefined;
  const agent = tree.agents.get(op.id.replicaId);
  // Nothing is known at or after the counter, so this is neither a repeat nor a clash.
  if (agent?.end !== counter || counter >= counterMax) return undefined;
  const run = agent.find(counter - 1);
  if (run < 0 || !tree.appends(run)) return undefined;
  const at = tree.blocks.startOf(run) + (tree.runs.visible[run] as number);
  tree.append(run, text);
  return { from: at, to: at, insert: text };
}

export function applyInsert(tree: RunTree, op: InsertOp, changes: ChangeList): void {
  const { agents, blocks, runs } = tree;
  const { replicaId, counter } = op.id;
  const agent = agents.intern(replicaId);
  const end = counter + op.text.length;
  let known = counter;
  // Beyond all that is known of its author nothing of it can be here.
  if (agent.end > counter) {
    for (let to = agent.endAt(known); to > 0 && known < end; to = agent.endAt(known)) known = to;
    if (known >= end) return;
  }
  const rest = known > counter;
  const text = rest ? op.text.slice(known - counter) : op.text;
  notePairs(agent, known, text);
  const parentCounter = rest ? known - 1 : (op.parent?.counter ?? 0);
  let parent = ROOT;
  if (rest) parent = agent.find(parentCounter);
  else if (op.parent !== null) parent = agents.get(op.parent.replicaId)?.find(parentCounter) ?? -1;
  assert(parent >= 0, 'a validated parent is known');
  const run = tree.insert(agent, known, text, parent, parentCounter, rest ? 'right' : op.side);
  changes.insert(blocks.startOf(run) + (runs.visible[run] as number) - text.length, text);
}

export function applyDelete(tree: RunTree, op: DeleteOp, changes: ChangeList): void {
  const { agents, blocks, runs } = tree;
  const agent = agents.get(op.target.replicaId);
  const end = op.target.counter + op.length;
  for (let counter = op.target.counter; counter < end;) {
    const run = agent?.find(counter) ?? -1;
    assert(run >= 0, 'a validated target is known');
    const stop = Math.min(end, runs.end(run));
    if ((runs.visible[run] as number) > 0) {
      const offset = counter - (runs.start[run] as number);
      changes.delete(blocks.startOf(run) + offset, stop - counter);
      tree.delete(run, offset, stop - counter);
    }
    counter = stop;
  }
}
