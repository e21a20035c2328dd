/**
 * Non-interleaving by its definition (Weidner and Kleppmann 2023, section 2.3), for texts and lists of a document. The
 * **left origin** of an element is the one it was inserted behind, its **right origin** the one it was inserted before.
 *
 * Forwards: whatever stands between an element and its left origin was inserted, directly or through others, behind
 * that same left origin. Backwards, for elements of which each was inserted before the one before it by the same
 * replica, with one left origin for all: nothing of another replica stands between them.
 */
import { expect, test } from 'vitest';
import { SeededRandom } from '../../base/random.ts';
import { documentOf, syncAll } from './testing.model.ts';
import type { Document } from './document.ts';

interface Sequence {
  readonly name: string;
  readonly insert: (document: Document, index: number, element: string) => void;
  readonly read: (document: Document) => readonly string[];
}

const sequences: readonly Sequence[] = [
  {
    name: 'text',
    insert: (document, index, element) => void document.text('x').insert(index, element),
    read: document => [...document.text('x').toString()],
  },
  {
    name: 'list',
    insert: (document, index, element) => void document.list('x').insert(index, element),
    read: document => document.list('x').toArray() as string[],
  },
];

/** Elements are told apart by a character of their own. */
const elementOf = (n: number) => String.fromCharCode(0x4e00 + n);

test.each(sequences)(
  '[DOC1] $name: forwards, in random histories',
  ({ insert, read }) => {
    for (let run = 0; run < 150; run++) {
      const random = new SeededRandom(`forwards ${String(run)}`);
      const documents = Array.from({ length: 2 + random.below(4) }, (_, i) =>
        documentOf((9 - i).toString(16)),
      );
      const leftOrigin = new Map<string, string | undefined>();
      for (let n = 0; n < 24; n++) {
        const document = documents[random.below(documents.length)]!;
        const before = read(document);
        // Mostly where it was inserted last, as people type.
        const index = random.below(3) > 0 ? before.length : random.below(before.length + 1);
        leftOrigin.set(elementOf(n), before[index - 1]);
        insert(document, index, elementOf(n));
        if (random.below(4) === 0) syncAll(...documents.slice(0, 1 + random.below(documents.length)));
      }
      syncAll(...documents);
      const order = read(documents[0]!);
      expect(order).toHaveLength(24);
      const isBehind = (element: string, origin: string | undefined): boolean =>
        leftOrigin.get(element) === origin ||
        (leftOrigin.get(element) !== undefined && isBehind(leftOrigin.get(element)!, origin));
      for (const [at, element] of order.entries()) {
        const origin = leftOrigin.get(element);
        const from = origin === undefined ? 0 : order.indexOf(origin) + 1;
        expect(from).toBeLessThanOrEqual(at);
        for (const between of order.slice(from, at))
          expect(isBehind(between, origin), `run ${String(run)}: ${between} before ${element}`).toBe(true);
      }
    }
  },
  60_000,
);

test.each(sequences)(
  '[DOC1] $name: backwards, at one place at once',
  ({ insert, read }) => {
    for (let run = 0; run < 50; run++) {
      const random = new SeededRandom(`backwards ${String(run)}`);
      const founder = documentOf('0');
      for (let n = 0; n < 2; n++) insert(founder, n, elementOf(n));
      const writers = Array.from({ length: 2 + random.below(3) }, (_, i) => documentOf((9 - i).toString(16)));
      syncAll(founder, ...writers);
      const wrote = writers.map(() => [] as string[]);
      // In turns, so that neither counters nor times keep together what one replica wrote.
      for (let n = 2; n < 26; n++) {
        const writer = random.below(writers.length);
        insert(writers[writer]!, 1, elementOf(n));
        wrote[writer]!.unshift(elementOf(n));
      }
      syncAll(founder, ...writers);
      const order = read(founder).join('');
      for (const word of wrote) expect(order).toContain(word.join(''));
    }
  },
  60_000,
);
