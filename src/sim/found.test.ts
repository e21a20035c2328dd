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

test('[SYNC31] a copy of a profile wrote the next batch of our log while we were typing ours, and the page fell over', () => {
  const resting = { ...writer, editsPerS: 0 };
  const typing = {
    ...writer,
    editsPerS: 9.652215690119192,
    spells: { typesMs: 2618.979713127396, restsMs: 3700.759556660632 },
    deletes: 0.09912695651873946,
    lengthMax: 2000,
  };
  const { violation, counts } = play({
    seed: '6987',
    nodes: [resting, typing, resting, resting, resting].map((workload, device) => ({ device, workload })),
    strangers: [],
    latencyMs: [0.25, 2],
    weather: {},
    disk: { strictMs: 113.15535481495317, relaxedMs: 1.604313197173178, jitterMs: 5.783553379587829 },
    documents: 1,
    safetyMs: 16_042,
    faults: [
      { atMs: 10_151, forMs: 315, draw: 2_768_269_529, harm: { type: 'crash', node: 3 } },
      { atMs: 14_771, forMs: 0, draw: 1_414_578_360, harm: { type: 'clone', device: 1 } },
    ],
    core: undefined,
  });
  expect(violation).toBeUndefined();
  expect(counts.faults).toBe(2);
});

test('what a page that was killed had begun to write came after what the next page had read, and took its place', () => {
  const slow: Fault = { atMs: 5000, forMs: 4000, draw: 1, harm: { type: 'slow', device: 0, ms: 700 } };
  const crashes = Array.from({ length: 12 }, (_, n): Fault => {
    return { atMs: 5500 + 700 * n, forMs: 1, draw: n, harm: { type: 'crash', node: 0 } };
  });
  const { violation, counts } = play(two([slow, ...crashes]));
  expect(violation).toBeUndefined();
  expect(counts.crashes).toBeGreaterThan(8);
});
