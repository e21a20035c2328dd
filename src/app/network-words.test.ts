import { expect, test } from 'vitest';
import { bytesOf, copyWords, linkWords, meshSentence } from './network-words.ts';
import { peer } from './testing/plain-session.ts';

test('a link is named by what stops it first: the tab, our cut, then what was heard', () => {
  const silent = peer(1, { state: 'silent', silentMs: 6100 });
  expect(linkWords(peer(1), true)).toMatchObject({ look: 'connected', words: 'Connected' });
  expect(linkWords(silent, true)).toMatchObject({ look: 'silent', words: 'Silent 6 s' });
  expect(linkWords({ ...silent, linkOn: false }, true)).toMatchObject({ look: 'cut' });
  expect(linkWords({ ...silent, linkOn: false }, false)).toMatchObject({ look: 'off' });
  expect(linkWords(peer(1, { state: 'gone', silentMs: Infinity }), true).words).toBe('No link');
});

test('a copy is compared in both directions', () => {
  expect(copyWords({ ahead: 0, behind: 0 })).toBe('Same as here');
  expect(copyWords({ ahead: 0, behind: 1 })).toBe('Lacks 1 change');
  expect(copyWords({ ahead: 2, behind: 0 })).toBe('Has 2 changes more');
  expect(copyWords({ ahead: 2, behind: 5 })).toBe('Lacks 5, has 2 more');
});

test('bytes have at most three digits', () => {
  const said = [0, 950, 999, 1000, 1234, 9960, 31_400, 999_400, 2_400_000, 1e12].map(bytesOf);
  expect(said).toEqual([
    '0 B',
    '950 B',
    '999 B',
    '1.0 kB',
    '1.2 kB',
    '10 kB',
    '31 kB',
    '999 kB',
    '2.4 MB',
    '1000 GB',
  ]);
});

test('the picture in a sentence counts the links that pass something', () => {
  const peers = [peer(1), peer(2, { linkOn: false }), peer(3, { state: 'gone' })];
  expect(meshSentence(peers, true)).toBe('1 of 3 links connected.');
  expect(meshSentence(peers, false)).toContain('off');
  expect(meshSentence([], true)).toContain('Nobody');
});
