import { expect, test } from 'vitest';
import type { ReplicaId } from '../base/ids.ts';
import { logsMax, logsOf } from './logs.ts';
import { replica } from './testing/plain-session.ts';

const clock = (...entries: readonly (readonly [n: number, count: number])[]): Map<ReplicaId, number> =>
  new Map(entries.map(([n, count]) => [replica(n), count]));

test('every log is shown while there is room, in the order of the ids', () => {
  const logs = logsOf({ clock: clock([2, 1], [0, 3]), clocks: new Map([[replica(1), clock([1, 4])]]) });
  expect(logs).toEqual({ logs: [replica(0), replica(1), replica(2)], more: 0 });
});

test('when there is none, what differs somewhere is shown before what is equal everywhere', () => {
  const many = Array.from({ length: 20 }, (_, n) => [n, 5] as const);
  const here = clock(...many);
  const there = clock(...many.slice(0, 19), [19, 4]);
  const { logs, more } = logsOf({ clock: here, clocks: new Map([[replica(7), there]]) });
  expect(logs).toHaveLength(logsMax);
  expect(more).toBe(20 - logsMax);
  expect(logs).toContain(replica(19));
  expect(logs).toContain(replica(7));
});
