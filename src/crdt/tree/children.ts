/**
 * What is in a node, in the order of its slots. Sorted chunks: a page with ten children is one array, and one with a
 * hundred thousand does not move them all to take one in. Slots never change places among each other, so children
 * stay sorted whatever else happens.
 */
import { assert } from '../../base/assert.ts';
import type { Slot, Slots } from '../slots/slots.ts';
import type { TreeNode } from './node.ts';

/** Tuned on 100,000 children of one node: 64 to 512 are alike. */
const chunkNodesMax = 128;

export class Children {
  readonly #slots: Slots;
  readonly #chunks: TreeNode[][] = [[]];
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

  /** Takes in `node`, which stands at `listedAt`; returns its index. */
  add(node: TreeNode): number {
    const [at, offset] = this.#find(node);
    const chunk = this.#chunks[at] as TreeNode[];
    chunk.splice(offset, 0, node);
    this.#length++;
    const index = this.#before(at) + offset;
    this.#divide(at, offset);
    return index;
  }

  /** As `add`, when its slot is known to stand behind all others. */
  append(node: TreeNode): void {
    const at = this.#chunks.length - 1;
    const chunk = this.#chunks[at] as TreeNode[];
    chunk.push(node);
    this.#length++;
    this.#divide(at, chunk.length - 1);
  }

  indexOf(node: TreeNode): number {
    const [at, offset] = this.#find(node);
    assert(this.#chunks[at]?.[offset] === node, 'a child is where its slot is');
    return this.#before(at) + offset;
  }

  /** Takes `node` out; returns the index it had. */
  remove(node: TreeNode): number {
    const [at, offset] = this.#find(node);
    const chunk = this.#chunks[at] as TreeNode[];
    assert(chunk[offset] === node, 'a child is where its slot is');
    chunk.splice(offset, 1);
    this.#length--;
    const index = this.#before(at) + offset;
    if (chunk.length === 0 && this.#chunks.length > 1) this.#chunks.splice(at, 1);
    return index;
  }

  #divide(at: number, offset: number): void {
    const chunk = this.#chunks[at] as TreeNode[];
    if (chunk.length <= chunkNodesMax) return;
    // The last chunk grows at its end: leave it nearly full, or every chunk would stay half empty.
    const last = at === this.#chunks.length - 1 && offset === chunk.length - 1;
    this.#chunks.splice(at + 1, 0, chunk.splice(last ? chunkNodesMax : chunkNodesMax >> 1));
  }

  #before(chunk: number): number {
    let before = 0;
    for (let i = 0; i < chunk; i++) before += (this.#chunks[i] as TreeNode[]).length;
    return before;
  }

  /** The chunk and the place in it where `node` stands or would: before the first child whose slot is not before its own. */
  #find(node: TreeNode): [chunk: number, offset: number] {
    const place = this.#indexOf(node.listedAt);
    let low = 0;
    let high = this.#chunks.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      const last = (this.#chunks[middle] as TreeNode[]).at(-1);
      if (last !== undefined && this.#indexOf(last.listedAt) < place) low = middle + 1;
      else high = middle;
    }
    const chunk = this.#chunks[low] as TreeNode[];
    let from = 0;
    let to = chunk.length;
    // Most come last.
    const last = chunk.at(-1);
    if (last !== undefined && this.#indexOf(last.listedAt) < place) from = to;
    while (from < to) {
      const middle = (from + to) >> 1;
      if (this.#indexOf((chunk[middle] as TreeNode).listedAt) < place) from = middle + 1;
      else to = middle;
    }
    return [low, from];
  }

  #indexOf(slot: Slot | undefined): number {
    assert(slot !== undefined, 'a child is in a slot');
    return this.#slots.indexOf(slot.agent, slot.counter);
  }
}
