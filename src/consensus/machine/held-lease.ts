/**
 * The two ends of a lease outside of the log: who holds it, and what is guarded by it.
 *
 * A holder must stop before the machine lets the next one in, with clocks that nobody compares. It counts from **before** it asked
 * (the machine counts from when it applied that, which is later), and takes off what its clock may run slow against a leader's fast
 * one. While a device sleeps its monotonic clock may stand still, and the lease is long gone: the wall clock, which goes on, gives
 * that away. So a jump between the two ends the lease for good, whoever moved.
 */
import { assert } from '../../base/assert.ts';
import type { Clock } from '../../base/ports.ts';

export interface LeaseBounds {
  /** By how much two monotonic clocks may differ in rate, in thousandths. Of each: a quartz has 0.1, a throttled tab's is the same quartz. */
  readonly driftPermille: number;
  /** |Δwall − Δmonotonic| above this is a jump. A wall clock that is being slewed stays below for minutes. */
  readonly jumpMs: number;
}
export const leaseBoundsDefault: LeaseBounds = { driftPermille: 5, jumpMs: 500 };

export class HeldLease {
  readonly #clock: Clock;
  readonly #ttlMs: number;
  readonly #bounds: LeaseBounds;
  #askedMonotonicMs: number;
  #askedWallMs: number;
  #isLost = false;

  /** Made **before** the grant is asked for; it holds nothing until `granted`. */
  constructor(clock: Clock, ttlMs: number, bounds: LeaseBounds = leaseBoundsDefault) {
    assert(ttlMs > 0, 'a lease lasts');
    this.#clock = clock;
    this.#ttlMs = ttlMs;
    this.#bounds = bounds;
    this.#askedMonotonicMs = -Infinity;
    this.#askedWallMs = 0;
  }
  /** What `granted` takes: when the renewal that is about to be sent was asked for. */
  ask(): { readonly monotonicMs: number; readonly wallMs: number } {
    return { monotonicMs: this.#clock.monotonicMs(), wallMs: this.#clock.wallMs() };
  }
  /** The grant or renewal that was asked for then has been answered. */
  granted({ monotonicMs, wallMs }: ReturnType<HeldLease['ask']>): void {
    if (monotonicMs <= this.#askedMonotonicMs) return;
    this.#askedMonotonicMs = monotonicMs;
    this.#askedWallMs = wallMs;
  }
  /** The machine said so, or it was given up. */
  lose(): void {
    this.#isLost = true;
  }
  /** Milliseconds of this device's monotonic clock that are left; 0 when it is over, for good. */
  get leftMs(): number {
    if (this.#isLost) return 0;
    const monotonicMs = this.#clock.monotonicMs() - this.#askedMonotonicMs;
    if (monotonicMs === Infinity) return 0;
    const wallMs = this.#clock.wallMs() - this.#askedWallMs;
    const jumpMs = Math.abs(wallMs - monotonicMs);
    // A sleep too short for a jump has passed all the same.
    const sinceMs = Math.max(monotonicMs, wallMs);
    const usableMs = (this.#ttlMs * (1000 - 2 * this.#bounds.driftPermille)) / 1000;
    const leftMs = usableMs - sinceMs;
    if (jumpMs <= this.#bounds.jumpMs && leftMs > 0) return leftMs;
    this.#isLost = true;
    return 0;
  }
  get holds(): boolean {
    return this.leftMs > 0;
  }
}

/** Whatever a lock guards, where it is written: it has seen a token, and takes none below it any more. */
export class FencedResource {
  #highest = 0;
  get highestToken(): number {
    return this.#highest;
  }
  admits(token: number): boolean {
    if (token < this.#highest) return false;
    this.#highest = token;
    return true;
  }
}
