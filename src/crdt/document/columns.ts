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

/** Goes through a column of `count` values, each at most `max`, and keeps one of them. */
export class RunsCursor {
  readonly #reader: Reader;
  readonly #max: number;
  #left: number;
  #value = -1;
  #run = 0;

  constructor(reader: Reader, count: number, max: number) {
    this.#reader = reader;
    this.#left = count;
    this.#max = Math.max(0, max);
  }

  next(): number {
    if (this.#run === 0) this.nextRun();
    this.#run--;
    return this.#value;
  }

  /** Goes to the next run of values that has not begun; how long it is. */
  nextRun(): number {
    const value = this.#reader.varUint(this.#max);
    this.#run = this.#reader.varUint(this.#left);
    if (this.#run === 0 || value === this.#value) this.#reader.fail('run not in its one form');
    this.#left -= this.#run;
    this.#value = value;
    return this.#run;
  }

  get value(): number {
    return this.#value;
  }
}

/** Passes over a column: a cursor at its beginning, what its values add up to, and the least of them. */
export function lookAtRuns(
  reader: Reader,
  count: number,
  max: number,
): { readonly cursor: RunsCursor; readonly sum: number; readonly least: number } {
  const cursor = new RunsCursor(reader.again(reader.at), count, max);
  const passing = new RunsCursor(reader, count, max);
  let sum = 0;
  let least = Infinity;
  for (let left = count; left > 0;) {
    const run = passing.nextRun();
    sum += run * passing.value;
    least = Math.min(least, passing.value);
    left -= run;
  }
  return { cursor, sum, least };
}
