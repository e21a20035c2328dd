/**
 * Reading and writing bytes, with the one rule that everything from outside is hostile: every decoder runs inside
 * `decode`, which turns what is short, overlong or out of range into a reason, and checks each length against what is left
 * **before** it allocates.
 *
 * The bytes are lib0's, and the tests hold them to it. Its own encoder begins with a buffer of a hundred bytes outside of the
 * heap, and each call goes through a closure or two: for an operation of ten bytes that costs more than the operation.
 */
import { hexByte, idAt, utf8 } from './bytes.ts';

export type Decoded<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly reason: string };

/** Thrown inside `decode` only, to leave a nested reader; never crosses a module's boundary. */
class Malformed extends Error {
  override readonly name = 'Malformed';
  reason = '';
}
/**
 * One for all, since whoever catches it reads it at once: the stack of a new one costs more than all that was read, and how
 * often is for whoever sends rubbish to say.
 */
const malformed = new Malformed();

/** Of `decodeTwice`. */
let pass: 'none' | 'look' | 'keep' = 'none';

export class Reader {
  /** Only looks: what it reads is thrown away, and nothing that grows with the input may be kept. See `decodeTwice`. */
  readonly looks = pass === 'look';
  readonly #bytes: Uint8Array;
  #at = 0;
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }
  /** Bytes not read yet. */
  get left(): number {
    return this.#bytes.length - this.#at;
  }
  /** Bytes read so far. */
  get at(): number {
    return this.#at;
  }
  fail(reason: string): never {
    malformed.reason = reason;
    throw malformed;
  }
  /** The byte that comes next, not read yet. */
  peek(): number {
    return this.#bytes[this.#at] ?? this.fail('short');
  }
  byte(): number {
    return this.#bytes[this.#at++] ?? this.fail('short');
  }
  /** An unsigned integer ≤ `max`. */
  varUint(max: number = Number.MAX_SAFE_INTEGER): number {
    let byte = this.#bytes[this.#at++] ?? this.fail('short');
    if (byte < 128 && byte <= max) return byte;
    let value = byte & 127;
    for (let scale = 128; byte >= 128; scale *= 128) {
      // Nothing is exact any more.
      if (scale > Number.MAX_SAFE_INTEGER) this.fail('number too large');
      byte = this.#bytes[this.#at++] ?? this.fail('short');
      value += (byte & 127) * scale;
      // One number has one form, as lib0 writes it.
      if (byte === 0) this.fail('not the shortest form');
    }
    if (value > max) this.fail('number too large');
    return value;
  }
  /** Exactly `length` bytes, as a view into the input. */
  bytes(length: number): Uint8Array {
    if (length > this.left) this.fail('short');
    const at = this.#at;
    this.#at = at + length;
    return this.#bytes.subarray(at, at + length);
  }
  /**
   * `length` ASCII characters; `undefined`, and nothing read, when one of them is not. For short texts: cutting
   * out bytes and calling the platform's decoder costs more than some dozens of characters.
   */
  ascii(length: number): string | undefined {
    if (length > this.left) this.fail('short');
    const at = this.#at;
    const units = new Array<number>(length);
    for (let i = 0; i < length; i++) {
      const unit = this.#bytes[at + i] as number;
      if (unit >= 0x80) return undefined;
      units[i] = unit;
    }
    this.#at = at + length;
    return String.fromCharCode(...units);
  }
  /** An id of `length` bytes, as hex. */
  id(length: number): string {
    if (length > this.left) this.fail('short');
    const at = this.#at;
    this.#at = at + length;
    return idAt(this.#bytes, at, length);
  }
  /** Another reader of the same bytes, which begins at `at`. */
  again(at: number): Reader {
    const reader = new Reader(this.#bytes);
    reader.#at = at;
    return reader;
  }
  /** What was read from `from` on, as a view into the input. */
  since(from: number): Uint8Array {
    return this.#bytes.subarray(from, this.#at);
  }
  /** Bytes preceded by their length ≤ `max`, as a view into the input. */
  varBytes(max: number): Uint8Array {
    return this.bytes(this.varUint(max));
  }
  /** UTF-8 preceded by its length in bytes ≤ `max`; ill-formed UTF-8 is refused. */
  varString(max: number): string {
    const length = this.varUint(max);
    const short = length <= shortMax ? this.ascii(length) : undefined;
    if (short !== undefined) return short;
    const bytes = this.bytes(length);
    try {
      return utf8Decoder.decode(bytes);
    } catch {
      return this.fail('ill-formed UTF-8');
    }
  }
  end(): void {
    if (this.left > 0) this.fail('trailing bytes');
  }
}

const utf8Decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Texts up to here are written and read by hand: a call of the platform's codecs costs as much. */
const shortMax = 48;
/** Up to here a loop is faster than `set` and `slice`. V8 keeps arrays up to this in its own heap, where one costs a tenth. */
const copiedByHandMax = 64;
/** A buffer that outgrew this is not kept. */
const keptBytesMax = 16 * 1024;
/** Buffers of writers that are done, for the next ones: as many as write at once, one inside the other. */
const spare: Uint8Array<ArrayBuffer>[] = [];
const spareMax = 8;
const noBytes = new Uint8Array();

/** Writes one message; `finish` ends it. */
export class Writer {
  #buffer = spare.pop() ?? new Uint8Array(1024);
  #length = 0;
  get length(): number {
    return this.#length;
  }
  byte(value: number): this {
    if (this.#length === this.#buffer.length) this.#reserve(1);
    this.#buffer[this.#length++] = value;
    return this;
  }
  /** `0 <= value <= Number.MAX_SAFE_INTEGER`. */
  varUint(value: number): this {
    let left = value;
    // In 32 bits as soon as it fits: a division of doubles costs more than the rest.
    for (; left > 0x7fffffff; left = Math.floor(left / 128)) this.byte(128 | (left & 127));
    for (; left > 127; left >>>= 7) this.byte(128 | (left & 127));
    return this.byte(left);
  }
  bytes(bytes: Uint8Array): this {
    const { length } = bytes;
    this.#reserve(length);
    if (length > copiedByHandMax) this.#buffer.set(bytes, this.#length);
    else for (let i = 0; i < length; i++) this.#buffer[this.#length + i] = bytes[i] as number;
    this.#length += length;
    return this;
  }
  /** The bytes of an id. */
  id(hex: string): this {
    for (let n = 0; 2 * n < hex.length; n++) this.byte(hexByte(hex, n));
    return this;
  }
  varBytes(bytes: Uint8Array): this {
    return this.varUint(bytes.length).bytes(bytes);
  }
  varString(text: string): this {
    const { length } = text;
    if (length > shortMax) return this.varBytes(utf8(text));
    const before = this.#length;
    this.#reserve(length + 1);
    this.#buffer[this.#length++] = length;
    for (let i = 0; i < length; i++) {
      const unit = text.charCodeAt(i);
      if (unit >= 0x80) {
        this.#length = before;
        return this.varBytes(utf8(text));
      }
      this.#buffer[this.#length++] = unit;
    }
    return this;
  }
  /** What was written. The writer is empty then. */
  finish(): Uint8Array<ArrayBuffer> {
    const buffer = this.#buffer;
    const length = this.#length;
    this.#buffer = noBytes;
    this.#length = 0;
    if (buffer.length <= keptBytesMax && spare.length < spareMax) spare.push(buffer);
    if (length > copiedByHandMax) return buffer.slice(0, length);
    const copy = new Uint8Array(length);
    for (let i = 0; i < length; i++) copy[i] = buffer[i] as number;
    return copy;
  }
  #reserve(count: number): void {
    const needed = this.#length + count;
    if (needed <= this.#buffer.length) return;
    const larger = new Uint8Array(Math.max(needed, 2 * this.#buffer.length, copiedByHandMax));
    larger.set(this.#buffer.subarray(0, this.#length));
    this.#buffer = larger;
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
    if (error instanceof Malformed) return { ok: false, reason: error.reason };
    throw error;
  }
}

/** An input up to here is read at once: whatever it becomes is a few pages. */
const readAtOnceMax = 512;

/**
 * As `decode`, for what becomes many times as large when it is read: an operation of one byte is an object of a hundred. Whoever
 * sends a megabyte of them with one mistake at the end must not make us hold a hundred. So all of it is looked at first, keeping
 * nothing, and read again only when nothing is wrong. `read` runs twice: where `reader.looks`, it checks the same and what it
 * returns is not used.
 */
export function decodeTwice<T>(bytes: Uint8Array, read: (reader: Reader) => T): Decoded<T> {
  // A part of something that is being looked at, or was.
  if (pass !== 'none' || bytes.length <= readAtOnceMax) return decode(bytes, read);
  try {
    pass = 'look';
    const looked = decode(bytes, read);
    pass = 'keep';
    return looked.ok ? decode(bytes, read) : looked;
  } finally {
    pass = 'none';
  }
}

/**
 * As `decodeTwice`, for a state whose parts refer to each other: `look` goes through the whole input, however short, and refuses whatever
 * `read` could not make sense of, with a few bytes for each byte of it; `read` then believes what it finds. Inside of something that
 * is only looked at nothing is read, and the value is `undefined`.
 */
export function decodeLooked<T>(
  bytes: Uint8Array,
  look: (reader: Reader) => void,
  read: (reader: Reader) => T,
): Decoded<T> {
  if (pass === 'keep') return decode(bytes, read);
  const outside = pass;
  try {
    pass = 'look';
    const looked = decode(bytes, look);
    if (!looked.ok) return looked;
    if (outside === 'look') return { ok: true, value: undefined as T };
    pass = 'keep';
    return decode(bytes, read);
  } finally {
    pass = outside;
  }
}
