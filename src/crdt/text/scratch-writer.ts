/**
 * A writer that is used again and again. `base/codec.ts` makes a new buffer for every message, which is right
 * for messages and costs more than everything else together for an operation of four bytes: a keystroke is
 * encoded on its own, and a replayed history is two hundred thousand of them. The bytes are lib0's.
 */

/** A buffer grown beyond this by one large paste is not kept. */
const keptBytesMax = 64 * 1024;

export class ScratchWriter {
  #buffer = new Uint8Array(1024);
  #length = 0;

  /** Begins anew; what was written and not finished is forgotten. */
  begin(): this {
    if (this.#buffer.length > keptBytesMax) this.#buffer = new Uint8Array(keptBytesMax);
    this.#length = 0;
    return this;
  }

  byte(value: number): this {
    this.#reserve(1);
    this.#buffer[this.#length++] = value;
    return this;
  }

  /** lib0's unsigned variable-length integer, `0 <= value < 2^53`. */
  varUint(value: number): this {
    let left = value;
    for (; left > 127; left = Math.floor(left / 128)) this.byte(128 | (left & 127));
    return this.byte(left);
  }

  bytes(bytes: Uint8Array): this {
    this.#reserve(bytes.length);
    this.#buffer.set(bytes, this.#length);
    this.#length += bytes.length;
    return this;
  }

  /** A copy of what was written. */
  finish(): Uint8Array<ArrayBuffer> {
    return this.#buffer.slice(0, this.#length);
  }

  #reserve(count: number): void {
    const needed = this.#length + count;
    if (needed <= this.#buffer.length) return;
    const larger = new Uint8Array(Math.max(needed, 2 * this.#buffer.length));
    larger.set(this.#buffer.subarray(0, this.#length));
    this.#buffer = larger;
  }
}
