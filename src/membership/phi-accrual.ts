/**
 * How long one may wait for a heartbeat: the phi accrual failure detector (Hayashibara et al., *The phi accrual failure detector*, 2004,
 * section 4).
 *
 * A fixed timeout is too short on a bad road and too long on a good one. Phi says how improbable a silence is on this road: the
 * intervals between the last heartbeats give a normal distribution, and phi is −log10 of the chance that one takes longer still. So phi 1 is a
 * silence that one in ten intervals reaches, phi 8 one in a hundred million.
 *
 * As Pekko does: the tail of the normal distribution by a logistic function (its error is below 0.014 %), a floor under the deviation,
 * since a perfectly regular link would condemn the first late timer, and a pause that is allowed on top. Departures: whole milliseconds, so that
 * sums are exact; one formula that stays finite for any silence; the window begins anew when we wake up (`reset`), since what we
 * missed while we slept says nothing about the road.
 */
import { assert } from '../base/assert.ts';

export interface PhiConfig {
  /** Intervals that are remembered. */
  readonly windowMax: number;
  readonly deviationMinMs: number;
  readonly pauseMs: number;
  /** What an interval is taken to be before any was seen; its deviation is a quarter of it. */
  readonly firstIntervalMs: number;
  /** An interval that ends a silence this improbable is no sample: it was an outage, and would excuse the next one. */
  readonly sampleBelow: number;
}

/** Phi after a silence of `elapsedMs`, where intervals have this mean and deviation. At least 0, finite. */
export function phiOf(elapsedMs: number, meanMs: number, deviationMs: number): number {
  assert(deviationMs > 0, 'a deviation of 0 makes every delay impossible');
  const y = (elapsedMs - meanMs) / deviationMs;
  // −log10(e / (1 + e)) with e = exp(−x) is log10(1 + exp(x)); beyond 30 the 1 is lost in a double anyway.
  const x = y * (1.5976 + 0.070566 * y * y);
  return x > 30 ? x / Math.LN10 : Math.log10(1 + Math.exp(x));
}

export class PhiAccrual {
  readonly #config: PhiConfig;
  #intervals: number[] = [];
  #next = 0;
  #sum = 0;
  #squares = 0;
  #heardMs: number;
  /** Whether an interval began with a heartbeat that we saw. */
  #began = false;

  constructor(config: PhiConfig, nowMs: number) {
    this.#config = config;
    this.#heardMs = nowMs;
    this.reset(nowMs);
  }

  /** When the last sign of life came. */
  get heardMs(): number {
    return this.#heardMs;
  }

  heartbeat(nowMs: number): void {
    const intervalMs = Math.round(nowMs - this.#heartbeatMs);
    const outage = this.phi(nowMs) >= this.#config.sampleBelow;
    if (this.#began && intervalMs >= 0 && !outage) this.#sample(intervalMs);
    this.#heartbeatMs = nowMs;
    this.#began = true;
    this.alive(nowMs);
  }
  #heartbeatMs = 0;

  /** A sign of life that is no heartbeat, and says nothing about how often those come. */
  alive(nowMs: number): void {
    this.#heardMs = Math.max(this.#heardMs, nowMs);
  }

  /** Forgets what it knows of the road, and takes `nowMs` for a sign of life. */
  reset(nowMs: number): void {
    this.#intervals = [];
    this.#next = this.#sum = this.#squares = 0;
    const { firstIntervalMs } = this.#config;
    // Two samples whose mean and deviation are those wanted.
    this.#sample(Math.round(firstIntervalMs * 0.75));
    this.#sample(Math.round(firstIntervalMs * 1.25));
    this.#heardMs = nowMs;
    this.#began = false;
  }

  get meanMs(): number {
    return this.#sum / this.#intervals.length;
  }
  get deviationMs(): number {
    const { meanMs } = this;
    const variance = Math.max(0, this.#squares / this.#intervals.length - meanMs * meanMs);
    return Math.max(this.#config.deviationMinMs, Math.sqrt(variance));
  }

  /** `patience`: what the allowed pause is multiplied by, 1 and more; see local-health.ts. */
  phi(nowMs: number, patience = 1): number {
    const elapsedMs = nowMs - this.#heardMs;
    // No silence below half a pause is worth a logarithm: most are.
    if (elapsedMs <= this.#config.pauseMs / 2) return 0;
    return phiOf(elapsedMs, this.meanMs + this.#config.pauseMs * patience, this.deviationMs);
  }

  #sample(intervalMs: number): void {
    const gone = this.#intervals[this.#next];
    if (gone !== undefined) {
      this.#sum -= gone;
      this.#squares -= gone * gone;
    }
    this.#intervals[this.#next] = intervalMs;
    this.#next = (this.#next + 1) % this.#config.windowMax;
    this.#sum += intervalMs;
    this.#squares += intervalMs * intervalMs;
  }
}
