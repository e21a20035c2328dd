/**
 * The configurations a search has been in: which operations are placed, and the state they led to. A search that
 * comes to one again, by another order of the same operations, would only fail again (Lowe 2017, §3).
 *
 * Both halves count. The same operations in another order may lead to another state, from which the rest fits.
 *
 * A set of JavaScript objects or strings would allocate at every step. Here one growing array of words holds all
 * records, one after the other, and an open-addressing table finds them: hash first, then every word.
 *
 * Of the bit set a record keeps only what can differ. Operations are numbered by their returns, so that all below the
 * first one not yet placed, the `front`, are placed; and none above `lastBefore[front]` can be, since those were
 * invoked after the front returned. A long history with little overlap thus costs a few words a configuration.
 */
const EMPTY = 0;
/** Words of a record before its bits: state and front. */
const HEADER = 2;
/** Words of all records: 256 MiB. A search that needs more has no end in sight. */
const wordsMax = 1 << 26;

export class ConfigurationMemo {
  readonly #bits: Int32Array;
  /** The words from here on have operations without a return, which any configuration may have placed. */
  readonly #pendingFrom: number;
  readonly #lastBefore: Int32Array;
  #records = new Int32Array(1 << 12);
  #end = 0;
  /** Where a record begins, plus one. */
  #table = new Int32Array(1 << 10);
  #hashes = new Int32Array(1 << 10);
  #count = 0;

  /**
   * `bits`: the placed operations, owned and changed by the search. Its words from `pendingFrom` on are compared
   * whatever the front is, the others from the front's own to that of `lastBefore[front]`.
   */
  constructor(bits: Int32Array, pendingFrom: number, lastBefore: Int32Array) {
    this.#bits = bits;
    this.#pendingFrom = pendingFrom;
    this.#lastBefore = lastBefore;
  }

  /** Whether the search has to be given up. */
  get isFull(): boolean {
    return this.#end > wordsMax;
  }

  /** Adds the configuration of the present bits; false if it was there. `hash` depends on bits and state alone. */
  add(state: number, front: number, hash: number): boolean {
    const mask = this.#table.length - 1;
    let slot = hash & mask;
    for (let at = this.#table[slot]; at !== EMPTY; at = this.#table[slot]) {
      if (this.#hashes[slot] === hash && this.#isAt((at as number) - 1, state, front)) return false;
      slot = (slot + 1) & mask;
    }
    this.#table[slot] = this.#end + 1;
    this.#hashes[slot] = hash;
    this.#write(state, front);
    if (++this.#count * 2 > this.#table.length) this.#grow();
    return true;
  }

  #lastWord(front: number): number {
    return Math.min((this.#lastBefore[front] as number) >>> 5, this.#pendingFrom - 1);
  }

  #isAt(start: number, state: number, front: number): boolean {
    const records = this.#records;
    if (records[start] !== state || records[start + 1] !== front) return false;
    let at = start + HEADER;
    const last = this.#lastWord(front);
    for (let word = front >>> 5; word <= last; word++) if (records[at++] !== this.#bits[word]) return false;
    for (let word = this.#pendingFrom; word < this.#bits.length; word++)
      if (records[at++] !== this.#bits[word]) return false;
    return true;
  }

  #write(state: number, front: number): void {
    const longest = this.#end + HEADER + this.#bits.length;
    if (longest > this.#records.length) {
      const larger = new Int32Array(Math.max(longest, 2 * this.#records.length));
      larger.set(this.#records);
      this.#records = larger;
    }
    this.#records[this.#end++] = state;
    this.#records[this.#end++] = front;
    const last = this.#lastWord(front);
    for (let word = front >>> 5; word <= last; word++)
      this.#records[this.#end++] = this.#bits[word] as number;
    for (let word = this.#pendingFrom; word < this.#bits.length; word++)
      this.#records[this.#end++] = this.#bits[word] as number;
  }

  #grow(): void {
    const [table, hashes] = [this.#table, this.#hashes];
    this.#table = new Int32Array(2 * table.length);
    this.#hashes = new Int32Array(2 * table.length);
    const mask = this.#table.length - 1;
    for (const [old, at] of table.entries()) {
      if (at === EMPTY) continue;
      let slot = (hashes[old] as number) & mask;
      while (this.#table[slot] !== EMPTY) slot = (slot + 1) & mask;
      this.#table[slot] = at;
      this.#hashes[slot] = hashes[old] as number;
    }
  }
}
