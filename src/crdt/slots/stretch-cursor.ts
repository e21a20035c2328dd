/** Goes through the stretches of one replica as they stand in bytes (`slots-bytes.ts`), one after another, and makes nothing of them. */
import type { Reader } from '../../base/codec.ts';
import { counterMax } from '../../base/limits.ts';

export class StretchCursor {
  start = 0;
  /** The counter after its last slot; before the first stretch, where that may begin. */
  end: number;
  /** Place of the parent's replica, -1 for the root. */
  parent = -1;
  parentCounter = 0;
  side: 'left' | 'right' = 'right';
  readonly #reader: Reader;
  readonly #replicaCount: number;

  /** `end`: where the stretch before the next one ends. */
  constructor(reader: Reader, replicaCount: number, end = 0) {
    this.#reader = reader;
    this.#replicaCount = replicaCount;
    this.end = end;
  }

  /** How many stretches a replica has: each takes at least three bytes. */
  static readCount(reader: Reader): number {
    return reader.varUint(Math.floor(reader.left / 3));
  }

  next(): void {
    const reader = this.#reader;
    this.start = this.end + reader.varUint(counterMax);
    this.end = this.start + reader.varUint(counterMax);
    if (this.end <= this.start || this.end > counterMax) reader.fail('counter out of range');
    const hang = reader.varUint() - 1;
    this.parent = hang < 0 ? -1 : Math.floor(hang / 2);
    if (this.parent >= this.#replicaCount) reader.fail('unknown replica');
    this.parentCounter = hang < 0 ? 0 : reader.varUint(counterMax);
    this.side = hang >= 0 && hang % 2 === 1 ? 'left' : 'right';
  }

  /** Is its first slot, of the replica `place`, right of the one before it? Then it goes on the stretch that ends there. */
  isChained(place: number): boolean {
    return this.parent === place && this.side === 'right' && this.parentCounter === this.start - 1;
  }
}
