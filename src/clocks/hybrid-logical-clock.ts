/**
 * Hybrid logical clock (Kulkarni, Demirbas, Madappa, Avva, Leone 2014, figure 5): stamps close to wall time
 * that still respect causality. A wall clock alone goes backwards and disagrees between devices; a Lamport
 * clock alone says nothing to a person.
 *
 * Departure: a stamp further ahead than `clockDriftMaxMs` is never followed, so one device with a wrong clock
 * cannot drag the whole space into the future.
 */
import { clockDriftMaxMs } from '../base/limits.ts';

export interface HybridTime {
  /** Milliseconds since 1970, the highest wall time seen. */
  readonly wallMs: number;
  /** Distinguishes stamps within one millisecond. */
  readonly logical: number;
}

/**
 * A stamp with a higher `logical` is not followed either: one near 2^53 would drive the stamps after it out of
 * what a batch can carry. No clock that keeps the rules gets near it.
 */
const logicalMax = 2 ** 32;

export function compareHybridTime(a: HybridTime, b: HybridTime): number {
  return a.wallMs - b.wallMs || a.logical - b.logical;
}

export class HybridLogicalClock {
  #last: HybridTime = { wallMs: 0, logical: 0 };

  /** A stamp for something that happens here now, later than every stamp given or followed before. */
  stamp(wallMs: number): HybridTime {
    this.#last =
      wallMs > this.#last.wallMs
        ? { wallMs, logical: 0 }
        : { wallMs: this.#last.wallMs, logical: this.#last.logical + 1 };
    return this.#last;
  }

  /** Takes note of a stamp from elsewhere. False when it lies too far in the future and was not followed. */
  observe(stamp: HybridTime, wallMs: number): boolean {
    if (stamp.wallMs > wallMs + clockDriftMaxMs || stamp.logical > logicalMax) return false;
    if (compareHybridTime(stamp, this.#last) > 0) this.#last = stamp;
    return true;
  }
}
