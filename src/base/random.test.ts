import { expect, test } from 'vitest';
import { SeededRandom } from './random.ts';

const draws = (random: SeededRandom, count = 50): number[] =>
  Array.from({ length: count }, () => random.below(1000));

test('the same seed gives the same draws', () => {
  expect(draws(new SeededRandom(7))).toEqual(draws(new SeededRandom(7)));
  expect(draws(new SeededRandom(7))).not.toEqual(draws(new SeededRandom(8)));
});

test('the first draws of a seed are pinned, so that a failing seed stays replayable', () => {
  const random = new SeededRandom('peerloom');
  expect([random.below(1000), random.below(1000), random.below(2 ** 40)]).toEqual([4, 158, 457145510647]);
});

test('a split depends on seed and label only, not on what was drawn before', () => {
  const fresh = new SeededRandom(1);
  const used = new SeededRandom(1);
  draws(used);
  expect(draws(used.split('link'))).toEqual(draws(fresh.split('link')));
  expect(draws(fresh.split('link'))).not.toEqual(draws(fresh.split('link2')));
  expect(draws(fresh.split('a').split('b'))).not.toEqual(draws(fresh.split('a/1:b')));
});

test.each([1, 2, 3, 10, 2 ** 31 + 1, 2 ** 32, 2 ** 40, Number.MAX_SAFE_INTEGER])(
  'below(%d) stays in range',
  below => {
    const random = new SeededRandom(below);
    for (let i = 0; i < 200; i++) {
      const drawn = random.below(below);
      expect(Number.isSafeInteger(drawn) && drawn >= 0 && drawn < below).toBe(true);
    }
  },
);

test('draws are evenly spread over buckets, for many close seeds', () => {
  const buckets = new Array<number>(16).fill(0);
  for (let seed = 0; seed < 400; seed++) {
    const random = new SeededRandom(seed);
    for (let i = 0; i < 40; i++) {
      const bucket = random.below(16);
      buckets[bucket] = (buckets[bucket] ?? 0) + 1;
    }
  }
  // 16,000 draws, 1,000 expected a bucket; a standard deviation is 31, five of them are 153.
  for (const count of buckets) expect(Math.abs(count - 1000)).toBeLessThan(153);
});

test('below refuses a range that is no whole number above 0', () => {
  const random = new SeededRandom(1);
  for (const bad of [0, -1, 1.5, NaN, Infinity]) expect(() => random.below(bad)).toThrow('below');
});
