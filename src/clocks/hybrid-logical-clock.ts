/**
 * Hybrid logical clock (Kulkarni, Demirbas, Madappa, Avva, Leone 2014, figure 5): stamps close to wall time
 * that still respect causality. A wall clock alone goes backwards and disagrees between devices; a Lamport
 * clock alone says nothing to a person.
 *
 * Departure: a stamp further ahead than `clockDriftMaxMs` is never followed, so one device with a wrong clock
 * cannot drag the whole space into the future. What such a device wrote must be replaceable all the same:
 * `stampOver` beats the stamp that is overwritten without our own clock following it.
 *
 * Stamps are finite, so there is a last one, and whoever wants to can write it. Nothing comes after it:
 * `nextHybridTime(lastHybridTime)` is itself, and a register must settle writes with that stamp by causality
 * (src/crdt/registers/lww-register.ts does).
 */
import type { Reader, Writer } from '../base/codec.ts';
import { clockDriftMaxMs, stampLogicalMax, stampWallMsMax } from '../base/limits.ts';

export interface HybridTime {
  /** Milliseconds since 1970, the highest wall time seen; whole, `0 <= wallMs <= stampWallMsMax`. */
  readonly wallMs: number;
  /** Distinguishes stamps within one millisecond; whole, `0 <= logical <= stampLogicalMax`. */
  readonly logical: number;
}

/** The highest stamp there is. */
export const lastHybridTime: HybridTime = { wallMs: stampWallMsMax, logical: stampLogicalMax };

export function isLastHybridTime(stamp: HybridTime): boolean {
  return compareHybridTime(stamp, lastHybridTime) === 0;
}

export function compareHybridTime(a: HybridTime, b: HybridTime): number {
  return a.wallMs - b.wallMs || a.logical - b.logical;
}

/** Whether both parts are in the range that every replica accepts. Says nothing about drift. */
export function isHybridTime({ wallMs, logical }: HybridTime): boolean {
  return isWhole(wallMs, stampWallMsMax) && isWhole(logical, stampLogicalMax);
}

/** The stamp just after `time`, in range again; of the last one, itself. */
export function nextHybridTime({ wallMs, logical }: HybridTime): HybridTime {
  if (logical < stampLogicalMax) return { wallMs, logical: logical + 1 };
  return wallMs < stampWallMsMax ? { wallMs: wallMs + 1, logical: 0 } : lastHybridTime;
}

export function writeHybridTime(writer: Writer, { wallMs, logical }: HybridTime): void {
  writer.varUint(wallMs).varUint(logical);
}

/** Refuses what is out of range. */
export function readHybridTime(reader: Reader): HybridTime {
  return { wallMs: reader.varUint(stampWallMsMax), logical: reader.varUint(stampLogicalMax) };
}

export class HybridLogicalClock {
  #last: HybridTime = { wallMs: 0, logical: 0 };

  /**
   * A stamp for something that happens here now, later than every stamp given or followed before. A wall clock
   * outside the range of stamps counts as its nearest end.
   */
  stamp(wallMs: number): HybridTime {
    const whole = Math.min(Math.max(0, Math.floor(wallMs)), stampWallMsMax);
    this.#last = whole > this.#last.wallMs ? { wallMs: whole, logical: 0 } : nextHybridTime(this.#last);
    return this.#last;
  }

  /**
   * A stamp for a write over one stamped `overwritten`: the later of our own clock and one step after it, so later than
   * `overwritten` unless that is the last stamp there is. Our own clock follows it only within `clockDriftMaxMs`.
   */
  stampOver(overwritten: HybridTime | undefined, wallMs: number): HybridTime {
    if (overwritten === undefined) return this.stamp(wallMs);
    this.observe(overwritten, wallMs);
    const own = this.stamp(wallMs);
    return compareHybridTime(own, overwritten) > 0 ? own : nextHybridTime(overwritten);
  }

  /**
   * Takes note of a stamp from elsewhere. False when it was not followed: it lies too far in the future, or its
   * logical part is out of range (one near 2^53 would drive the stamps after it out of what a batch can carry).
   */
  observe(stamp: HybridTime, wallMs: number): boolean {
    if (stamp.wallMs > wallMs + clockDriftMaxMs || !isHybridTime(stamp)) return false;
    if (compareHybridTime(stamp, this.#last) > 0) this.#last = stamp;
    return true;
  }
}

function isWhole(value: number, max: number): boolean {
  return Number.isSafeInteger(value) && value >= 0 && value <= max;
}
