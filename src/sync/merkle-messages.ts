/**
 * The bytes of a Merkle walk: what one side says of parts of its set. docs/protocols/merkle.md has the table.
 *
 * Hashes and keys travel as their first 16 bytes: whoever wants two sets taken for one has to find two hashes that share
 * 128 bits, which takes 2^64 tries. No answer is believed for more than what it says about the other's set; what is
 * fetched for it is hashed anew.
 */
import { assertNever } from '../base/assert.ts';
import { decode, type Decoded, type Reader, Writer } from '../base/codec.ts';
import { merkleItemsMax, merkleKeysMax } from '../base/limits.ts';
import { bucketKeysMax, fanOut, keyDigits, type Prefix } from './merkle-tree.ts';

/** Bytes of a hash or a key on the wire, and the hex digits they are. */
export const shortBytes = 16;
export const shortDigits = 2 * shortBytes;

/** How a hash or a key begins: `shortDigits` of hex. */
export type Short = string;

export type MerkleItem =
  /** My keys that begin with `prefix`, together, have this hash. */
  | { readonly type: 'hash'; readonly prefix: Prefix; readonly hash: Short }
  /** They are more than a bucket holds: the hashes of the sixteen parts, `undefined` where there is no key. */
  | { readonly type: 'children'; readonly prefix: Prefix; readonly hashes: readonly (Short | undefined)[] }
  /** They are exactly these, ascending, at most a bucket. */
  | { readonly type: 'keys'; readonly prefix: Prefix; readonly keys: readonly Short[] }
  /** I have these, and you have not, by what you said; ascending. */
  | { readonly type: 'surplus'; readonly keys: readonly Short[] };

const codes = { hash: 0, children: 1, keys: 2, surplus: 3 } as const;

export function encodeMerkleItems(items: readonly MerkleItem[]): Uint8Array<ArrayBuffer> {
  const writer = new Writer();
  writeMerkleItems(writer, items);
  return writer.finish();
}

export function decodeMerkleItems(bytes: Uint8Array): Decoded<MerkleItem[]> {
  return decode(bytes, readMerkleItems);
}

export function writeMerkleItems(writer: Writer, items: readonly MerkleItem[]): void {
  writer.varUint(items.length);
  for (const item of items) writeItem(writer, item);
}

function writeItem(writer: Writer, item: MerkleItem): void {
  writer.byte(codes[item.type]);
  switch (item.type) {
    case 'hash':
      writePrefix(writer, item.prefix);
      writer.id(item.hash);
      break;
    case 'children': {
      writePrefix(writer, item.prefix);
      let present = 0;
      for (const [digit, hash] of item.hashes.entries()) if (hash !== undefined) present |= 1 << digit;
      writer.byte(present >> 8).byte(present & 255);
      for (const hash of item.hashes) if (hash !== undefined) writer.id(hash);
      break;
    }
    case 'keys':
      writePrefix(writer, item.prefix);
      writeKeys(writer, item.keys);
      break;
    case 'surplus':
      writeKeys(writer, item.keys);
      break;
    default:
      assertNever(item);
  }
}

export function writeKeys(writer: Writer, keys: readonly Short[]): void {
  writer.varUint(keys.length);
  for (const key of keys) writer.id(key);
}

/** How many digits, then two a byte; of an odd number the last byte's lower half is zero. */
function writePrefix(writer: Writer, prefix: Prefix): void {
  writer.byte(prefix.length).id(prefix.length % 2 === 0 ? prefix : `${prefix}0`);
}

export function readMerkleItems(reader: Reader): MerkleItem[] {
  const count = reader.varUint(merkleItemsMax);
  const items: MerkleItem[] = [];
  let keysLeft = merkleKeysMax;
  for (let i = 0; i < count; i++) {
    const item = readItem(reader, keysLeft);
    if (item.type === 'keys' || item.type === 'surplus') keysLeft -= item.keys.length;
    items.push(item);
  }
  return items;
}

function readItem(reader: Reader, keysLeft: number): MerkleItem {
  const code = reader.byte();
  switch (code) {
    case codes.hash:
      return { type: 'hash', prefix: readPrefix(reader), hash: reader.id(shortBytes) };
    case codes.children: {
      const prefix = readPrefix(reader);
      if (prefix.length === keyDigits) reader.fail('prefix too long');
      const present = (reader.byte() << 8) | reader.byte();
      const hashes: (Short | undefined)[] = [];
      for (let digit = 0; digit < fanOut; digit++)
        hashes.push((present & (1 << digit)) === 0 ? undefined : reader.id(shortBytes));
      return { type: 'children', prefix, hashes };
    }
    case codes.keys: {
      const prefix = readPrefix(reader);
      const keys = readKeys(reader, Math.min(bucketKeysMax, keysLeft));
      const begins = prefix.slice(0, shortDigits);
      if (!keys.every(key => key.startsWith(begins))) reader.fail('key out of place');
      return { type: 'keys', prefix, keys };
    }
    case codes.surplus:
      return { type: 'surplus', keys: readKeys(reader, keysLeft) };
    default:
      return reader.fail('unknown item');
  }
}

function readPrefix(reader: Reader): Prefix {
  const digits = reader.byte();
  if (digits > keyDigits) reader.fail('prefix too long');
  const hex = reader.id(Math.ceil(digits / 2));
  if (digits % 2 === 1 && !hex.endsWith('0')) reader.fail('prefix not padded with zero');
  return hex.slice(0, digits);
}

export function readKeys(reader: Reader, max: number): Short[] {
  const count = reader.varUint(max);
  const keys: Short[] = [];
  for (let i = 0; i < count; i++) {
    const key = reader.id(shortBytes);
    if (key <= (keys.at(-1) ?? '')) reader.fail('keys not sorted');
    keys.push(key);
  }
  return keys;
}
