/**
 * One number for everything that happened in a run: what two engines, or two versions of a tool, must agree on.
 * Whole-number arithmetic only, since `Math.log` and its like may differ in the last bit between engines.
 */
export class TraceHash {
  #high = 0x243f6a88;
  #low = 0x85a308d3 | 0;

  word(value: number): void {
    this.#low = Math.imul(this.#low ^ value, 0x01000193);
    this.#high = (Math.imul(this.#high ^ this.#low, 0x5bd1e995) + value) | 0;
  }

  /** Milliseconds, to a thousandth. Sums and products of doubles are the same everywhere. */
  time(ms: number): void {
    const whole = Math.floor(ms * 1024);
    this.word((whole % 0x1_0000_0000) | 0);
  }

  /** Length, beginning and end: a batch ends with its signature, which says all that is before it. */
  bytes(bytes: Uint8Array): void {
    this.word(bytes.length);
    const { length } = bytes;
    for (let i = 0; i < length && i < 4; i++) this.word(bytes[i] as number);
    for (let i = Math.max(4, length - 8); i < length; i++) this.word(bytes[i] as number);
  }

  text(text: string): void {
    for (let i = 0; i < text.length; i++) this.word(text.charCodeAt(i));
  }

  /** 16 hex digits. */
  toString(): string {
    return [this.#high, this.#low].map(word => (word >>> 0).toString(16).padStart(8, '0')).join('');
  }
}
