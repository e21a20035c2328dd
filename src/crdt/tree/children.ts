/**
 * What is in a node, in the order of its slots. Sorted chunks: a page with ten children is one array, and one with a
 * hundred thousand does not move them all to take one in. Each child knows its chunk, so where it stands is found
 * without comparing slots; where a new one belongs is mostly known from what stands before it. Slots never change places
 * among each other, so children stay sorted whatever else happens.
 */
import { assert } from '../../base/assert.ts';
import type { Slots } from '../slots/slots.ts';
import type { TreeNode } from './node.ts';

/** Tuned on 100,000 children of one node: 64 to 512 are alike. */
const chunkNodesMax = 128;

export type Chunk = TreeNode[];

export class Children {
  readonly #slots: Slots;
  readonly #chunks: Chunk[] = [[]];
  #length = 0;

  constructor(slots: Slots) {
    this.#slots = slots;
  }

  get length(): number {
    return this.#length;
  }

  at(index: number): TreeNode | undefined {
    let left = index;
    for (const chunk of this.#chunks) {
      if (left < chunk.length) return chunk[left];
      left -= chunk.length;
    }
    return undefined;
  }

  *[Symbol.iterator](): IterableIterator<TreeNode> {
    for (const chunk of this.#chunks) yield* chunk;
  }

  /** Takes in `node`, which stands at `listedAt`, just behind the child `previous` if that is known; returns its index. */
  add(node: TreeNode, previous: TreeNode | undefined): number {
    let chunk = previous?.chunk;
    let at = 0;
    if (chunk === undefined || previous === undefined) {
      chunk = this.#chunkFor(node);
      at = this.#placeIn(chunk, node);
    } else at = chunk.indexOf(previous) + 1;
    const index = this.#before(chunk) + at;
    this.#insert(chunk, at, node);
    return index;
  }

  /** As `add`, when its slot is known to stand behind all others. */
  append(node: TreeNode): void {
    const chunk = this.#chunks[this.#chunks.length - 1] as Chunk;
    this.#insert(chunk, chunk.length, node);
  }

  indexOf(node: TreeNode): number {
    const { chunk } = node;
    assert(chunk !== undefined, 'a child is in a chunk');
    return this.#before(chunk) + chunk.indexOf(node);
  }

  /** Takes `node` out; returns the index it had. */
  remove(node: TreeNode): number {
    const { chunk } = node;
    assert(chunk !== undefined, 'a child is in a chunk');
    const at = chunk.indexOf(node);
    const index = this.#before(chunk) + at;
    chunk.splice(at, 1);
    node.chunk = undefined;
    this.#length--;
    if (chunk.length === 0 && this.#chunks.length > 1) this.#chunks.splice(this.#chunks.indexOf(chunk), 1);
    return index;
  }

  #insert(chunk: Chunk, at: number, node: TreeNode): void {
    // Before it grows: is it the last chunk, growing at its end?
    const last = at === chunk.length && chunk === this.#chunks[this.#chunks.length - 1];
    chunk.splice(at, 0, node);
    node.chunk = chunk;
    this.#length++;
    if (chunk.length <= chunkNodesMax) return;
    // That one is left nearly full, or every chunk would stay half empty.
    const half = chunk.splice(last ? chunkNodesMax : chunkNodesMax >> 1);
    for (const moved of half) moved.chunk = half;
    this.#chunks.splice(this.#chunks.indexOf(chunk) + 1, 0, half);
  }

  /** How many children stand in the chunks before `chunk`. */
  #before(chunk: Chunk): number {
    let before = 0;
    for (const other of this.#chunks) {
      if (other === chunk) return before;
      before += other.length;
    }
    return before;
  }

  #chunkFor(node: TreeNode): Chunk {
    const place = this.#indexOf(node);
    let low = 0;
    let high = this.#chunks.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      const last = (this.#chunks[middle] as Chunk).at(-1);
      if (last !== undefined && this.#indexOf(last) < place) low = middle + 1;
      else high = middle;
    }
    return this.#chunks[low] as Chunk;
  }

  #placeIn(chunk: Chunk, node: TreeNode): number {
    const place = this.#indexOf(node);
    let from = 0;
    let to = chunk.length;
    // Most come last.
    const last = chunk.at(-1);
    if (last !== undefined && this.#indexOf(last) < place) from = to;
    while (from < to) {
      const middle = (from + to) >> 1;
      if (this.#indexOf(chunk[middle] as TreeNode) < place) from = middle + 1;
      else to = middle;
    }
    return from;
  }

  #indexOf({ listedAt }: TreeNode): number {
    assert(listedAt !== undefined, 'a child is in a slot');
    return this.#slots.indexOf(listedAt.agent, listedAt.counter);
  }
}
