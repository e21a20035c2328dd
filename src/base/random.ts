/**
 * A deterministic generator: the same seed gives the same draws on every machine and engine. For simulation,
 * for the link conditioner and for jitter in tests; never for keys or nonces.
 *
 * The generator is sfc32 (Chris Doty-Humphrey, PractRand): four 32-bit words, a counter that guarantees a
 * period of at least 2^32, only additions, shifts and xors, so that `| 0` arithmetic is exact everywhere.
 *
 * One stream shared by many users makes every draw depend on all draws before it: one more frame on one link
 * would change the fate of every frame on the others. `split(label)` therefore derives a child from the seed
 * and the label only, not from what was drawn so far.
 */
import { assert } from './assert.ts';
import type { Random } from './ports.ts';

const TWO_32 = 2 ** 32;

export class SeededRandom implements Random {
  readonly #seed: string;
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  constructor(seed: number | string) {
    this.#seed = String(seed);
    [this.#a, this.#b, this.#c] = hashedWords(this.#seed);
    // Twelve rounds are what PractRand's author advises before the first output, so that close seeds part.
    for (let round = 0; round < 12; round++) this.#next();
  }

  /** A whole number in [0, below), evenly spread: draws that would favour small numbers are drawn again. */
  below(below: number): number {
    assert(Number.isSafeInteger(below) && below > 0, 'below must be a whole number above 0');
    const wide = below > TWO_32;
    const range = wide ? 2 ** 53 : TWO_32;
    const evenUpTo = range - (range % below);
    for (;;) {
      const drawn = wide ? (this.#next() % 2 ** 21) * TWO_32 + this.#next() : this.#next();
      if (drawn < evenUpTo) return drawn % below;
    }
  }

  /** In [0, 1), a multiple of 2^-32. */
  fraction(): number {
    return this.#next() / TWO_32;
  }

  /** A generator of its own, the same one for the same seed and label however much was drawn here. */
  split(label: string): SeededRandom {
    // The length keeps split('a').split('b') apart from split('a/b').
    return new SeededRandom(`${this.#seed}/${String(label.length)}:${label}`);
  }

  #next(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }
}

/** Three words from a text: FNV-1a with three offsets, each finished by murmur3's mixer so that all bits count. */
function hashedWords(text: string): [number, number, number] {
  const word = (offset: number): number => {
    let hash = 0x811c9dc5 ^ offset;
    for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
    hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
    return hash ^ (hash >>> 16);
  };
  return [word(0), word(0x9e3779b9), word(0x3c6ef372)];
}
