/** The limit: an array with a gap where the last edit was. It knows nothing of replicas. */
import type { Alone, Editor } from '../library.ts';

class GapBuffer implements Editor {
  #units = new Uint16Array(1024);
  /** The gap is `[from, to)`. */
  #from = 0;
  #to = 1024;

  edit(position: number, deleted: number, inserted: string): void {
    this.#move(position);
    this.#to += deleted;
    if (this.#to - this.#from < inserted.length) this.#grow(inserted.length);
    for (let i = 0; i < inserted.length; i++) this.#units[this.#from++] = inserted.charCodeAt(i);
  }

  text(): string {
    const decoder = new TextDecoder('utf-16le');
    return (
      decoder.decode(this.#units.subarray(0, this.#from)) + decoder.decode(this.#units.subarray(this.#to))
    );
  }

  #move(position: number): void {
    if (position < this.#from) {
      this.#units.copyWithin(this.#to - (this.#from - position), position, this.#from);
      this.#to -= this.#from - position;
    } else if (position > this.#from) {
      const count = position - this.#from;
      this.#units.copyWithin(this.#from, this.#to, this.#to + count);
      this.#to += count;
    }
    this.#from = position;
  }

  #grow(least: number): void {
    const behind = this.#units.length - this.#to;
    const larger = new Uint16Array(2 * this.#units.length + least);
    larger.set(this.#units.subarray(0, this.#from));
    larger.set(this.#units.subarray(this.#to), larger.length - behind);
    this.#to = larger.length - behind;
    this.#units = larger;
  }
}

export function gapBuffer(): Alone {
  return { counts: 'units', openAlone: () => new GapBuffer() };
}
