import { expect, test } from 'vitest';
import { goldenHash, goldenPlan, goldenRuns } from './golden.model.ts';
import { play } from './play.ts';

test.each(goldenRuns)('seed of %s %s gives the same trace in Node', (scenario, seed, hash) => {
  expect(goldenHash(scenario, seed)).toBe(hash);
});

test('a plan that went through JSON gives the same trace, and another seed another', () => {
  const plan = goldenPlan('sync', '9');
  const again = JSON.parse(JSON.stringify(plan)) as typeof plan;
  expect(play({ ...again, core: plan.core }).hash).toBe(play(plan).hash);
  expect(play(goldenPlan('sync', '10')).hash).not.toBe(play(plan).hash);
});
