/** A set of whole numbers below a bound that is known: a bit each. */
export class Bits {
  readonly #bytes: Uint8Array;

  constructor(count: number) {
    this.#bytes = new Uint8Array(Math.ceil(count / 8));
  }

  has(number: number): boolean {
    return (((this.#bytes[number >> 3] as number) >> (number & 7)) & 1) === 1;
  }

  /** False when it was in already. */
  set(number: number): boolean {
    if (this.has(number)) return false;
    this.#bytes[number >> 3] = (this.#bytes[number >> 3] as number) | (1 << (number & 7));
    return true;
  }
}
