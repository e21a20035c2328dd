/**
 * Encoding and decoding on lib0, with the one rule that everything from outside is hostile: lib0's decoder
 * throws on a short or overlong input, so every decoder here runs inside `decode`, which turns that into a
 * reason. A decoder checks each length against what is left **before** it allocates.
 */
import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';

export type Decoded<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly reason: string };

/** Thrown inside `decode` only, to leave a nested reader; never crosses a module's boundary. */
class Malformed extends Error {
  override readonly name = 'Malformed';
}

export class Reader {
  readonly #decoder: decoding.Decoder;
  constructor(bytes: Uint8Array) {
    this.#decoder = decoding.createDecoder(bytes as Uint8Array<ArrayBuffer>);
  }
  /** Bytes not read yet. */
  get left(): number {
    return this.#decoder.arr.length - this.#decoder.pos;
  }
  /** Bytes read so far. */
  get at(): number {
    return this.#decoder.pos;
  }
  fail(reason: string): never {
    throw new Malformed(reason);
  }
  byte(): number {
    const decoder = this.#decoder;
    if (decoder.pos >= decoder.arr.length) this.fail('short');
    return decoder.arr[decoder.pos++] as number;
  }
  /** An unsigned integer ≤ `max`. */
  varUint(max: number = Number.MAX_SAFE_INTEGER): number {
    const decoder = this.#decoder;
    // Most are small: lib0's loop is for the others, and for the end of the input.
    const first = decoder.arr[decoder.pos] ?? 0x80;
    if (first < 0x80) decoder.pos++;
    const value = first < 0x80 ? first : decoding.readVarUint(decoder);
    if (value > max) this.fail('number too large');
    return value;
  }
  /** Exactly `length` bytes, as a view into the input. */
  bytes(length: number): Uint8Array {
    if (length > this.left) this.fail('short');
    return decoding.readUint8Array(this.#decoder, length);
  }
  /**
   * `length` ASCII characters; `undefined`, and nothing read, when one of them is not. For short texts: cutting
   * out bytes and calling the platform's decoder costs more than some dozens of characters.
   */
  ascii(length: number): string | undefined {
    if (length > this.left) this.fail('short');
    const { arr, pos } = this.#decoder;
    const units = new Array<number>(length);
    for (let i = 0; i < length; i++) {
      const unit = arr[pos + i] as number;
      if (unit >= 0x80) return undefined;
      units[i] = unit;
    }
    this.#decoder.pos = pos + length;
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
    // lib0 throws plain Errors of its own for a short varint or one above 2^53.
    if (error instanceof Error && lib0Messages.has(error.message)) return { ok: false, reason: 'short' };
    throw error;
  }
}

const lib0Messages = new Set(['Unexpected end of array', 'Integer out of Range']);
