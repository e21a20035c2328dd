/**
 * Finding where two sets differ: both sides go down their trees by turns, each answer one level below what it answers,
 * until everything that differs has been named. SPEC.md: SYNC33–SYNC36.
 *
 * Whoever answers keeps nothing between two messages: an answer follows from the message and one's own tree alone. So nobody
 * can make the other hold anything, a lost message costs a walk begun anew, and sets that change meanwhile only make a
 * difference found late or found needlessly.
 *
 *     A: my set hashes to h          B: mine has these sixteen parts      A: of those that differ, mine have these parts
 *     …                              B: of this part I have these keys    A: I have these others (surplus); B's that I lack I note
 *
 * Equal subtrees are never entered, so what is sent is in proportion to the differences and to the depth at which a
 * subtree holds one alone, log₁₆ of the size; each level is half a round.
 */
import { merkleAnswerBytesMax, merkleItemsMax, merkleKeysMax } from '../base/limits.ts';
import { toHex } from '../base/bytes.ts';
import { assertNever } from '../base/assert.ts';
import { shortBytes, shortDigits, type MerkleItem, type Short } from './merkle-messages.ts';
import { bucketKeysMax, type Key, type MerkleTree, type Prefix, type Subtree } from './merkle-tree.ts';

export interface WalkAnswer {
  /** What to send back; empty when the walk is over here. */
  readonly items: readonly MerkleItem[];
  /** Keys the other side has and we lack. */
  readonly lacks: readonly Short[];
  /** There was more to say than fits: once what was found is exchanged, another walk finds the rest. */
  readonly isCut: boolean;
}

/** How a walk begins: with one's root. */
export function beginWalk(tree: MerkleTree): MerkleItem[] {
  return [{ type: 'hash', prefix: '', hash: shortHash(tree.root) }];
}

/** How a walk begins when it is known that the roots differ: half a round less. */
export function beginDifferent(tree: MerkleTree): MerkleItem[] {
  return [describe('', tree.root)];
}

export function answerWalk(tree: MerkleTree, items: readonly MerkleItem[]): WalkAnswer {
  const answer = new Answer();
  const lacks: Short[] = [];
  for (const item of items) {
    if (answer.isCut) break;
    switch (item.type) {
      case 'hash': {
        const own = tree.at(item.prefix);
        if (shortHash(own) !== item.hash) answer.add(describe(item.prefix, own));
        break;
      }
      case 'children':
        answerChildren(tree.at(item.prefix), item, answer);
        break;
      case 'keys':
        answerKeys(tree.at(item.prefix), item.keys, lacks, answer);
        break;
      case 'surplus':
        for (const key of item.keys) if (!hasShort(tree, key)) lacks.push(key);
        break;
      default:
        assertNever(item);
    }
  }
  return { items: answer.finish(), lacks, isCut: answer.isCut };
}

/** The whole keys of which these are the beginnings: of what one has been asked for. */
export function keysOf(tree: MerkleTree, shorts: readonly Short[]): Key[] {
  return shorts.flatMap(short => [...tree.at(short).keys()]);
}

export function shortOf(key: Key): Short {
  return key.slice(0, shortDigits);
}

function hasShort(tree: MerkleTree, short: Short): boolean {
  return tree.at(short).count > 0;
}

function shortHash(subtree: Subtree): Short {
  return toHex(subtree.hash().subarray(0, shortBytes));
}

function describe(prefix: Prefix, own: Subtree): MerkleItem {
  if (own.count <= bucketKeysMax) return { type: 'keys', prefix, keys: Array.from(own.keys(), shortOf) };
  const hashes = own.children().map(child => child && shortHash(child));
  return { type: 'children', prefix, hashes };
}

function answerChildren(
  own: Subtree,
  { prefix, hashes }: Extract<MerkleItem, { type: 'children' }>,
  answer: Answer,
): void {
  if (own.count <= bucketKeysMax) {
    answer.add(describe(prefix, own));
    return;
  }
  for (const [digit, child] of own.children().entries()) {
    const theirs = hashes[digit];
    if (child === undefined) {
      if (theirs !== undefined) answer.add({ type: 'keys', prefix: prefix + digit.toString(16), keys: [] });
    } else if (theirs === undefined) for (const key of child.keys()) answer.surplus(shortOf(key));
    else if (theirs !== shortHash(child)) answer.add(describe(prefix + digit.toString(16), child));
    if (answer.isCut) return;
  }
}

/** They have exactly `theirs` here. */
function answerKeys(own: Subtree, theirs: readonly Short[], lacks: Short[], answer: Answer): void {
  const missing = new Set(theirs);
  for (const key of own.keys()) {
    if (answer.isCut) return;
    const short = shortOf(key);
    if (!missing.delete(short)) answer.surplus(short);
  }
  lacks.push(...missing);
}

/** What is said back, as far as it fits into one message: a short question must not have an answer without end. */
class Answer {
  readonly #items: MerkleItem[] = [];
  readonly #surplus = new Set<Short>();
  #bytes = 0;
  #keys = 0;
  isCut = false;

  add(item: MerkleItem): void {
    const keys = item.type === 'keys' ? item.keys.length : 0;
    const hashes = item.type === 'children' ? item.hashes.length : keys;
    // One item is left for what is surplus.
    if (!this.#fits(40 + shortBytes * hashes, keys) || this.#items.length + 1 >= merkleItemsMax) {
      this.isCut = true;
      return;
    }
    this.#items.push(item);
  }

  surplus(key: Short): void {
    if (this.#surplus.has(key)) return;
    if (this.#fits(shortBytes, 1)) this.#surplus.add(key);
    else this.isCut = true;
  }

  #fits(bytes: number, keys: number): boolean {
    if (this.#bytes + bytes > merkleAnswerBytesMax || this.#keys + keys > merkleKeysMax) return false;
    this.#bytes += bytes;
    this.#keys += keys;
    return true;
  }

  finish(): MerkleItem[] {
    if (this.#surplus.size > 0) this.#items.push({ type: 'surplus', keys: [...this.#surplus].sort() });
    return this.#items;
  }
}
