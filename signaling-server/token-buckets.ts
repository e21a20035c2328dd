/**
 * Token buckets: so many tokens at once, so many a second. The obvious bucket keeps a count and a time and adds
 * what has flowed in since. This one keeps a single number, the instant at which it will be full again (the
 * generic cell rate algorithm of ITU-T I.371, where it is the "theoretical arrival time"): taking tokens moves
 * it ahead, and what would move it further ahead than a whole burst is refused. A bucket whose instant has
 * passed is as good as a new one, so it can be forgotten.
 *
 * Pure and synchronous: the clock is handed in.
 */
export interface Rate {
  /** Tokens of a full bucket. */
  readonly burst: number;
  readonly perSecond: number;
}

export class TokenBucket {
  #fullAtMs = -Infinity;

  /** 0: taken. Otherwise nothing is taken, and so many milliseconds later it would be. */
  take({ burst, perSecond }: Rate, tokens: number, nowMs: number): number {
    // Relative to now: through an absolute time a full bucket would lose its last token to rounding.
    const missingMs = Math.max(this.#fullAtMs - nowMs, 0) + (1000 * tokens) / perSecond;
    const overMs = missingMs - (1000 * burst) / perSecond;
    if (overMs > 0) return overMs;
    this.#fullAtMs = nowMs + missingMs;
    return 0;
  }
}

/** One bucket a key, for at most `keysMax` keys: beyond it the one that was used longest ago is forgotten. */
export class TokenBuckets {
  readonly #rate: Rate;
  readonly #keysMax: number;
  /** In order of their latest use. */
  readonly #buckets = new Map<string, TokenBucket>();

  constructor(rate: Rate, keysMax: number) {
    this.#rate = rate;
    this.#keysMax = keysMax;
  }

  get size(): number {
    return this.#buckets.size;
  }

  take(key: string, tokens: number, nowMs: number): number {
    const bucket = this.#buckets.get(key) ?? new TokenBucket();
    this.#buckets.delete(key);
    this.#buckets.set(key, bucket);
    if (this.#buckets.size > this.#keysMax) {
      const [quietest] = this.#buckets.keys();
      if (quietest !== undefined) this.#buckets.delete(quietest);
    }
    return bucket.take(this.#rate, tokens, nowMs);
  }
}
