/**
 * An editor, as plain as can be: it has the text of the moment and changes it only as it is told. Beside the text it keeps a
 * number that two equal texts share and two different ones hardly ever: the sum over neighbouring characters of a mix of
 * both, so that a change costs what it changes and not the length of the page.
 */
import { assert } from '../base/assert.ts';
import type { TextChange } from '../crdt/text/messages.ts';

const pair = (a: number, b: number): number =>
  Math.imul(Math.imul(a + 0x9e37, 0x85ebca6b) ^ (b + 1), 0xc2b2ae35);

export class Mirror {
  #units = new Uint16Array(256);
  #length = 0;
  #hash = pair(0, 0);

  constructor(text: string) {
    this.apply([{ from: 0, to: 0, insert: text }]);
  }

  get length(): number {
    return this.#length;
  }
  /** A 32-bit number, of the text alone. */
  get hash(): number {
    return this.#hash | 0;
  }

  apply(changes: readonly TextChange[]): void {
    for (const change of changes) this.#change(change);
  }

  #change({ from, to, insert }: TextChange): void {
    assert(from >= 0 && from <= to && to <= this.#length, 'a change lies inside the text');
    this.#hash = (this.#hash - this.#pairs(from, to)) | 0;
    const end = from + insert.length;
    const length = this.#length - (to - from) + insert.length;
    if (length > this.#units.length) {
      const wider = new Uint16Array(2 * length);
      wider.set(this.#units.subarray(0, this.#length));
      this.#units = wider;
    }
    if (end !== to) this.#units.copyWithin(end, to, this.#length);
    for (let i = 0; i < insert.length; i++) this.#units[from + i] = insert.charCodeAt(i);
    this.#length = length;
    this.#hash = (this.#hash + this.#pairs(from, end)) | 0;
  }

  /** The pairs that have a part in `[from, to)`, and the one that meets there when that is empty. */
  #pairs(from: number, to: number): number {
    let sum = 0;
    let before = this.unit(from - 1);
    for (let i = from; i <= to; i++) {
      const unit = this.unit(i);
      sum = (sum + pair(before, unit)) | 0;
      before = unit;
    }
    return sum;
  }

  /** 0 beyond both ends. */
  unit(at: number): number {
    return at < 0 || at >= this.#length ? 0 : (this.#units[at] as number);
  }

  toString(): string {
    let text = '';
    for (let at = 0; at < this.#length; at += 4096)
      text += String.fromCharCode(...this.#units.subarray(at, Math.min(this.#length, at + 4096)));
    return text;
  }
}
