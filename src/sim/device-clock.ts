/**
 * The two clocks of a device. The monotonic one may stop while the device sleeps (browsers differ; the worse one is
 * played). The wall clock is what the device believes: it runs too fast or too slow, and somebody may set it.
 */
import type { Clock } from '../base/ports.ts';

/** The wall clock of a device that is right when virtual time begins. */
export const epochMs = 1_800_000_000_000;

export class DeviceClock implements Clock {
  readonly #now: () => number;
  #asleepMs = 0;
  #asleepSinceMs: number | undefined;
  /** How much faster than time the wall clock runs: 0.001 gains a millisecond a second. */
  #drift = 0;
  #wallFromMs = epochMs;
  #wallSinceMs = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  monotonicMs(): number {
    return (this.#asleepSinceMs ?? this.#now()) - this.#asleepMs;
  }

  wallMs(): number {
    const now = this.#now();
    return Math.floor(this.#wallFromMs + (now - this.#wallSinceMs) * (1 + this.#drift));
  }

  /** The time at which the monotonic clock will show `monotonicMs`, if it does not stop any more. */
  timeOf(monotonicMs: number): number {
    return monotonicMs + this.#asleepMs;
  }

  sleep(): void {
    this.#asleepSinceMs ??= this.#now();
  }

  wake(): void {
    if (this.#asleepSinceMs !== undefined) this.#asleepMs += this.#now() - this.#asleepSinceMs;
    this.#asleepSinceMs = undefined;
  }

  setWall({ jumpMs = 0, drift = this.#drift }: { readonly jumpMs?: number; readonly drift?: number }): void {
    this.#wallFromMs = this.wallMs() + jumpMs;
    this.#wallSinceMs = this.#now();
    this.#drift = drift;
  }

  /** Right again, as after a word with a time server. */
  correctWall(): void {
    this.#wallFromMs = epochMs + this.#now();
    this.#wallSinceMs = this.#now();
    this.#drift = 0;
  }
}
