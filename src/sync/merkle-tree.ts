/**
 * A set of hashes as a Merkle radix tree: two sets are equal when their roots are, and where two roots differ a walk down
 * from them (`merkle-walk.ts`) comes upon each difference without looking at what is the same.
 *
 * A vector clock cannot see inside of a log: two replicas that count alike may still hold different batches, after a
 * fork, or after a disk has lost something. One hash over everything would see that, and not say where. So the keys stand in
 * a radix tree, sixteen ways a level, one hex digit each: what a walk costs for a difference grows as k / log k with the
 * fan-out k and its rounds fall as 1 / log k; from 16 to 32 the bytes grow by 60 % and a set of a million saves one
 * round of five.
 *
 * **The shape follows from the set alone**, whatever was added and taken away in which order: a subtree of at most
 * `bucketKeysMax` keys is a bucket, any other an inner node. So equal sets have equal hashes, which are
 *
 *     bucket  SHA-256(0, keys ascending)
 *     inner   SHA-256(1, two bytes that say which children there are, their hashes in order)
 *
 * and a hash is made when somebody asks for it, so that a thousand additions cost a thousand short ways down and not a
 * thousand ways up. Keys must be hashes, 32 bytes as lower-case hex (of whatever one has a set of): those are spread
 * evenly, and whoever wants a deep tree has to find seventeen hashes that begin alike. Depth is bounded by the key: 64.
 *
 * Merkle 1987, *A digital signature based on a conventional encryption function*; DeCandia et al. 2007 (Dynamo), section
 * 4.7, for anti-entropy; the radix shape with buckets is that of a hash trie (Bagwell 2001).
 */
import { assert } from '../base/assert.ts';
import { Writer } from '../base/codec.ts';
import type { Crypto } from '../base/ports.ts';

/** What a bucket holds at most: as many short keys take as many bytes as the sixteen hashes of an inner node. */
export const bucketKeysMax = 16;
export const fanOut = 16;
/** Hex digits of a key. */
export const keyDigits = 64;

/** A key: 32 bytes as lower-case hex, spread as a hash is. A prefix: how a key begins, in whole digits. */
export type Key = string;
export type Prefix = string;

/** Of a part of the set: the keys that begin with a prefix. */
export interface Subtree {
  readonly count: number;
  /** 32 bytes. */
  hash(): Uint8Array;
  /** Sixteen subtrees, one longer prefix each; `undefined` where there is no key. Only where `count > bucketKeysMax`. */
  children(): readonly (Subtree | undefined)[];
  /** Ascending. */
  keys(): Iterable<Key>;
}

class Bucket implements Subtree {
  readonly #crypto: Crypto;
  readonly #keys: Key[];
  #hash: Uint8Array | undefined;

