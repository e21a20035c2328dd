/**
 * What a register, a set or a list holds: plain data, with one encoding each, so that equal values have equal bytes
 * and a set can compare by them. Numbers are doubles as JavaScript has them; -0 is 0.
 */
import { decode, Writer, type Reader } from '../base/codec.ts';
import { assert } from '../base/assert.ts';
import { toWellFormed } from './text/surrogates.ts';

export type Value =
  null | boolean | number | string | Uint8Array | readonly Value[] | { readonly [key: string]: Value };

/** Deeper than this is refused: a reader recurses once a level. */
export const valueDepthMax = 32;

const NULL = 0;
const FALSE = 1;
const TRUE = 2;
/** A whole number >= 0 in a varint. */
const WHOLE = 3;
/** A whole number < 0: its distance from -1 in a varint. */
const NEGATIVE = 4;
/** Any other number: eight bytes, big-endian, as IEEE 754 has them. */
const DOUBLE = 5;
const STRING = 6;
const BYTES = 7;
const ARRAY = 8;
/** Keys rise strictly by code unit: one record has one encoding. */
const RECORD = 9;

export function writeValue(writer: Writer, value: Value, depth = 0): void {
  assert(depth <= valueDepthMax, 'a value is not nested too deeply');
  if (value === null) writer.byte(NULL);
  else if (typeof value === 'boolean') writer.byte(value ? TRUE : FALSE);
  else if (typeof value === 'number') writeNumber(writer, value);
  else if (typeof value === 'string') {
    writer.byte(STRING).varString(toWellFormed(value));
  } else if (value instanceof Uint8Array) writer.byte(BYTES).varBytes(value);
  else if (isArray(value)) {
    writer.byte(ARRAY).varUint(value.length);
    for (const item of value) writeValue(writer, item, depth + 1);
  } else {
    const keys = Object.keys(value).sort();
    writer.byte(RECORD).varUint(keys.length);
    for (const key of keys) {
      writer.varString(toWellFormed(key));
      writeValue(writer, value[key] as Value, depth + 1);
    }
  }
}

/** Refuses what `writeValue` would not have written. */
export function readValue(reader: Reader, depth = 0): Value {
  if (depth > valueDepthMax) reader.fail('value nested too deeply');
  switch (reader.byte()) {
    case NULL:
      return null;
    case FALSE:
      return false;
    case TRUE:
      return true;
    case WHOLE:
      return reader.varUint();
    case NEGATIVE:
      return -1 - reader.varUint(Number.MAX_SAFE_INTEGER - 1);
    case DOUBLE:
      return readDouble(reader);
    case STRING:
      return reader.varString(reader.left);
    case BYTES:
      return copyOf(reader, reader.varBytes(reader.left));
    case ARRAY:
      return readArray(reader, depth);
    case RECORD:
      return readRecord(reader, depth);
    default:
      return reader.fail('unknown kind of value');
  }
}

/** How many items follow if an array comes next, after which they come; `undefined`, and nothing read, when something else does. */
export function readArrayHead(reader: Reader): number | undefined {
  if (reader.left === 0 || reader.peek() !== ARRAY) return undefined;
  reader.byte();
  return reader.varUint(reader.left);
}

/**
 * `value` as every replica will read it: a copy that the caller cannot change later, -0 as 0, lone surrogates as
 * U+FFFD. A local write keeps this and not what it was given.
 */
export function storable(value: Value): Value {
  if (value === null || typeof value === 'boolean') return value;
  if (typeof value === 'number') return value + 0;
  if (typeof value === 'string') return toWellFormed(value);
  // What a register holds: its value between stamps.
  if (!(value instanceof Uint8Array) && isArray(value) && value.every(isFlat)) return value.map(storable);
  const writer = new Writer();
  writeValue(writer, value);
  const copy = decode(writer.finish(), reader => readValue(reader));
  assert(copy.ok, 'a value that was written can be read');
  return copy.value;
}

/**
 * Equal for equal values only, and in the order of their bytes: what a set or a map compares and sorts by. One character
 * a byte of the encoding.
 */
export function valueKey(value: Value): string {
  // What most sets hold needs no encoder: an ASCII string's characters are its bytes.
  if (typeof value === 'string' && value.length < 128 && isAscii(value))
    return String.fromCharCode(STRING, value.length) + value;
  const writer = new Writer();
  writeValue(writer, value);
  const bytes = writer.finish();
  let key = '';
  // In slices: a function takes only so many arguments. `apply` reads the array where spreading would copy it.
  for (let at = 0; at < bytes.length; at += 4096)
    key += String.fromCharCode.apply(null, bytes.subarray(at, at + 4096) as unknown as number[]);
  return key;
}

function isArray(value: readonly Value[] | Readonly<Record<string, Value>>): value is readonly Value[] {
  return Array.isArray(value);
}

/** Is there nothing inside `value`? */
function isFlat(value: Value): boolean {
  return typeof value !== 'object' || value === null;
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7f) return false;
  return true;
}

function writeNumber(writer: Writer, value: number): void {
  if (Number.isSafeInteger(value)) {
    if (value >= 0) writer.byte(WHOLE).varUint(value + 0);
    else writer.byte(NEGATIVE).varUint(-1 - value);
    return;
  }
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setFloat64(0, Number.isNaN(value) ? Number.NaN : value);
  writer.byte(DOUBLE).bytes(bytes);
}

function readDouble(reader: Reader): number {
  const bytes = reader.bytes(8);
  const value = new DataView(bytes.buffer, bytes.byteOffset, 8).getFloat64(0);
  const again = new Writer();
  writeNumber(again, value);
  const canonical = again.finish();
  const same = canonical.length === 9 && bytes.every((byte, at) => byte === canonical[at + 1]);
  return same ? value : reader.fail('number not in its one form');
}

function readArray(reader: Reader, depth: number): readonly Value[] {
  const length = reader.varUint(reader.left);
  const items: Value[] = [];
  for (let i = 0; i < length; i++) {
    const item = readValue(reader, depth + 1);
    if (!reader.looks) items.push(item);
  }
  return items;
}

function copyOf(reader: Reader, bytes: Uint8Array): Uint8Array {
  return reader.looks ? bytes : bytes.slice();
}

function readRecord(reader: Reader, depth: number): Readonly<Record<string, Value>> {
  const length = reader.varUint(reader.left);
  // No prototype: a key called __proto__ is a key like any other.
  const record = Object.create(null) as Record<string, Value>;
  let last: string | undefined;
  for (let i = 0; i < length; i++) {
    const key = reader.varString(reader.left);
    if (last !== undefined && key <= last) reader.fail('record not sorted');
    last = key;
    const value = readValue(reader, depth + 1);
    if (!reader.looks) record[key] = value;
  }
  return record;
}
