import { describe, expect, test } from 'vitest';
import type { Pill } from '../replica/status.ts';
import { announcement } from './announcements.ts';
import { evidence } from './evidence.ts';
import { peer, status } from './testing/plain-session.ts';
import { duration, initialsOf, isDip, peerLine, pillWords, titleOf } from './words.ts';

const sentence = (pill: Pill, joining = false): string => {
  const { word, detail } = pillWords(status(pill), joining);
  return detail === '' ? word : `${word} · ${detail}`;
};
const signaling = 'connected';

describe('the pill', () => {
  test.each<[Pill, string]>([
    [{ type: 'offline', changes: 12 }, 'Offline, 12 changes kept here'],
    [{ type: 'offline', changes: 1 }, 'Offline, 1 change kept here'],
    [{ type: 'only-here', keeping: false, signaling: 'unreachable' }, 'Kept on this device'],
    [{ type: 'only-here', keeping: true, signaling }, 'Keeping…'],
    [{ type: 'alone', changes: 3, signaling }, 'Only you are here · 3 changes not yet on another device'],
    [{ type: 'together', holding: 3, known: 4, keeping: false, signaling }, 'Kept here · on 3 of 4 devices'],
    [{ type: 'together', holding: 3, known: 4, keeping: true, signaling }, 'Keeping…'],
    [{ type: 'not-kept', reason: 'full', changes: 2 }, 'Not being kept: this disk is full'],
  ])('says of %o: %s', (pill, words) => {
    expect(sentence(pill)).toBe(words);
  });

  test('says that a guest looks for the others until one is there', () => {
    expect(sentence({ type: 'only-here', keeping: false, signaling }, true)).toBe('Looking for the others…');
    expect(sentence({ type: 'not-kept', reason: 'full', changes: 1 }, true)).toBe(
      'Not being kept: this disk is full',
    );
  });

  test('takes fewer devices than before for a dip, more devices and other news for news', () => {
    const at = (holding: number, known = 3, keeping = false) =>
      status({ type: 'together', holding, known, keeping, signaling });
    expect(isDip(at(3), at(1))).toBe(true);
    expect(isDip(at(3), at(3, 3, true))).toBe(true);
    expect(isDip(at(1), at(3))).toBe(false);
    expect(isDip(at(3, 3), at(2, 4))).toBe(false);
    expect(isDip(at(3), status({ type: 'offline', changes: 1 }))).toBe(false);
  });
});

test('the evidence tells the switch from the browser, and says what an unreachable meeting point means', () => {
  const offline = status({ type: 'offline', changes: 1 });
  expect(evidence(offline, false)[1]?.sentence).toContain('You switched it off');
  expect(evidence(offline, true)[1]?.sentence).toContain('The browser says');
  const lost = status({ type: 'only-here', keeping: false, signaling: 'unreachable' });
  expect(evidence(lost, true)[2]?.sentence).toBe(
    'The meeting point does not answer; trying again. People already connected go on.',
  );
});

test("a peer's line says how it is heard, how long it is silent, and what it lacks", () => {
  expect(peerLine(peer(1))).toBe('Here, under 20 ms away');
  expect(peerLine(peer(1), true)).toBe('Here, but looking elsewhere');
  expect(peerLine(peer(1, { state: 'silent', silentMs: 6100 }), true)).toBe('Silent for 6 s');
  expect(peerLine(peer(1, { state: 'silent', silentMs: 6100 }))).toBe('Silent for 6 s');
  expect(peerLine(peer(1, { state: 'gone', silentMs: 41_000, behind: 5 }))).toBe(
    'Not reached for 41 s; lacks 5 changes',
  );
  expect(peerLine(peer(1, { sameDevice: true }))).toBe('Another tab of this device');
  expect(peerLine(peer(1, { forked: true }))).toBe(
    'Here, under 20 ms away; its profile was copied, and what both write is kept',
  );
  expect(peerLine(peer(1, { linkOn: false, state: 'gone', behind: 1 }))).toBe('Link off; lacks 1 change');
});

test('durations grow in unit', () => {
  expect([400, 9960, 89_000, 90_000, 3 * 3_600_000, 72 * 3_600_000].map(duration)).toEqual([
    '0.4 s',
    '10 s',
    '89 s',
    '2 min',
    '3 h',
    '3 days',
  ]);
});

test('a page is called by its first words, without their marks', () => {
  expect(titleOf(['', '---', '## Plan for **Saturday** ##', 'x'])).toBe('Plan for Saturday');
  expect(titleOf(['- [ ] `Ferry` notes'])).toBe('Ferry notes');
  expect(titleOf(['', '   '])).toBe('Untitled');
});

test('initials are whole characters', () => {
  expect(['Ana', 'bo berg', '', '𝒜na'].map(initialsOf)).toEqual(['An', 'BB', 'So', '𝒜n']);
});

test('arrivals, going offline and coming back are announced, nothing else', () => {
  const here = (online: boolean, ...names: string[]) => ({
    online,
    here: new Map(names.map(name => [name, name])),
  });
  expect(announcement(here(true), here(true, 'Ana', 'Bo'))).toBe('Ana and Bo are here.');
  expect(announcement(here(true, 'Ana'), here(true))).toBeUndefined();
  expect(announcement(here(true, 'Ana'), here(false))).toBe(
    'Offline. Go on writing; it goes out when you are back.',
  );
  expect(announcement(here(false), here(true, 'Ana'))).toBe('Online again. Ana is here.');
});
