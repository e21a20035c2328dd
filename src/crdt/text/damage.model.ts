/** Damaged bytes for decoders: a few bytes changed, now and then the end cut off. The same seed gives the same ones. */
import { SeededRandom } from '../../base/random.ts';

/** Hands `read` `count` damaged copies of `whole`; what it throws names the bytes. */
export function damage(whole: Uint8Array, count: number, read: (bytes: Uint8Array) => void): void {
  const random = new SeededRandom(count);
  for (let i = 0; i < count; i++) {
    const length = random.below(10) > 0 ? whole.length : random.below(whole.length);
    const bytes = whole.slice(0, length);
    for (let changes = random.below(3); changes >= 0; changes--) {
      const place = random.below(whole.length);
      if (place >= length) continue;
      // A neighbouring value goes further than any other before it is noticed.
      const near = random.below(2) === 0;
      bytes[place] = near ? (bytes[place] as number) + random.below(5) - 2 : random.below(256);
    }
    try {
      read(bytes);
    } catch (error) {
      throw new Error(`damaged input ${String(i)}: ${[...bytes].join()}`, { cause: error });
    }
  }
}
