/**
 * Many short byte strings, one after the other, appended and read by number. An array of Uint8Arrays costs a hundred
 * bytes for each, which is more than a keystroke's batch has itself.
 */
const firstBytes = 256;

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

  /** A view; what is appended later does not change it. */
  at(index: number): Uint8Array {
    return this.#buffer.subarray(this.#ends[index - 1] ?? 0, this.#ends[index]);
  }
}
