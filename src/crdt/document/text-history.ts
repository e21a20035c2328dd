/**
 * The operations of many batches on one text as one list, and back: typing a page is one operation then, and not one
 * for each key. Unlike `mergeOps`, which joins within one batch, this keeps what can be cut again at any counter:
 * deletions are joined forwards only, since of one that goes backwards nobody could say which counter deleted what.
 */
import { assert } from '../../base/assert.ts';
import type { DeleteOp, InsertOp, TextOp } from '../text/messages.ts';
import { lengthOf } from '../text/op-log.ts';
import { isChained } from '../text/validate.ts';

export function joinForHistory(ops: readonly TextOp[]): readonly TextOp[] {
  const joined: TextOp[] = [];
  /** Texts of the operation being joined; concatenated once, at its end. */
  let texts: string[] = [];
  const close = (): void => {
    const last = joined[joined.length - 1];
    if (last?.type === 'insert' && texts.length > 1)
      joined[joined.length - 1] = { ...last, text: texts.join('') };
    texts = [];
  };
  for (const op of ops) {
    const last = joined[joined.length - 1];
    if (op.type === 'insert') {
      if (last?.type === 'insert' && texts.length > 0 && isChained(op)) texts.push(op.text);
      else {
        close();
        joined.push(op);
        texts = [op.text];
      }
      continue;
    }
    close();
    if (op.type !== 'delete') {
      joined.push(op);
      continue;
    }
    const { replicaId, counter } = op.target;
    if (
      last?.type === 'delete' &&
      last.target.replicaId === replicaId &&
      last.target.counter + last.length === counter
    )
      joined[joined.length - 1] = { ...last, length: last.length + op.length };
    else joined.push(op);
  }
  close();
  return joined;
}

/**
 * `ops`, which take up counters without gaps, cut into lists that take `counters` each; `undefined` when that cuts
 * something other than an insert or a delete.
 */
export function splitForHistory(
  ops: readonly TextOp[],
  counters: readonly number[],
): readonly (readonly TextOp[])[] | undefined {
  const lists: (readonly TextOp[])[] = [];
  let at = 0;
  let rest = ops[0];
  for (const count of counters) {
    const list: TextOp[] = [];
    let left = count;
    while (left > 0) {
      assert(rest !== undefined, 'the operations take as many counters as the lists');
      const length = lengthOf(rest);
      if (length <= left) {
        list.push(rest);
        left -= length;
        rest = ops[++at];
        continue;
      }
      if (rest.type !== 'insert' && rest.type !== 'delete') return undefined;
      const [head, tail] = cut(rest, left);
      list.push(head);
      rest = tail;
      left = 0;
    }
    lists.push(list);
  }
  return lists;
}

function cut(op: InsertOp | DeleteOp, at: number): readonly [TextOp, TextOp] {
  const { replicaId, counter } = op.id;
  const id = { replicaId, counter: counter + at };
  if (op.type === 'insert') {
    const parent = { replicaId, counter: counter + at - 1 };
    return [
      { ...op, text: op.text.slice(0, at) },
      { type: 'insert', id, parent, side: 'right', text: op.text.slice(at) },
    ];
  }
  const target = { ...op.target, counter: op.target.counter + at };
  return [
    { ...op, length: at },
    { type: 'delete', id, target, length: op.length - at },
  ];
}
