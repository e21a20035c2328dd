/** Ranges of ids. */
import { counterMax } from '../../base/limits.ts';
import type { OpId } from '../context.ts';
import type { IdRange } from './messages.ts';

/** Are `length` (>= 1) counters from `counter` on all such as a log can give out? */
export function isRange(counter: number, length: number): boolean {
  return (
    Number.isSafeInteger(counter) &&
    counter >= 0 &&
    Number.isSafeInteger(length) &&
    length > 0 &&
    counter + length <= counterMax
  );
}

/** How many characters ranges have together. */
export function lengthOfRanges(ranges: readonly IdRange[]): number {
  let length = 0;
  for (const range of ranges) length += range.length;
  return length;
}

/** The same ids in the same order, in as few ranges as can be. */
export function joinRanges(ranges: readonly IdRange[]): readonly IdRange[] {
  const joined: IdRange[] = [];
  for (const range of ranges) {
    const last = joined[joined.length - 1];
    if (last !== undefined && follows(last, range.target))
      joined[joined.length - 1] = { target: last.target, length: last.length + range.length };
    else joined.push(range);
  }
  return joined;
}

/** The id `offset` after `id`. */
export function idAt(id: OpId, offset: number): OpId {
  return { replicaId: id.replicaId, counter: id.counter + offset };
}

function follows({ target, length }: IdRange, id: OpId): boolean {
  return id.counter === target.counter + length && id.replicaId === target.replicaId;
}
