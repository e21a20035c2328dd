import fc from 'fast-check';
import { expect, test } from 'vitest';
import { countsOf, pauseMs, piecesOf, stretchesOf } from './stretches.ts';
import { applyChanges, replica } from './testing/plain-session.ts';

const moment = (n: number, wallMs: number) => ({
  replicaId: replica(n),
  profile: { name: `P${String(n)}`, colour: n },
  self: false,
  wallMs,
});

test('a pause and another author end a stretch, and every moment is in one', () => {
  const moments = [
    moment(1, 0),
    moment(1, 5000),
    moment(2, 6000),
    moment(1, 7000),
    moment(1, 7000 + pauseMs),
  ];
  const stretches = stretchesOf(moments);
  expect(stretches.map(({ from, to }) => [from, to])).toEqual([
    [0, 2],
    [2, 3],
    [3, 4],
    [4, 5],
  ]);
  expect(stretches.map(({ last }) => last)).toEqual([moments[1], moments[2], moments[3], moments[4]]);
});

test('pieces without the removed ones are the text after, and without the added ones the text before', () => {
  const change = fc.record({ gap: fc.nat(4), removed: fc.nat(3), insert: fc.string({ maxLength: 3 }) });
  fc.assert(
    fc.property(
      fc.string({ minLength: 30, maxLength: 60 }),
      fc.array(change, { maxLength: 4 }),
      (before, drawn) => {
        let at = 0;
        const changes = drawn.map(({ gap, removed, insert }) => {
          const from = at + gap;
          at = from + insert.length;
          return { from, to: from + removed, insert };
        });
        const after = applyChanges(before, changes);
        const pieces = piecesOf(before, after, changes);
        const text = (but: string) =>
          pieces
            .filter(({ type }) => type !== but)
            .map(piece => piece.text)
            .join('');
        expect(text('removed')).toBe(after);
        expect(text('added')).toBe(before);
        expect(countsOf(changes).added - countsOf(changes).removed).toBe(after.length - before.length);
      },
    ),
  );
});
