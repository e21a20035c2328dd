import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TokenBucket, TokenBuckets } from './token-buckets.ts';

test('a full bucket gives its burst at once, then as much as flows in, and says how long to wait', () => {
  const rate = { burst: 3, perSecond: 2 };
  const bucket = new TokenBucket();
  const take = (tokens: number, nowMs: number): number => bucket.take(rate, tokens, nowMs);
  expect([take(1, 0), take(2, 0), take(1, 0)]).toEqual([0, 0, 500]);
  expect([take(1, 499), take(1, 500), take(1, 500)]).toEqual([1, 0, 500]);
  // Never more than a burst, however long nothing was taken.
  expect([take(3, 1_000_000), take(1, 1_000_000)]).toEqual([0, 500]);
  // What was refused has cost nothing.
  expect([take(4, 2_000_000), take(3, 2_000_000)]).toEqual([500, 0]);
});

/** The obvious bucket: a count, and the time at which it was right. In thousandths of a token, so that it is exact. */
class CountingBucket {
  #tokens: number;
  #atMs = 0;
  readonly #burst: number;
  readonly #perSecond: number;
  constructor(burst: number, perSecond: number) {
    this.#burst = burst * 1000;
    this.#perSecond = perSecond;
    this.#tokens = this.#burst;
  }
  take(tokens: number, nowMs: number): boolean {
    this.#tokens = Math.min(this.#burst, this.#tokens + (nowMs - this.#atMs) * this.#perSecond);
    this.#atMs = nowMs;
    if (this.#tokens < tokens * 1000) return false;
    this.#tokens -= tokens * 1000;
    return true;
  }
}

test('it grants and refuses exactly as a bucket that counts', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 20 }),
      // Rates whose token takes whole milliseconds, so that neither side rounds.
      fc.constantFrom(1, 2, 4, 5, 8, 10, 20, 25, 40, 50, 100, 125, 200, 250, 500, 1000),
      fc.array(fc.tuple(fc.nat(2000), fc.integer({ min: 1, max: 25 })), { maxLength: 60 }),
      (burst, perSecond, steps) => {
        const bucket = new TokenBucket();
        const model = new CountingBucket(burst, perSecond);
        let nowMs = 0;
        for (const [later, tokens] of steps) {
          nowMs += later;
          expect(bucket.take({ burst, perSecond }, tokens, nowMs) === 0).toBe(model.take(tokens, nowMs));
        }
      },
    ),
  );
});

test('a wait that was told is enough, and a millisecond less is not', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 500 }), (burst, perSecond) => {
      const bucket = new TokenBucket();
      expect(bucket.take({ burst, perSecond }, burst, 0)).toBe(0);
      const waitMs = bucket.take({ burst, perSecond }, 1, 0);
      expect(bucket.take({ burst, perSecond }, 1, waitMs - 1e-3)).toBeGreaterThan(0);
      expect(bucket.take({ burst, perSecond }, 1, waitMs + 1e-3)).toBe(0);
    }),
  );
});

test('each address has its own bucket, and only so many are remembered', () => {
  const buckets = new TokenBuckets({ burst: 1, perSecond: 1 }, 2);
  expect([buckets.take('a', 1, 0), buckets.take('b', 1, 0), buckets.take('a', 1, 0)]).toEqual([0, 0, 1000]);
  // 'b' was quiet longest: it gives way, and 'a' is still remembered.
  expect([buckets.take('c', 1, 0), buckets.take('a', 1, 0), buckets.size]).toEqual([0, 1000, 2]);
  expect([buckets.take('b', 1, 0), buckets.size]).toEqual([0, 2]);
});
