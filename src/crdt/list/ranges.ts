/** Ranges of counters that an incoming list of operations brings, by their starts. */
export class Ranges {
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];

  add(start: number, end: number): void {
    const at = this.#slotOf(start) + 1;
    this.#starts.splice(at, 0, start);
    this.#ends.splice(at, 0, end);
  }

  /** Where the range that holds `counter` ends. */
  endOf(counter: number): number | undefined {
    const end = this.#ends[this.#slotOf(counter)];
    return end !== undefined && end > counter ? end : undefined;
  }

  /** Index of the last range that starts at or before `counter`, or -1. */
  #slotOf(counter: number): number {
    let low = -1;
    let high = this.#starts.length;
    // Honest lists come in the order of their counters.
    if (high > 0 && (this.#starts[high - 1] as number) <= counter) return high - 1;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((this.#starts[middle] as number) <= counter) low = middle;
      else high = middle;
    }
    return low;
  }
}
