/**
 * The clocks of a device that holds leases: the monotonic one runs a little fast or slow, which is what a lease must bear, and may stop
 * while the device sleeps. The wall clock goes on, drifts less, and is set now and then.
 */
import type { Clock } from '../../base/ports.ts';
import { epochMs } from '../device-clock.ts';

export class GroupClock implements Clock {
  readonly #now: () => number;
  readonly #rate: number;
  #monotonicMs = 0;
  #sinceMs = 0;
  #stopped = false;
  #jumpedMs = 0;

  /** `rate`: milliseconds that it shows for each that passes. */
  constructor(now: () => number, rate: number) {
    this.#now = now;
    this.#rate = rate;
  }
  monotonicMs(): number {
    return this.#stopped ? this.#monotonicMs : this.#monotonicMs + (this.#now() - this.#sinceMs) * this.#rate;
  }
  wallMs(): number {
    return Math.floor(epochMs + this.#now() + this.#jumpedMs);
  }
  /** When it will show `monotonicMs`, if it does not stop. */
  timeOf(monotonicMs: number): number {
    return this.#sinceMs + (monotonicMs - this.#monotonicMs) / this.#rate;
  }
  stop(): void {
    this.#settle();
    this.#stopped = true;
  }
  goOn(): void {
    this.#settle();
    this.#stopped = false;
  }
  setWall(byMs: number): void {
    this.#jumpedMs += byMs;
  }
  #settle(): void {
    this.#monotonicMs = this.monotonicMs();
    this.#sinceMs = this.#now();
  }
}
