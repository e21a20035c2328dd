/**
 * Encoding and decoding as lib0 does, with the one rule that everything from outside is hostile: every decoder runs
 * inside `decode`, which turns what is malformed into a reason. A decoder checks each length against what is left
 * **before** it allocates. Reading is done here, not by lib0: its decoder would be one more object and two more calls for
 * each number of a keystroke that is four bytes long.
 */
import * as encoding from 'lib0/encoding';

export type Decoded<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly reason: string };

/** Thrown inside `decode` only, to leave a nested reader; never crosses a module's boundary. */
class Malformed extends Error {
  override readonly name = 'Malformed';
}

export class Reader {
  readonly #input: Uint8Array;
  #at = 0;
  constructor(input: Uint8Array) {
    this.#input = input;
  }
  /** Bytes not read yet. */
  get left(): number {
    return this.#input.length - this.#at;
  }
  /** Bytes read so far. */
  get at(): number {
    return this.#at;
  }
  fail(reason: string): never {
    throw new Malformed(reason);
  }
  byte(): number {
    const byte = this.#input[this.#at];
    if (byte === undefined) return this.fail('short');
    this.#at++;
    return byte;
  }
  /** lib0's unsigned variable-length integer, ≤ `max`. */
  varUint(max: number = Number.MAX_SAFE_INTEGER): number {
    let byte = this.byte();
    let value = byte & 127;
    for (let scale = 128; byte > 127; scale *= 128) {
      if (scale > 2 ** 49) this.fail('number too large');
      byte = this.byte();
      value += (byte & 127) * scale;
      if (value > Number.MAX_SAFE_INTEGER) this.fail('number too large');
    }
    if (value > max) this.fail('number too large');
    return value;
  }
  /** Exactly `length` bytes, as a view into the input. */
  bytes(length: number): Uint8Array {
    if (length > this.left) this.fail('short');
    const from = this.#at;
    this.#at = from + length;
    return this.#input.subarray(from, this.#at);
  }
  /**
   * `length` ASCII characters; `undefined`, and nothing read, when one of them is not. For short texts: cutting
   * out bytes and calling the platform's decoder costs more than some dozens of characters.
   */
  ascii(length: number): string | undefined {
    if (length > this.left) this.fail('short');
    const units = new Array<number>(length);
    for (let i = 0; i < length; i++) {
      const unit = this.#input[this.#at + i] as number;
      if (unit >= 0x80) return undefined;
      units[i] = unit;
    }
    this.#at += length;
    return String.fromCharCode(...units);
  }
  /** Bytes preceded by their length ≤ `max`, as a view into the input. */
  varBytes(max: number): Uint8Array {
    return this.bytes(this.varUint(max));
  }
  /** UTF-8 preceded by its length in bytes ≤ `max`; ill-formed UTF-8 is refused. */
  varString(max: number): string {
    try {
      return utf8Decoder.decode(this.varBytes(max));
    } catch (error) {
      if (error instanceof Malformed) throw error;
      return this.fail('ill-formed UTF-8');
    }
  }
  end(): void {
    if (this.left > 0) this.fail('trailing bytes');
  }
}

const utf8Decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export class Writer {
  readonly #encoder = encoding.createEncoder();
  get length(): number {
    return encoding.length(this.#encoder);
  }
  byte(value: number): this {
    encoding.writeUint8(this.#encoder, value);
    return this;
  }
  varUint(value: number): this {
    encoding.writeVarUint(this.#encoder, value);
    return this;
  }
  bytes(bytes: Uint8Array): this {
    encoding.writeUint8Array(this.#encoder, bytes);
    return this;
  }
  varBytes(bytes: Uint8Array): this {
    encoding.writeVarUint8Array(this.#encoder, bytes);
    return this;
  }
  varString(text: string): this {
    encoding.writeVarString(this.#encoder, text);
    return this;
  }
  finish(): Uint8Array<ArrayBuffer> {
    return encoding.toUint8Array(this.#encoder);
  }
}

/** Runs `read` over `bytes`; whatever is malformed becomes a reason. The whole input must be used up. */
export function decode<T>(bytes: Uint8Array, read: (reader: Reader) => T): Decoded<T> {
  const reader = new Reader(bytes);
  try {
    const value = read(reader);
    reader.end();
    return { ok: true, value };
  } catch (error) {
    if (error instanceof Malformed) return { ok: false, reason: error.message };
    throw error;
  }
}
