/**
 * Text that only grows at its end, as a history gets it: a keystroke at a time. Adding each to a string would
 * make a rope with an object a keystroke, sixteen times the size of what was typed.
 */

/** As many arguments as every engine takes in one call. */
const callUnitsMax = 8192;

/** Many replicas write little. Up to 64 bytes V8 keeps with the object; beyond, each array is a buffer to be tracked. */
const unitsAtFirst = 16;

export class UnitStore {
  #units = new Uint16Array(unitsAtFirst);
  #length = 0;

  /** UTF-16 code units. */
  get length(): number {
    return this.#length;
  }

  append(text: string): void {
    const at = this.#length;
    const { length } = text;
    if (at + length > this.#units.length) this.#grow(at + length);
    const units = this.#units;
    // As in `text-pool.ts`: nothing behind the loop.
    this.#length = at + length;
    for (let i = 0; i < length; i++) units[at + i] = text.charCodeAt(i);
  }

  #grow(atLeast: number): void {
    const larger = new Uint16Array(Math.max(atLeast, 2 * this.#units.length));
    larger.set(this.#units);
    this.#units = larger;
  }

  slice(from: number, to: number): string {
    let text = '';
    for (let at = from; at < to; at += callUnitsMax)
      text += String.fromCharCode(...this.#units.subarray(at, Math.min(to, at + callUnitsMax)));
    return text;
  }
}
