import { describe, expect, test } from 'vitest';
import { toHex } from '../../base/bytes.ts';
import { decoders, hostileTo } from './decoders.model.ts';
import { readsOf } from './steps.model.ts';

const all = decoders(40, 6);
/** What a document or a history costs is a hundred times what a set costs. */
const runsOf = (name: string) => (/^a (document|text)/.test(name) ? 400 : 4100);

// Where a rule of a folder's SPEC.md says the same of one type, its own tests damage that type further.
describe('whatever the bytes are', () => {
  test('there is a decoder for everything that has an encoding, and each takes what was written honestly', () => {
    const ops = ['counter', 'g-counter', 'g-set', 'list', 'map', 'mv-register', 'or-set', 'register', 'text'];
    const values = ['2p-set', 'counter', 'g-counter', 'g-set', 'list', 'mv-register', 'or-set', 'register'];
    const names = [
      ...['2p-set', 'tree', 'a PN-counter', 'an LWW-register', ...ops].map(kind => `operations of ${kind}`),
      ...['text', 'tree', 'a PN-counter', 'an LWW-register', 'a vector clock', ...values],
      ...['a batch of a document', 'a document', 'a document with its history', 'a text with its history'],
    ];
    expect([...all.keys()].sort()).toEqual(names.sort());
    for (const [name, samples] of all)
      for (const { bytes, decode } of samples) expect(decode(bytes), name).toMatchObject({ ok: true });
  });

  test('[CNT8] [SET11] [REG13] [LIST10] [TREE12] [TEXT12] [DOC12] a hundred thousand hostile inputs are taken or refused with a reason, in reads in proportion to their length', () => {
    let inputCount = 0;
    for (const [name, samples] of all) {
      const reasons = new Set<string>();
      for (const { input, decode } of hostileTo(name, samples, runsOf(name))) {
        inputCount++;
        const reads = readsOf(() => {
          const decoded = decode(input);
          reasons.add(decoded.ok ? 'taken' : decoded.reason);
        });
        // Each byte is read once by itself and once or twice as part of a section, and what is longer than half a kilobyte is gone
        // through twice: looked at, then kept (`decodeTwice`).
        if (reads > (input.length > 512 ? 8 : 4) * input.length + 16)
          expect.fail(`${name}: ${String(reads)} reads of ${toHex(input)}`);
      }
      // Damage that reaches one check only would prove little.
      expect(reasons.has('taken') && reasons.size > 2, `${name}: ${[...reasons].join()}`).toBe(true);
    }
    expect(inputCount).toBeGreaterThanOrEqual(100_000);
  }, 60_000);
});
