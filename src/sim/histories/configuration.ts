/**
 * Where a search is: which operations are placed, in which order, and the state they led to; and what may come next. It
 * changes by placing an operation and taking it back, both in constant time and without allocation.
 *
 * The unplaced operations stand in rings, doubly linked, by invocation. One that is lifted out keeps its links, so that
 * taking back in the opposite order makes all links right again (Lowe 2017; Knuth calls it dancing links).
 */
import type { Timeline } from './timeline.ts';

/** No operation, no state. */
export const NONE = -1;

export class Configuration {
  readonly #timeline: Timeline;
  readonly #next: Int32Array;
  readonly #previous: Int32Array;
  /** The heads of the rings: numbers of no operation. */
  readonly #writes: number;
  readonly #reads: number;
  readonly #pending: number;

  /** Bit `n & 31` of word `n >>> 5`: whether number n is placed. */
  readonly bits: Int32Array;
  #hash = 0;
  #front = 0;
  #state: number;

  /** The order so far, with what to go back to. */
  readonly #placed: Int32Array;
  readonly #stateBefore: Int32Array;
  readonly #frontBefore: Int32Array;
  #depth = 0;

  constructor(timeline: Timeline, state: number) {
    this.#timeline = timeline;
    this.#state = state;
    const count = timeline.indexes.length;
    [this.#writes, this.#reads, this.#pending] = [count, count + 1, count + 2];
    this.#next = new Int32Array(count + 3);
    this.#previous = new Int32Array(count + 3);
    this.#ring(this.#writes, timeline.writes);
    this.#ring(this.#reads, timeline.reads);
    this.#ring(this.#pending, timeline.pending);
    this.bits = new Int32Array((count + 31) >>> 5);
    this.#placed = new Int32Array(count);
    this.#stateBefore = new Int32Array(count);
    this.#frontBefore = new Int32Array(count);
  }

  /** The lowest number that is not placed, of those that returned: everything else has to fit before its return. */
  get front(): number {
    return this.#front;
  }

  get state(): number {
    return this.#state;
  }

  /** Of what is placed and the state: equal for equal configurations, in whatever order they came about. */
  hash(): number {
    return scrambled(this.#hash ^ Math.imul(this.#state, 0x9e3779b1));
  }

  /** The numbers placed, in order. */
  order(): Int32Array {
    return this.#placed.subarray(0, this.#depth);
  }

  isPlaced(number: number): boolean {
    return (((this.bits[number >>> 5] as number) >>> (number & 31)) & 1) === 1;
  }

  /** Whether it was invoked only after the front returned, and so has to come after it. */
  isLate(number: number): boolean {
    const { invokedAt, returnedAt } = this.#timeline;
    return (invokedAt[number] as number) > (returnedAt[this.#front] as number);
  }

  /** Of what changes the state, the front comes first: what need not be placed yet is likelier to be wrong here. */
  firstCandidate(): number {
    return this.#timeline.readOnly[this.#front] === 0 ? this.#front : this.candidateAfter(this.#writes);
  }

  /** After the front the others by invocation, then those without return; of twins only the first unplaced. */
  candidateAfter(number: number): number {
    const { completed, twin } = this.#timeline;
    let next = this.#next[number === this.#front ? this.#writes : number] as number;
    if (next === this.#front) next = this.#next[next] as number;
    if (next === this.#writes || (next < completed && this.isLate(next)))
      next = this.#next[this.#pending] as number;
    if (next < completed) return next;
    for (; next !== this.#pending && !this.isLate(next); next = this.#next[next] as number) {
      const first = twin[next] as number;
      if (first === NONE || this.isPlaced(first)) return next;
    }
    return NONE;
  }

  /** The unplaced read-only operations by invocation, late ones too. */
  firstRead(): number {
    return this.readAfter(this.#reads);
  }

  readAfter(read: number): number {
    const next = this.#next[read] as number;
    return next === this.#reads ? NONE : next;
  }

  place(number: number, state: number): void {
    const [before, after] = [this.#previous[number] as number, this.#next[number] as number];
    this.#next[before] = after;
    this.#previous[after] = before;
    this.#placed[this.#depth] = number;
    this.#stateBefore[this.#depth] = this.#state;
    this.#frontBefore[this.#depth] = this.#front;
    this.#depth++;
    this.#toggle(number);
    this.#state = state;
    while (this.#front < this.#timeline.completed && this.isPlaced(this.#front)) this.#front++;
  }

  /** Takes back the last operation that was a choice, and the reads placed since. None if no choice is left. */
  takeBack(): number {
    while (this.#depth > 0) {
      this.#depth--;
      const number = this.#placed[this.#depth] as number;
      this.#next[this.#previous[number] as number] = number;
      this.#previous[this.#next[number] as number] = number;
      this.#toggle(number);
      this.#state = this.#stateBefore[this.#depth] as number;
      this.#front = this.#frontBefore[this.#depth] as number;
      if (this.#timeline.readOnly[number] === 0) return number;
    }
    return NONE;
  }

  #toggle(number: number): void {
    this.bits[number >>> 5] = (this.bits[number >>> 5] as number) ^ (1 << (number & 31));
    this.#hash ^= scrambled(number);
  }

  #ring(head: number, members: readonly number[]): void {
    let last = head;
    for (const member of members) {
      this.#next[last] = member;
      this.#previous[member] = last;
      last = member;
    }
    this.#next[last] = head;
    this.#previous[head] = last;
  }
}

/** Murmur3's finisher: a whole number whose every bit depends on every bit of the other. */
function scrambled(number: number): number {
  let hash = Math.imul((number + 1) ^ (number >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
