import { expect, test } from 'vitest';
import { goldenHash, goldenRuns } from '../golden.model.ts';

test.each(goldenRuns)('seed of %s %s gives the same trace in Chromium as in Node', (scenario, seed, hash) => {
  expect(goldenHash(scenario, seed)).toBe(hash);
});
