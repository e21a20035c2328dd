/** Plans that once broke something, each under the name of what was wrong. `npm run sim -- --seed N --shrink` prints them. */
import { expect, test } from 'vitest';
import type { Fault, Plan } from './plan.ts';
import { play } from './play.ts';

const writer = { editsPerS: 3, burst: 1, place: 'caret', deletes: 0.3, lengthMax: 400, pastes: 0 } as const;

/** Two replicas on near links. */
function two(faults: readonly Fault[]): Plan {
  return {
    seed: 'found',
    nodes: [0, 1].map(device => ({ device, workload: writer })),
    strangers: [],
    latencyMs: [10, 10],
    weather: {},
    disk: { strictMs: 1, relaxedMs: 1, jitterMs: 4 },
    documents: 1,
    safetyMs: 15_000,
    faults,
    core: undefined,
  };
}

test('[SYNC14] a record that rotted into another well-formed batch shut out the true one', () => {
  const rot = Array.from({ length: 12 }, (_, n) => ({
    atMs: 6000 + 100 * n,
    forMs: 0,
    draw: n,
    // One bit, anywhere from the frontier to the letters that were typed: most of these still decode.
    harm: { type: 'corrupt', device: 1, record: 3 + n, at: 70 + 11 * n, flip: 1 } as const,
  }));
  const crash: Fault = { atMs: 8000, forMs: 500, draw: 1, harm: { type: 'crash', node: 1 } };
  const { violation, counts } = play(two([...rot, crash]));
  expect(violation).toBeUndefined();
  expect(counts.faults).toBeGreaterThan(3);
  expect(counts.restarts).toBe(1);
});
