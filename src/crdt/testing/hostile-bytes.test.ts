import { describe, expect, test } from 'vitest';
import { fromHex, toHex } from '../../base/bytes.ts';
import { Writer } from '../../base/codec.ts';
import { writeRuns } from '../document/columns.ts';
import { decodeDocumentHistory } from '../document/history-codec.ts';
import { textKind } from '../document/kinds.ts';
import { encodeTextOps } from '../text/codec.ts';
import { hostile } from './damage.model.ts';
import { decoders, type Sample } from './decoders.model.ts';
import { bytesOf, readsOf, stepsOf } from './steps.model.ts';
import { contextOf, replicaIdOf } from './world.model.ts';

const all = decoders(40, 6);
/** What a document or a history costs is a hundred times what a set costs. */
const runsOf = (name: string) => (/^a (document|text)/.test(name) ? 400 : 4100);

/** Hostile inputs made of the samples of one decoder, `count` in all. */
function* hostileTo(
  name: string,
  samples: readonly Sample[],
  count: number,
): Generator<{ readonly input: Uint8Array; readonly decode: Sample['decode'] }> {
  for (const [at, { bytes, decode }] of samples.entries()) {
    const other = samples[(at + 1) % samples.length] as Sample;
    const runs = Math.ceil(count / samples.length);
    for (const input of hostile(bytes, other.bytes, runs, `${name} ${String(at)}`)) yield { input, decode };
  }
}

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

  test('a hundred thousand hostile inputs are taken or refused with a reason, in reads in proportion to their length', () => {
    let inputCount = 0;
    for (const [name, samples] of all) {
      const reasons = new Set<string>();
      for (const { input, decode } of hostileTo(name, samples, runsOf(name))) {
        inputCount++;
        const reads = readsOf(() => {
          const decoded = decode(input);
          reasons.add(decoded.ok ? 'taken' : decoded.reason);
        });
        // Each byte is read once by itself and once or twice as part of a section.
        if (reads > 4 * input.length + 16) expect.fail(`${name}: ${String(reads)} reads of ${toHex(input)}`);
      }
      // Damage that reaches one check only would prove little.
      expect(reasons.has('taken') && reasons.size > 2, `${name}: ${[...reasons].join()}`).toBe(true);
    }
    expect(inputCount).toBeGreaterThanOrEqual(100_000);
  }, 60_000);

  test('all that a decoder does is in proportion to its input, not its reads alone', () => {
    for (const [name, samples] of all) {
      const inputs = [...hostileTo(name, samples, 24)];
      const length = inputs.reduce((sum, { input }) => sum + input.length, 0);
      const steps = stepsOf(() => {
        for (const { input, decode } of inputs) decode(input);
      });
      expect(steps, name).toBeGreaterThan(inputs.length);
      expect(steps, name).toBeLessThan(8 * length + 64 * inputs.length);
    }
  }, 60_000);
});

describe('bytes that claim more than they hold', () => {
  /** Of each of `logs` replicas one batch of `entries` deletes, which are one operation and a few bytes. */
  function entryBomb(logs: number, entries: number): Uint8Array {
    const ids = Array.from({ length: logs }, (_, i) => replicaIdOf((i + 256).toString(16)));
    const writer = new Writer().byte(1).varUint(logs);
    for (const id of [...ids].sort()) writer.bytes(fromHex(id));
    writer.varUint(1).varUint(0).varUint(textKind.code).varString('t');
    for (const id of [...ids].sort()) {
      writer.varUint(1).varUint(entries);
      for (const column of [[1], [0], []]) writeRuns(writer, column);
      writer.varUint(1).varUint(entries).varUint(1).varUint(1).varUint(entries);
      const target = { replicaId: replicaIdOf('fff'), counter: 0 };
      const op = { type: 'delete', id: { replicaId: id, counter: 0 }, target, length: entries } as const;
      writer.varBytes(encodeTextOps([op], id, 0));
    }
    return writer.bytes(new Uint8Array(entries)).finish();
  }

  test('a history of many logs makes no more entries than it has bytes, all of them together', () => {
    const bomb = entryBomb(100, 4000);
    const read = () => {
      expect(decodeDocumentHistory(bomb, contextOf(replicaIdOf('d')))).toMatchObject({ ok: false });
    };
    expect(bomb.length).toBeLessThan(10_000);
    expect(stepsOf(read)).toBeLessThan(40 * bomb.length);
    // What a batch of one byte becomes, once; a bound for each log alone let it be a hundred times that.
    expect(bytesOf(read)).toBeLessThan(2000 * bomb.length);
  });

  test('no number anywhere, however large, makes a decoder hold more than its input explains', () => {
    const largest = Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x3f);
    for (const [name, samples] of all) {
      const { bytes, decode } = samples[0] as Sample;
      const inputs = Array.from({ length: Math.min(bytes.length, 24) }, (_, at) =>
        Uint8Array.from([...bytes.subarray(0, at), ...largest, ...bytes.subarray(at + 1)]),
      );
      const length = inputs.reduce((sum, input) => sum + input.length, 0);
      const allocated = bytesOf(() => {
        for (const input of inputs) decode(input);
      });
      expect(allocated, name).toBeLessThan(100 * length + 8000 * inputs.length);
    }
  }, 60_000);
});
