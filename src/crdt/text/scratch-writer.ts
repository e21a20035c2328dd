/**
 * A writer that is used again and again. `base/codec.ts` makes a new buffer for every message, which is right
 * for messages and costs more than everything else together for an operation of four bytes: a keystroke is
 * encoded on its own, and a replayed history is two hundred thousand of them. The bytes are lib0's.
 */

const bufferBytes = 4096;
/** A buffer grown beyond this by one large paste is not kept. */
const keptBytesMax = 64 * 1024;

/**
 * What is not longer is handed out as a piece of the buffer, which is then never written again: a buffer of its own for each
 * keystroke is three objects instead of one, and collecting them cost more than encoding. Whoever keeps such bytes
 * keeps the others of the buffer.
 */
const sharedMax = 64;

export class ScratchWriter {
  #buffer = new Uint8Array(bufferBytes);
  /** Where what is being written begins; before it is what was handed out. */
  #start = 0;
  /** Where it ends. */
  #end = 0;

  /** Begins anew; what was written and not finished is forgotten. */
  begin(): this {
    const { length } = this.#buffer;
    if (length - this.#start < sharedMax || length > keptBytesMax) {
      this.#buffer = new Uint8Array(bufferBytes);
      this.#start = 0;
    }
    this.#end = this.#start;
    return this;
  }

  byte(value: number): this {
    this.#reserve(1);
    this.#buffer[this.#end++] = value;
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
    this.#buffer.set(bytes, this.#end);
    this.#end += bytes.length;
    return this;
  }

  /** The characters of `text`, which must all be ASCII. */
  ascii(text: string): this {
    this.#reserve(text.length);
    for (let i = 0; i < text.length; i++) this.#buffer[this.#end++] = text.charCodeAt(i);
    return this;
  }

  /** What was written. Nobody changes it any more. */
  finish(): Uint8Array<ArrayBuffer> {
    const start = this.#start;
    const length = this.#end - start;
    if (length > sharedMax) return this.#buffer.slice(start, this.#end);
    this.#start = this.#end;
    return new Uint8Array(this.#buffer.buffer, start, length);
  }

  #reserve(count: number): void {
    if (this.#end + count <= this.#buffer.length) return;
    const written = this.#buffer.subarray(this.#start, this.#end);
    const larger = new Uint8Array(Math.max(written.length + count, 2 * this.#buffer.length));
    larger.set(written);
    this.#buffer = larger;
    this.#start = 0;
    this.#end = written.length;
  }
}
