import { expect, test } from 'vitest';
import { SeededRandom } from '../../base/random.ts';
import { countSteps, stepsOf } from '../testing/steps.model.ts';
import { inCausalOrder, type Dated } from './causal-order.ts';
import { rootId } from './container-table.ts';
import type { DocumentBatch } from './messages.ts';
import { replicaIdOf } from './testing.model.ts';

countSteps();

const nameOf = (log: number) => replicaIdOf((log + 256).toString(16));

function dated(
  log: number,
  first: number,
  after: readonly (readonly [number, number])[],
  time: number,
): Dated {
  const dependencies = after
    .map(([author, counter]) => ({ replicaId: nameOf(author), counter }))
    .sort((a, b) => (a.replicaId < b.replicaId ? -1 : 1));
  const entries = [{ type: 'edit', container: rootId, counters: 1, ops: [] } as const];
  return { batch: { replicaId: nameOf(log), firstCounter: first, step: 1, dependencies, entries }, time };
}

/** The order said in words: of those whose causes have come, the least, again and again; what is left stands at the end. */
function obviousOrder(all: readonly Dated[]): readonly DocumentBatch[] {
  const ends = new Map<string, number>();
  const endOf = (replicaId: string) => ends.get(replicaId) ?? 0;
  const left = new Set(all);
  const ordered: DocumentBatch[] = [];
  for (;;) {
    const ready = [...left].filter(
      ({ batch }) =>
        batch.firstCounter === endOf(batch.replicaId) &&
        batch.dependencies.every(({ replicaId, counter }) => counter < endOf(replicaId)),
    );
    const [least] = ready.sort((a, b) => a.time - b.time || (a.batch.replicaId < b.batch.replicaId ? -1 : 1));
    if (least === undefined) return ordered;
    left.delete(least);
    ordered.push(least.batch);
    ends.set(least.batch.replicaId, least.batch.firstCounter + 1);
  }
}

test('[DOC9] whatever times say, the order is that of the least whose causes have come', () => {
  let lied = 0;
  for (let world = 0; world < 400; world++) {
    const random = new SeededRandom('causal order').split(String(world));
    const logs = 1 + random.below(6);
    const lengths = Array.from({ length: logs }, () => 1 + random.below(8));
    const all = lengths.flatMap((length, log) =>
      Array.from({ length }, (_, first) => {
        const after = lengths.flatMap((end, other): [number, number][] =>
          other !== log && random.below(4) === 0 ? [[other, random.below(end + random.below(2))]] : [],
        );
        return dated(log, first, after, random.below(20));
      }),
    );
    const expected = obviousOrder(all);
    if (expected.length < all.length) lied++;
    expect(inCausalOrder(all).slice(0, expected.length)).toEqual(expected);
    expect(new Set(inCausalOrder(all))).toEqual(new Set(all.map(({ batch }) => batch)));
  }
  // Rings of causes were among them, and worlds without.
  expect(lied).toBeGreaterThan(20);
  expect(lied).toBeLessThan(380);
});

/** Each log waits for the one with the next name, all times are alike, so sorting puts nearly all too early. */
function upsideDown(logs: number, each: number): readonly Dated[] {
  return Array.from({ length: logs * each }, (_, i) => {
    const log = i % logs;
    const first = Math.floor(i / logs);
    return dated(log, first, log + 1 < logs ? [[log + 1, first]] : [], 1);
  });
}

test('[DOC12] batches whose times are lies are put in order in little more than linear steps', () => {
  const steps = (logs: number) => {
    const all = upsideDown(logs, 10);
    return stepsOf(() => {
      const ordered = inCausalOrder(all);
      expect(ordered[0]?.replicaId).toBe(nameOf(logs - 1));
      expect(ordered.length).toBe(all.length);
    });
  };
  // Ten times the logs and batches: looking through all logs for each took a hundred times the steps.
  expect(steps(800)).toBeLessThan(16 * steps(80));
});
