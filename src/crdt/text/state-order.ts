/** The second half of checking a state: its runs by counter, and which of the deleted ones are surrogate pairs. */
import type { Reader } from '../../base/codec.ts';
import { counterMax } from '../../base/limits.ts';
import type { ColumnReader } from './columns.ts';
import { frozenChunkRuns, VISIBLE } from './state-format.ts';
import type { Order, StateColumns } from './state-format.ts';

type Ids = Pick<StateColumns, 'headers' | 'authors' | 'starts' | 'lengths'>;

/** `heads`: the runs of one replica that are no chains, in text order; `last`: the highest start of all runs. */
export function orderOf(reader: Reader, heads: number[], last: number, ids: Ids, pieces: Int32Array): Order {
  if (heads.length === 0) reader.fail('a replica without text');
  const sorted = sortedByStart(heads, ids.starts, last);
  return { heads: sorted, ...cut(reader, sorted, ids, pieces) };
}

/** `Order.cuts` and `Order.end`. No id may be there twice: each of `heads`, with what goes on it, ends before the next begins. */
function cut(
  reader: Reader,
  heads: readonly number[],
  ids: Ids,
  pieces: Int32Array,
): Pick<Order, 'cuts' | 'end'> {
  const { starts, lengths } = ids;
  const cuts: number[] = [];
  let end = 0;
  let left = 0;
  for (let at = 0; at < heads.length; at++) {
    let piece = heads[at] as number;
    if ((starts[piece] as number) < end) reader.fail('id already used');
    let next = piece;
    do {
      piece = next;
      if (left === 0) {
        cuts.push(at, piece);
        left = frozenChunkRuns;
      }
      left--;
      next = pieces[piece] as number;
    } while (next !== 0);
    end = (starts[piece] as number) + (lengths[piece] as number);
  }
  return { cuts, end };
}

/** `last`: the highest start of all. */
function sortedByStart(runs: number[], starts: readonly number[], last: number): readonly number[] {
  const count = starts.length;
  // Numbers alone sort several times as fast, so start and index make one, unless counters are beyond what people type.
  if ((last + 1) * count > Number.MAX_SAFE_INTEGER)
    return runs.sort((a, b) => (starts[a] as number) - (starts[b] as number));
  const keys = new Float64Array(runs.length);
  for (let at = 0; at < runs.length; at++) {
    const run = runs[at] as number;
    keys[at] = (starts[run] as number) * count + run;
  }
  keys.sort();
  for (let at = 0; at < runs.length; at++) runs[at] = (keys[at] as number) % count;
  return runs;
}

/** Each is given by the tombstones since the one before: a pair never lies in two runs, nor is half a pair one. */
export function readPairs(reader: Reader, column: ColumnReader, ids: Ids): readonly number[] {
  const { headers, authors, starts, lengths } = ids;
  const pairs: number[] = [];
  if (column.left === 0) return pairs;
  let gap = column.varUint(counterMax);
  for (let i = 0; i < headers.length && gap < Infinity; i++) {
    if ((headers[i] as number) & VISIBLE) continue;
    const length = lengths[i] as number;
    let offset = 0;
    while (offset + gap < length) {
      offset += gap;
      if (offset + 2 > length) reader.fail('splits a surrogate pair');
      pairs.push(authors[i] as number, (starts[i] as number) + offset);
      offset += 2;
      gap = column.left > 0 ? column.varUint(counterMax) : Infinity;
    }
    gap -= length - offset;
  }
  if (gap < Infinity) reader.fail('unknown pair');
  return pairs;
}