  constructor(crypto: Crypto, keys: Key[]) {
    this.#crypto = crypto;
    this.#keys = keys;
  }
  get count(): number {
    return this.#keys.length;
  }
  hash(): Uint8Array {
    if (this.#hash !== undefined) return this.#hash;
    const writer = new Writer().byte(0);
    for (const key of this.#keys) writer.id(key);
    return (this.#hash = this.#crypto.sha256(writer.finish()).slice());
  }
  children(): never {
    throw new Error('a bucket has no children');
  }
  keys(): readonly Key[] {
    return this.#keys;
  }
  /** Where `key` stands or would. */
  placeOf(key: Key): number {
    let place = 0;
    while (place < this.#keys.length && (this.#keys[place] as Key) < key) place++;
    return place;
  }
  add(key: Key): boolean {
    const place = this.placeOf(key);
    if (this.#keys[place] === key) return false;
    this.#keys.splice(place, 0, key);
    this.#hash = undefined;
    return true;
  }
  delete(key: Key): boolean {
    const place = this.placeOf(key);
    if (this.#keys[place] !== key) return false;
    this.#keys.splice(place, 1);
    this.#hash = undefined;
    return true;
  }
}

class Inner implements Subtree {
  readonly #crypto: Crypto;
  readonly nodes = new Array<Bucket | Inner | undefined>(fanOut).fill(undefined);
  count = 0;
  #hash: Uint8Array | undefined;

  constructor(crypto: Crypto) {
    this.#crypto = crypto;
  }
  changed(by: number): void {
    this.count += by;
    this.#hash = undefined;
  }
  hash(): Uint8Array {
    if (this.#hash !== undefined) return this.#hash;
    const writer = new Writer().byte(1);
    let present = 0;
    for (const [digit, node] of this.nodes.entries()) if (node !== undefined) present |= 1 << digit;
    writer.byte(present >> 8).byte(present & 255);
    for (const node of this.nodes) if (node !== undefined) writer.bytes(node.hash());
    return (this.#hash = this.#crypto.sha256(writer.finish()).slice());
  }
  children(): readonly (Subtree | undefined)[] {
    return this.nodes;
  }
  *keys(): Iterable<Key> {
    for (const node of this.nodes) if (node !== undefined) yield* node.keys();
  }
}

export class MerkleTree {
  readonly #crypto: Crypto;
  #root: Bucket | Inner;

  constructor(crypto: Crypto) {
    this.#crypto = crypto;
    this.#root = new Bucket(crypto, []);
  }

  get size(): number {
    return this.#root.count;
  }
  get root(): Subtree {
    return this.#root;
  }
  keys(): Iterable<Key> {
    return this.#root.keys();
  }

  has(key: Key): boolean {
    const { bucket } = this.#down(key, keyDigits);
    return bucket.keys()[bucket.placeOf(key)] === key;
  }

  /** False when it was there. */
  add(key: Key): boolean {
    assert(key.length === keyDigits, 'keys are 32 bytes');
    const { bucket, way } = this.#down(key, keyDigits);
    if (!bucket.add(key)) return false;
    for (const inner of way) inner.changed(1);
    if (bucket.count > bucketKeysMax) this.#put(way, key, this.#split(bucket.keys(), way.length));
    else if (bucket.count === 1) this.#put(way, key, bucket);
    return true;
  }

  /** False when it was not there. */
  delete(key: Key): boolean {
    const { bucket, way } = this.#down(key, keyDigits);
    if (!bucket.delete(key)) return false;
    for (const inner of way) inner.changed(-1);
    // The shallowest that has become small enough is one bucket now, with all that is below it.
    const small = way.findIndex(inner => inner.count <= bucketKeysMax);
    if (small >= 0) {
      const all = [...(way[small] as Inner).keys()];
      this.#put(way.slice(0, small), key, new Bucket(this.#crypto, all));
    } else if (bucket.count === 0 && way.length > 0) this.#put(way, key, undefined);
    return true;
  }

  /** The keys that begin with `prefix`, as the set of them would stand in a tree of its own at that depth. */
  at(prefix: Prefix): Subtree {
    const { bucket, node } = this.#down(prefix, prefix.length);
    if (node !== undefined) return node;
    return new Bucket(
      this.#crypto,
      bucket.keys().filter(key => key.startsWith(prefix)),
    );
  }

  /** Down along `digits`, at most `depth` levels: the inner nodes on the way, and what it ends at. */
  #down(
    digits: string,
    depth: number,
  ): { readonly bucket: Bucket; readonly way: readonly Inner[]; readonly node: Subtree | undefined } {
    const way: Inner[] = [];
    let node: Bucket | Inner | undefined = this.#root;
    while (node instanceof Inner && way.length < depth) {
      way.push(node);
      node = node.nodes[digitAt(digits, way.length - 1)];
    }
    const isWhole = way.length === depth;
    if (node instanceof Bucket) return { bucket: node, way, node: isWhole ? node : undefined };
    const nothing = new Bucket(this.#crypto, []);
    return { bucket: nothing, way, node: node ?? (isWhole ? nothing : undefined) };
  }

  /** Hangs `node` at the end of `way`. */
  #put(way: readonly Inner[], key: Key, node: Bucket | Inner | undefined): void {
    const parent = way.at(-1);
    if (parent === undefined) this.#root = node ?? new Bucket(this.#crypto, []);
    else parent.nodes[digitAt(key, way.length - 1)] = node;
  }

  /** More keys than a bucket holds, `depth` digits of which are the same. */
  #split(keys: readonly Key[], depth: number): Inner {
    assert(depth < keyDigits, 'distinct keys part somewhere');
    const inner = new Inner(this.#crypto);
    inner.changed(keys.length);
    const parts = new Map<number, Key[]>();
    for (const key of keys) {
      const digit = digitAt(key, depth);
      const part = parts.get(digit);
      if (part === undefined) parts.set(digit, [key]);
      else part.push(key);
    }
    for (const [digit, part] of parts)
      inner.nodes[digit] =
        part.length > bucketKeysMax ? this.#split(part, depth + 1) : new Bucket(this.#crypto, part);
    return inner;
  }
}

/** `0`–`9` are 0x30 and up, `a`–`f` 0x61 and up. */
function digitAt(hex: string, n: number): number {
  const code = hex.charCodeAt(n);
  return code < 0x3a ? code - 0x30 : code - 0x57;
}
