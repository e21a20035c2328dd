/**
 * Where the characters of runs are: what was there when the text was last read or loaded as one string, and behind
 * it, in a buffer, what was typed since. A run knows at which offset its characters begin, so typing allocates nothing and
 * cutting a run copies nothing. A string a run would be a rope, an object a keystroke that outlives every collection.
 *
 * What is deleted leaves its characters behind. They go when the text is settled (`RunTree.settle`): when somebody reads
 * all of it, or when there is no room and much of it is waste.
 */

const unitsAtFirst = 32;
/** Of arguments: the larger, the slower is V8 in copying them. */
const callUnitsMax = 1024;

export class TextPool {
  /** What is at the offsets `[0, settled.length)`. */
  settled = '';
  #units = new Uint16Array(unitsAtFirst);
  #used = 0;

  /** The offset after the last character. */
  get end(): number {
    return this.settled.length + this.#used;
  }

  /** Is there anything behind `settled`? */
  get typed(): boolean {
    return this.#used > 0;
  }

  hasRoom(count: number): boolean {
    return this.#used + count <= this.#units.length;
  }

  grow(count: number): void {
    const larger = new Uint16Array(Math.max(this.#used + count, 2 * this.#units.length));
    larger.set(this.#units.subarray(0, this.#used));
    this.#units = larger;
  }

  /** Adds `text`, for which there is room, at the end. */
  push(text: string): void {
    const units = this.#units;
    const at = this.#used;
    const { length } = text;
    for (let i = 0; i < length; i++) units[at + i] = text.charCodeAt(i);
    this.#used = at + length;
  }

  unitAt(offset: number): number {
    const { length } = this.settled;
    return offset < length ? this.settled.charCodeAt(offset) : (this.#units[offset - length] as number);
  }

  slice(from: number, to: number): string {
    const { length } = this.settled;
    if (to <= length) return this.settled.slice(from, to);
    return this.settled.slice(from) + this.#string(Math.max(0, from - length), to - length);
  }

  /** All of it is `text` now. */
  settle(text: string): void {
    this.settled = text;
    this.#used = 0;
  }

  #string(from: number, to: number): string {
    let text = '';
    for (let at = from; at < to; at += callUnitsMax) {
      const units = this.#units.subarray(at, Math.min(to, at + callUnitsMax));
      // As the type has it, only arrays can be arguments.
      text += String.fromCharCode.apply(null, units as unknown as number[]);
    }
    return text;
  }
}
