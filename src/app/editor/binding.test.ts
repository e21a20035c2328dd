import { ChangeSet, Text } from '@codemirror/state';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { applyChanges } from '../testing/plain-session.ts';
import { composedChanges, sequentialChanges } from './binding.ts';

const textOf = (text: string): Text => Text.of(text.split('\n'));
const someText = fc.string({ unit: fc.constantFrom('a', 'b', '\n', '\r', '😀', 'é'), maxLength: 40 });

/** Changes in places of the old text, apart and in order, as an editor makes them. */
const someChanges = (length: number) =>
  fc
    .array(fc.record({ gap: fc.nat(8), removed: fc.nat(5), insert: someText }), { maxLength: 6 })
    .map(parts => {
      let at = 0;
      return parts.map(({ gap, removed, insert }) => {
        const from = Math.min(length, at + gap);
        const to = Math.min(length, from + removed);
        at = to;
        return { from, to, insert };
      });
    });

const textAndChanges = someText.chain(text => fc.tuple(fc.constant(text), someChanges(text.length)));

describe('sequentialChanges', () => {
  test('one after the other they make the same text', () => {
    fc.assert(
      fc.property(textAndChanges, ([text, specs]) => {
        const before = textOf(text);
        const set = ChangeSet.of(specs, text.length, '\n');
        const after = set.apply(before);
        expect(applyChanges(text, sequentialChanges(set, before, after))).toBe(after.toString());
      }),
    );
  });

  test('a change inside a surrogate pair is widened to the pair', () => {
    const before = textOf('x😀y');
    const set = ChangeSet.of({ from: 2, to: 3, insert: '\ude01' }, 4, '\n');
    expect(sequentialChanges(set, before, set.apply(before))).toEqual([{ from: 1, to: 3, insert: '😁' }]);
  });
});

describe('composedChanges', () => {
  test('one set makes the same text as all of them in turn', () => {
    fc.assert(
      fc.property(
        someText,
        fc.array(fc.tuple(fc.nat(), fc.nat(), someText), { maxLength: 9 }),
        (text, parts) => {
          let length = text.length;
          const changes = parts.map(([a, b, insert]) => {
            const from = a % (length + 1);
            const to = Math.min(length, from + (b % 4));
            length += insert.length - (to - from);
            return { from, to, insert };
          });
          const set = composedChanges(changes, text.length);
          expect(set.apply(textOf(text)).toString()).toBe(applyChanges(text, changes));
        },
      ),
    );
  });
});
