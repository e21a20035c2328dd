/** A column of whole numbers, run-length: each value once with how often it follows itself. */
import type { Reader, Writer } from '../../base/codec.ts';

export function writeRuns(writer: Writer, values: readonly number[]): void {
  for (let at = 0; at < values.length;) {
    const value = values[at] as number;
    let end = at + 1;
    while (end < values.length && values[end] === value) end++;
    writer.varUint(value).varUint(end - at);
    at = end;
  }
}

/**
 * `count` values, each at most `max`. The caller has seen to it that `count` is in proportion to the input: a run
 * itself is two bytes, however long.
 */
export function readRuns(reader: Reader, count: number, max: number): readonly number[] {
  const values: number[] = [];
  let last = -1;
  while (values.length < count) {
    const value = reader.varUint(Math.max(0, max));
    const run = reader.varUint(count - values.length);
    if (run === 0 || value === last) reader.fail('run not in its one form');
    last = value;
    for (let i = 0; i < run; i++) values.push(value);
  }
  return values;
}
