/**
 * The sliding window of appends that were sent to one follower and not acknowledged yet, bounded in number and in bytes.
 *
 * It keeps the last index of each append. An acknowledgement of an index frees every append that ends at or before it, since
 * appends are acknowledged in order (Ongaro's thesis, section 10.2.1, on pipelining).
 */
import { assert } from '../base/assert.ts';

export class Inflights {
  readonly #countMax: number;
  readonly #bytesMax: number;
  #lastIndexes: number[] = [];
  #bytesOf: number[] = [];
  /** How many at the front are freed already: taking the first of an array away moves all others. */
  #freed = 0;
  #bytes = 0;

  /** `bytesMax` may be passed by the one append that reaches it. */
  constructor(countMax: number, bytesMax: number) {
    this.#countMax = countMax;
    this.#bytesMax = bytesMax;
  }
  get count(): number {
    return this.#lastIndexes.length - this.#freed;
  }
  get bytes(): number {
    return this.#bytes;
  }
  get full(): boolean {
    return this.count >= this.#countMax || this.#bytes >= this.#bytesMax;
  }
  /** An append that ends at `lastIndex` was sent. Indexes rise. */
  add(lastIndex: number, bytes: number): void {
    assert(!this.full, 'no append is sent while the window is full');
    this.#lastIndexes.push(lastIndex);
    this.#bytesOf.push(bytes);
    this.#bytes += bytes;
  }
  /** All appends that end at or before `index` have arrived. */
  freeUpTo(index: number): void {
    const indexes = this.#lastIndexes;
    while (this.#freed < indexes.length && (indexes[this.#freed] as number) <= index) {
      this.#bytes -= this.#bytesOf[this.#freed] as number;
      this.#freed++;
    }
    if (this.#freed === indexes.length) this.#forget();
    else if (this.#freed > 64 && 2 * this.#freed > indexes.length) {
      this.#lastIndexes = indexes.slice(this.#freed);
      this.#bytesOf = this.#bytesOf.slice(this.#freed);
      this.#freed = 0;
    }
  }
  clear(): void {
    this.#bytes = 0;
    this.#forget();
  }
  #forget(): void {
    this.#lastIndexes.length = 0;
    this.#bytesOf.length = 0;
    this.#freed = 0;
  }
}
