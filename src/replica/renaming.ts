/**
 * Operations under the names that they have where logs have branches: see `Reading` in src/sync/pasts.ts. A range of characters
 * may lie across the place where a log parts; it becomes one on each side.
 */
import { assertNever } from '../base/assert.ts';
import { opId, type OpId } from '../crdt/context.ts';
import {
  deleteOp,
  insertOp,
  type IdRange,
  type MarkOp,
  type RelativePosition,
  type TextChange,
  type TextOp,
} from '../crdt/text/messages.ts';
import type { Reading } from '../sync/pasts.ts';

/** Undefined when one of them names an operation and not which branch's. */
export function renamed(ops: readonly TextOp[], reading: Reading): TextOp[] | undefined {
  const all: TextOp[] = [];
  for (const op of ops) {
    const as = renameOne(op, reading);
    if (as === undefined) return undefined;
    all.push(...as);
  }
  return all;
}

function renameOne(op: TextOp, reading: Reading): readonly TextOp[] | undefined {
  switch (op.type) {
    case 'insert': {
      if (op.parent === null) return [op];
      const parent = idOf(op.parent, reading);
      return parent && [insertOp(op.id, parent, op.side, op.text)];
    }
    case 'delete': {
      const { replicaId, counter } = op.id;
      let done = 0;
      return rangesOf(op, reading)?.map(({ target, length }) => {
        const part = deleteOp(opId(replicaId, counter + done), target, length);
        done += length;
        return part;
      });
    }
    case 'mark':
      return renameMark(op, reading);
    case 'restore': {
      const ranges: IdRange[] = [];
      for (const range of op.ranges) {
        const parts = rangesOf(range, reading);
        if (parts === undefined) return undefined;
        ranges.push(...parts);
      }
      return [{ ...op, ranges }];
    }
    case 'unknown':
      return [op];
    default:
      return assertNever(op);
  }
}

function renameMark(op: MarkOp, reading: Reading): MarkOp[] | undefined {
  const [start, end] = [positionOf(op.start, reading), positionOf(op.end, reading)];
  const follows = op.follows && idOf(op.follows, reading);
  if (start === undefined || end === undefined || (op.follows !== undefined && follows === undefined))
    return undefined;
  return [{ ...op, start, end, ...(follows === undefined ? {} : { follows }) }];
}

function idOf({ replicaId, counter }: OpId, reading: Reading): OpId | undefined {
  const meaning = reading.meaningOf(replicaId, counter);
  return meaning && opId(meaning.replicaId, counter);
}

function positionOf(position: RelativePosition, reading: Reading): RelativePosition | undefined {
  if (position.id === null) return position;
  const id = idOf(position.id, reading);
  return id && { id, assoc: position.assoc };
}

function rangesOf({ target, length }: IdRange, reading: Reading): IdRange[] | undefined {
  const ranges: IdRange[] = [];
  for (let done = 0; done < length;) {
    const counter = target.counter + done;
    const meaning = reading.meaningOf(target.replicaId, counter);
    if (meaning === undefined) return undefined;
    const part = Math.min(length - done, meaning.room);
    ranges.push({ target: opId(meaning.replicaId, counter), length: part });
    done += part;
  }
  return ranges;
}

/** What makes `after` of `before`, as one change: for an editor whose document was built anew. No change where they are the same. */
export function changesBetween(before: string, after: string): TextChange[] {
  if (before === after) return [];
  const most = Math.min(before.length, after.length);
  let from = 0;
  while (from < most && before[from] === after[from]) from++;
  let same = 0;
  while (same < most - from && before[before.length - 1 - same] === after[after.length - 1 - same]) same++;
  // Never within a pair of surrogates.
  if (from > 0 && isHigh(before.charCodeAt(from - 1))) from--;
  if (same > 0 && isLow(before.charCodeAt(before.length - same))) same--;
  return [{ from, to: before.length - same, insert: after.slice(from, after.length - same) }];
}

const isHigh = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdbff;
const isLow = (unit: number): boolean => unit >= 0xdc00 && unit <= 0xdfff;
