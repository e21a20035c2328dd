import { expect, test } from 'vitest';
import type { ReplicaId } from '../base/ids.ts';
import { oldSessionsMax, Sessions } from './sessions.ts';

const [ana, bo] = ['a'.repeat(32), 'b'.repeat(32)] as [ReplicaId, ReplicaId];

test('[NET110] of two sessions of one replica the one that proved itself last wins, and the other is met no more', () => {
  const sessions = new Sessions();
  expect(sessions.proven('first', ana)).toBeUndefined();
  expect(sessions.proven('other', bo)).toBeUndefined();
  expect(sessions.proven('second', ana)).toBe('first');
  expect([sessions.isOld('first'), sessions.isOld('second'), sessions.isOld('other')]).toEqual([
    true,
    false,
    false,
  ]);
});

test('[NET110] the same session on a new link replaces nobody; one whose link has ended is followed in peace', () => {
  const sessions = new Sessions();
  sessions.proven('first', ana);
  expect(sessions.proven('first', ana)).toBeUndefined();
  sessions.ended('first');
  expect(sessions.proven('second', ana)).toBeUndefined();
  expect(sessions.isOld('first')).toBe(false);
});

test('[NET110] a replica that comes back ten thousand times leaves a bounded trace', () => {
  const sessions = new Sessions();
  for (let n = 0; n < 10_000; n++) sessions.proven(`session ${String(n)}`, ana);
  expect(sessions.remembered).toBe(oldSessionsMax + 1);
  expect([sessions.isOld('session 9998'), sessions.isOld('session 0')]).toEqual([true, false]);
});
