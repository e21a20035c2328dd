/**
 * Lists of operations as a log holds them: how many counters they take, and joining what was typed or deleted
 * in one go, so that a batch of five hundred keystrokes is one operation.
 */
import { assertNever } from '../../base/assert.ts';
import { isChained } from './validate.ts';
import { deleteOp, insertOp } from './messages.ts';
import type { DeleteOp, InsertOp, TextOp } from './messages.ts';

export function countersOf(ops: readonly TextOp[]): number {
  let counters = 0;
  for (let i = 0; i < ops.length; i++) counters += lengthOf(ops[i] as TextOp);
  return counters;
}

/** The counters an operation takes: as many as it inserts or deletes characters. */
export function lengthOf(op: TextOp): number {
  switch (op.type) {
    case 'insert':
      return op.text.length;
    case 'delete':
      return op.length;
    case 'mark':
    case 'restore':
      return 1;
    case 'unknown':
      return op.counters;
    default:
      return assertNever(op);
  }
}

/** The same operations, neighbours joined: typing on, deleting forwards, deleting backwards. */
export function mergeOps(ops: readonly TextOp[]): readonly TextOp[] {
  const merged: TextOp[] = [];
  let last: TextOp | undefined;
  for (let i = 0; i < ops.length; i++) {
    const op = ops[i] as TextOp;
    let joined = last === undefined ? undefined : join(last, op);
    if (joined === undefined) {
      merged.push((last = op));
      continue;
    }
    // What has grown backwards may now touch what stood before it: deleted 2, then 4, then 3.
    do {
      merged[merged.length - 1] = last = joined;
      const before = merged[merged.length - 2];
      joined = before === undefined ? undefined : join(before, last);
      if (joined !== undefined) merged.pop();
    } while (joined !== undefined);
  }
  return merged;
}

/** One operation that says what `first` and then `second` say; `undefined` when there is none. */
function join(first: TextOp, second: TextOp): TextOp | undefined {
  const { replicaId, counter } = first.id;
  if (second.id.replicaId !== replicaId || second.id.counter !== counter + lengthOf(first)) return undefined;
  if (first.type === 'insert') return second.type === 'insert' ? joinInserts(first, second) : undefined;
  return first.type === 'delete' && second.type === 'delete' ? joinDeletes(first, second) : undefined;
}

function joinInserts(first: InsertOp, second: InsertOp): InsertOp | undefined {
  if (!isChained(second)) return undefined;
  return insertOp(first.id, first.parent, first.side, first.text + second.text);
}

function joinDeletes(first: DeleteOp, second: DeleteOp): DeleteOp | undefined {
  if (first.target.replicaId !== second.target.replicaId) return undefined;
  const length = first.length + second.length;
  if (second.target.counter === first.target.counter + first.length)
    return deleteOp(first.id, first.target, length);
  if (second.target.counter + second.length === first.target.counter)
    return deleteOp(first.id, second.target, length);
  return undefined;
}
