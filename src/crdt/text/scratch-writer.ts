/**
 * A writer that is used again and again. `base/codec.ts` makes a new buffer for every message, which is right
 * for messages and costs more than everything else together for an operation of four bytes: a keystroke is
 * encoded on its own, and a replayed history is two hundred thousand of them. The bytes are lib0's.
 */

/** A buffer grown beyond this by one large paste is not kept. */
const keptBytesMax = 64 * 1024;

/** Up to here a loop is faster than `slice`, which costs more than the rest of a keystroke's encoding. */
const copiedByHandMax = 64;

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

  /** The characters of `text`, which must all be ASCII. */
  ascii(text: string): this {
    this.#reserve(text.length);
    for (let i = 0; i < text.length; i++) this.#buffer[this.#length++] = text.charCodeAt(i);
    return this;
  }

  /** A copy of what was written. */
  finish(): Uint8Array<ArrayBuffer> {
    const length = this.#length;
    if (length > copiedByHandMax) return this.#buffer.slice(0, length);
    const copy = new Uint8Array(length);
    for (let i = 0; i < length; i++) copy[i] = this.#buffer[i] as number;
    return copy;
  }

  #reserve(count: number): void {
    const needed = this.#length + count;
    if (needed <= this.#buffer.length) return;
    const larger = new Uint8Array(Math.max(needed, 2 * this.#buffer.length));
    larger.set(this.#buffer.subarray(0, this.#length));
    this.#buffer = larger;
  }
}
