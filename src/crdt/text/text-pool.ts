/**
 * Where the characters of runs are: what was there when the text was last read or loaded as one string, and behind
 * it, in a buffer, what was typed since. A run knows at which offset its characters begin, so typing allocates nothing and
 * cutting a run copies nothing. A string a run would be a rope, an object a keystroke that outlives every collection.
 *
 * What is deleted leaves its characters behind. They go when the text is settled (`RunTree.text`): when somebody reads
 * all of it, or when there is no room and much of it is waste.
 */

const unitsAtFirst = 32;
/** Of arguments: the larger, the slower is V8 in copying them. */
const callUnitsMax = 1024;

export class TextPool {
  /** What is at the offsets `[0, settled.length)`. */
  settled = '';
  /** The offset after the last character. */
  end = 0;
  /** The offset up to which there is room. */
  limit = unitsAtFirst;
  #units = new Uint16Array(unitsAtFirst);

  /** Makes room for `count` more. */
  grow(count: number): void {
    const used = this.end - this.settled.length;
    const larger = new Uint16Array(Math.max(used + count, 2 * this.#units.length));
    larger.set(this.#units.subarray(0, used));
    this.#units = larger;
    this.limit = this.settled.length + larger.length;
  }

  /** Adds `text`, for which there is room, at the end. */
  push(text: string): void {
    const units = this.#units;
    const at = this.end - this.settled.length;
    const { length } = text;
    // Not behind the loop: V8, which compiles the loop alone in the middle of a long text, would leave its code there each time.
    this.end += length;
    for (let i = 0; i < length; i++) units[at + i] = text.charCodeAt(i);
  }

  /** May begin or end inside a surrogate pair, so the platform's decoder will not do. */
  slice(from: number, to: number): string {
    const { length } = this.settled;
    if (to <= length) return this.settled.slice(from, to);
    if (to - from > callUnitsMax) {
      const middle = (from + to) >> 1;
      return this.slice(from, middle) + this.slice(middle, to);
    }
    const units = this.#units.subarray(Math.max(0, from - length), to - length);
    // As the type has it, only arrays can be arguments.
    return this.settled.slice(from) + String.fromCharCode.apply(null, units as unknown as number[]);
  }

  /** All of it is `text` now. */
  settle(text: string): void {
    this.settled = text;
    this.end = text.length;
    this.limit = this.end + this.#units.length;
  }
}
