import { expect, test } from 'vitest';
import { devicesOf } from './devices.ts';
import type { Person } from './space-session.ts';
import { device, peer, replica } from './testing/plain-session.ts';

const person = (n: number, name: string, away = false): Person => ({
  replicaId: replica(n),
  profile: { name, colour: n },
  self: false,
  away,
});

test('two tabs of one browser are one line, which says what the tab says that is heard best', () => {
  const gone = peer(1, { deviceId: device(7), state: 'gone', silentMs: 90_000 });
  const here = peer(2, { deviceId: device(7) });
  const { others } = devicesOf(
    {
      peers: [gone, here],
      devices: [{ deviceId: device(7), replicaIds: [replica(1), replica(2)], lacks: 4 }],
    },
    [person(1, 'Old name'), person(2, 'Ana')],
    new Map(),
  );
  expect(others).toHaveLength(1);
  expect(others[0]).toMatchObject({ best: here, profile: { name: 'Ana' }, lacks: 4, away: false });
});

test('a device looks elsewhere when each of its tabs that is here does', () => {
  const tabs = [1, 2].map(n => peer(n, { deviceId: device(7) }));
  const away = (...aways: boolean[]) =>
    devicesOf(
      { peers: tabs, devices: [] },
      aways.map((one, n) => person(n + 1, 'Ana', one)),
      new Map(),
    ).others[0]?.away;
  expect(away(true, false)).toBe(false);
  expect(away(true, true)).toBe(true);
});

test('our own other tabs are ours, and a device that is not there keeps its name and when it was met', () => {
  const { ownTabs, others } = devicesOf(
    {
      peers: [peer(1, { sameDevice: true, deviceId: device(0) }), peer(2)],
      devices: [2, 3, 4].map(n => ({ deviceId: device(n), replicaIds: [replica(n)], lacks: undefined })),
    },
    [person(2, 'Bo')],
    new Map([[device(4), { profile: { name: 'Mika', colour: 4 }, metMs: 5000 }]]),
  );
  expect(ownTabs.map(({ replicaId }) => replicaId)).toEqual([replica(1)]);
  expect(others.map(({ profile: { name }, metMs }) => [name, metMs])).toEqual([
    ['Bo', undefined],
    ['Mika', 5000],
    ['', undefined],
  ]);
});
