/** The second half of checking a state: its runs by counter, and which of the deleted ones are surrogate pairs. */
import type { Reader } from '../../base/codec.ts';
import { counterMax } from '../../base/limits.ts';
import type { ColumnReader } from './columns.ts';
import { ROOT } from './runs.ts';
import type { Runs } from './runs.ts';
import { loadedChunkRuns } from './state-format.ts';
import type { Order } from './state-format.ts';

/**
 * `heads`: the runs of one replica that are no chains, in text order; `last`: the highest start of all runs; `pieces`: by run,
 * the run that goes on with the next id, 0 for none. No id may be there twice: each of `heads`, with what goes on it, ends
 * before the next begins.
 */
export function orderOf(
  reader: Reader,
  heads: number[],
  last: number,
  runs: Runs,
  pieces: Int32Array,
): Order {
  if (heads.length === 0) reader.fail('a replica without text');
  const { start, length } = runs;
  const sorted = sortedByStart(heads, start, last);
  let chunk: number[] = [];
  const chunks = [chunk];
  let end = 0;
  for (let at = 0; at < sorted.length; at++) {
    let piece = sorted[at] as number;
    if ((start[piece] as number) < end) reader.fail('id already used');
    let next = piece;
    do {
      piece = next;
      if (chunk.length === loadedChunkRuns) chunks.push((chunk = []));
      chunk.push(piece);
      next = pieces[piece] as number;
    } while (next !== 0);
    end = (start[piece] as number) + (length[piece] as number);
  }
  return { chunks, end };
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
export function readPairs(reader: Reader, column: ColumnReader, runs: Runs): readonly number[] {
  const { count, agent, start, length, visible } = runs;
  const pairs: number[] = [];
  if (column.left === 0) return pairs;
  let gap = column.varUint(counterMax);
  for (let run = ROOT + 1; run < count && gap < Infinity; run++) {
    if ((visible[run] as number) > 0) continue;
    const characters = length[run] as number;
    let offset = 0;
    while (offset + gap < characters) {
      offset += gap;
      if (offset + 2 > characters) reader.fail('splits a surrogate pair');
      pairs.push(agent[run] as number, (start[run] as number) + offset);
      offset += 2;
      gap = column.left > 0 ? column.varUint(counterMax) : Infinity;
    }
    gap -= characters - offset;
  }
  if (gap < Infinity) reader.fail('unknown pair');
  return pairs;
}
