import { expect, test } from 'vitest';
import { copiesWords, copyEvidence, deviceLine, metWords } from './copies.ts';
import type { DeviceView } from './devices.ts';
import { device, peer } from './testing/plain-session.ts';

const known = (...lacks: (number | undefined)[]) =>
  lacks.map((one, n) => ({ deviceId: device(n + 1), replicaIds: [], lacks: one }));

test('only what is known to be whole counts as a copy', () => {
  const words = (whole: boolean, ...lacks: (number | undefined)[]) => {
    const { count, rest } = copiesWords({ devices: known(...lacks), whole }, true);
    return `${count}, ${rest}`;
  };
  expect(words(true)).toBe('One full copy, on this device, the only one so far; yours is protected.');
  expect(words(true, 0, 0)).toBe('Three full copies, one on each of 3 devices; yours is protected.');
  expect(words(true, 0, 5, undefined)).toBe('Two full copies, of 4 devices; yours is protected.');
  expect(words(false, 5)).toBe('No full copies, of 2 devices; yours is protected.');
  expect(copiesWords({ devices: [], whole: true }, false).rest).toContain('may evict');
});

const ana: DeviceView = {
  key: 'a',
  profile: { name: 'Ana', colour: 2 },
  tabs: [],
  best: undefined,
  away: false,
  lacks: undefined,
  metMs: undefined,
};

test('each device’s evidence is what it said, and nothing is claimed of one that has not', () => {
  const said = copyEvidence(true, [{ ...ana, lacks: 0 }, { ...ana, lacks: 2 }, ana]).map(
    ({ sentence }) => sentence,
  );
  expect(said).toEqual([
    'This disk has confirmed every change shown here.',
    'Said that its disk has every change.',
    'As it said last, its disk lacks 2 changes.',
    'Has not said what it has since this tab opened.',
  ]);
});

test('a device that is not there is remembered by when it was met', () => {
  const now = new Date(2026, 10, 26, 20, 0).getTime();
  const at = (day: number, hour: number) => new Date(2026, 10, day, hour, 40).getTime();
  expect(metWords(at(26, 18), now)).toBe('today 18:40');
  expect(metWords(at(24, 9), now)).toBe('Tuesday 09:40');
  expect(metWords(at(3, 9), now)).toBe('3 November 2026');
  expect(deviceLine(ana, now)).toBe('Not met from here yet');
  expect(deviceLine({ ...ana, metMs: at(24, 9), lacks: 1 }, now)).toBe(
    'Last met Tuesday 09:40; lacks 1 change',
  );
});

test('a device in several tabs says so', () => {
  const tabs = [peer(1), peer(2)];
  expect(deviceLine({ ...ana, tabs, best: tabs[0], lacks: 0 }, 0)).toBe('Here, under 20 ms away; in 2 tabs');
});
