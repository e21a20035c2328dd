/**
 * What each node of a tree is in, by numbers, in less than a number each: of nodes that follow each other in one parent only
 * the first has a number, and a bit says which those are (a rank directory, as in Jacobson 1989, *Space-efficient static trees and
 * graphs*). A node takes a byte of a tree's bytes, and a number of four bytes for each would be all that a reader may keep.
 */
import { Bits } from '../slots/bits.ts';
import { Numbers } from '../slots/numbers.ts';

export class LookedAtParents {
  readonly #count: number;
  /** A bit for each node: does it have another parent than the node before? And how many of those there are before each word. */
  readonly #words: Uint32Array;
  readonly #ranks: Uint32Array;
  readonly #parents = new Numbers(Int32Array);
  #length = 0;
  /** Nodes whose parent was said to be another one, rising, and that one. */
  readonly #overridden: Bits;
  readonly #nodes = new Numbers(Int32Array);
  readonly #others = new Numbers(Int32Array);

  constructor(count: number) {
    this.#count = count;
    this.#words = new Uint32Array(Math.ceil(count / 32));
    this.#ranks = new Uint32Array(Math.ceil(count / 32));
    this.#overridden = new Bits(count);
  }

  /** Of the next node: the number of the node that it is in, -1 for none, `undefined` for the same as the node before. */
  push(parent: number | undefined): void {
    const node = this.#length++;
    const word = node >> 5;
    if ((node & 31) === 0) this.#ranks[word] = this.#parents.length;
    const { length } = this.#parents;
    if (parent === undefined || (length > 0 && this.#parents.at(length - 1) === parent)) return;
    this.#words[word] = ((this.#words[word] as number) | (1 << (node & 31))) >>> 0;
    this.#parents.push(parent);
  }

  /** Node after node. */
  override(node: number, parent: number): void {
    this.#overridden.set(node);
    this.#nodes.push(node);
    this.#others.push(parent);
  }

  /** Does every way up end? Each is gone twice at most, up to where others have been. */
  leadUp(): boolean {
    const isOnWay = new Bits(this.#count);
    const isGood = new Bits(this.#count);
    for (let from = 0; from < this.#count; from++) {
      for (let at = from; at >= 0 && !isGood.has(at); at = this.#parentOf(at))
        if (!isOnWay.set(at)) return false;
      for (let at = from; at >= 0 && isGood.set(at); at = this.#parentOf(at));
    }
    return true;
  }

  #parentOf(node: number): number {
    if (this.#overridden.has(node))
      return this.#others.at(this.#nodes.countUpTo(node, 0, this.#nodes.length) - 1);
    const word = node >> 5;
    const upToNode = 0xffffffff >>> (31 - (node & 31));
    const rank = (this.#ranks[word] as number) + bitCount((this.#words[word] as number) & upToNode);
    return this.#parents.at(rank - 1);
  }
}

/** How many bits of a 32-bit word are 1 (Warren, *Hacker's Delight*, figure 5-2). */
function bitCount(word: number): number {
  const pairs = word - ((word >>> 1) & 0x55555555);
  const nibbles = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return (((nibbles + (nibbles >>> 4)) & 0x0f0f0f0f) * 0x01010101) >>> 24;
}
