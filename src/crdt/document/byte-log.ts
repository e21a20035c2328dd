/**
 * Many short byte strings, one after the other, appended and read by number. An array of Uint8Arrays costs a hundred
 * bytes for each, which is more than a keystroke's batch has itself.
 */
// A typed array of up to 64 bytes lies on the heap; a larger one is an allocation of its own, and there is one for each author.
const firstBytes = 64;

export class ByteLog {
  #buffer = new Uint8Array(firstBytes);
  /** Where each ends. */
  readonly #ends: number[] = [];

  get count(): number {
    return this.#ends.length;
  }

  push(bytes: Uint8Array): void {
    const start = this.#ends[this.#ends.length - 1] ?? 0;
    const end = start + bytes.length;
    if (end > this.#buffer.length) {
      const larger = new Uint8Array(Math.max(end, 2 * this.#buffer.length));
      larger.set(this.#buffer.subarray(0, start));
      this.#buffer = larger;
    }
    this.#buffer.set(bytes, start);
    this.#ends.push(end);
  }

  /** Drops the first `count`. */
  dropFirst(count: number): void {
    const start = this.#ends[count - 1] ?? 0;
    const kept = this.#buffer.subarray(start, this.#ends[this.#ends.length - 1] ?? 0);
    this.#buffer = new Uint8Array(Math.max(firstBytes, kept.length));
    this.#buffer.set(kept);
    this.#ends.splice(0, count);
    for (let i = 0; i < this.#ends.length; i++) this.#ends[i] = (this.#ends[i] as number) - start;
  }

  /** A view; what is appended later does not change it. */
  at(index: number): Uint8Array {
    return this.#buffer.subarray(this.#ends[index - 1] ?? 0, this.#ends[index]);
  }
}
