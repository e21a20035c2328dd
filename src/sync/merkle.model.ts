/** For tests: keys, and a walk between two trees with what it cost. */
import { SeededRandom } from '../base/random.ts';
import { utf8, toHex } from '../base/bytes.ts';
import { nobleCrypto } from './crypto.ts';
import { decodeMerkleItems, encodeMerkleItems, type Short } from './merkle-messages.ts';
import { MerkleTree, type Key } from './merkle-tree.ts';
import { answerWalk, beginWalk } from './merkle-walk.ts';

export function keyOf(n: number | string): Key {
  return toHex(nobleCrypto.sha256(utf8(String(n))));
}

/** Keys that begin alike for `depth` digits: nobody's hashes do. */
export function deepKey(depth: number, n: number): Key {
  return 'a'.repeat(depth) + keyOf(n).slice(depth);
}

export function treeOf(keys: Iterable<Key>): MerkleTree {
  const tree = new MerkleTree(nobleCrypto);
  for (const key of keys) tree.add(key);
  return tree;
}

interface Walked {
  /** What each of the two has learned that it lacks. */
  readonly lacks: readonly [Set<Short>, Set<Short>];
  /** In both directions. */
  readonly bytes: number;
  /** There and back. */
  readonly roundTrips: number;
  readonly isCut: boolean;
  readonly messages: readonly Uint8Array[];
}

/** The first of the two begins; each message goes through its bytes. */
export function walk(trees: readonly [MerkleTree, MerkleTree]): Walked {
  const lacks: [Set<Short>, Set<Short>] = [new Set(), new Set()];
  const messages: Uint8Array[] = [encodeMerkleItems(beginWalk(trees[0]))];
  let isCut = false;
  for (let turn = 1; ; turn = 1 - turn) {
    const decoded = decodeMerkleItems(messages.at(-1) as Uint8Array);
    if (!decoded.ok) throw new Error(decoded.reason);
    const answer = answerWalk(trees[turn as 0 | 1], decoded.value);
    for (const key of answer.lacks) lacks[turn as 0 | 1].add(key);
    isCut ||= answer.isCut;
    if (answer.items.length === 0 && messages.length > 1) break;
    messages.push(encodeMerkleItems(answer.items));
    if (answer.items.length === 0) break;
  }
  const bytes = messages.reduce((sum, message) => sum + message.length, 0);
  return { lacks, bytes, roundTrips: Math.ceil(messages.length / 2), isCut, messages };
}

/** A message as the network or somebody hostile might have changed it. */
export function mutated(bytes: Uint8Array, random: SeededRandom): Uint8Array {
  const copy = Array.from(bytes);
  for (let n = 1 + random.below(4); n > 0; n--) {
    const at = random.below(copy.length + 1);
    const kind = random.below(4);
    if (kind === 0) copy[at] = random.below(256);
    else if (kind === 1) copy.splice(at, 1 + random.below(20));
    else if (kind === 2) copy.splice(at, 0, ...copy.slice(random.below(copy.length + 1)).slice(0, 40));
    else copy.length = at;
  }
  return Uint8Array.from(copy, byte => byte);
}
