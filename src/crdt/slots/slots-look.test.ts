import { expect, test } from 'vitest';
import { leadsUp } from './slots-look.ts';
import { SeededRandom } from '../../base/random.ts';

test('a way up is found from everywhere exactly when there is no ring', () => {
  const random = new SeededRandom('rings');
  let rings = 0;
  for (let run = 0; run < 2000; run++) {
    const count = 1 + random.below(8);
    const parents = Array.from({ length: count }, () => (random.below(2) === 0 ? -1 : random.below(count)));
    const isGood = parents.every((_, from) => {
      let at = from;
      for (let steps = 0; at >= 0 && steps <= count; steps++) at = parents[at] as number;
      return at < 0;
    });
    if (!isGood) rings++;
    expect(leadsUp(Int32Array.from(parents)), parents.join()).toBe(isGood);
  }
  expect(rings).toBeGreaterThan(200);
  expect(rings).toBeLessThan(1800);
});
