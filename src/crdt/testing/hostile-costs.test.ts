import { describe, expect, test } from 'vitest';
import { fromHex } from '../../base/bytes.ts';
import { decode, Writer } from '../../base/codec.ts';
import { writeRuns } from '../document/columns.ts';
import { decodeDocumentHistory } from '../document/history-codec.ts';
import { textKind } from '../document/kinds.ts';
import { encodeTextOps } from '../text/codec.ts';
import { decoders, hostileTo, type Sample } from './decoders.model.ts';
import { bytesOf, countSteps, stepsOf } from './steps.model.ts';
import { contextOf, replicaIdOf } from './world.model.ts';

// Before anything runs that is counted.
countSteps();
const all = decoders(40, 6);

test('steps are counted exactly, of code that has run a thousand times before as well', () => {
  const numbers = (count: number) => new Uint8Array(count);
  const read = (bytes: Uint8Array) =>
    decode(bytes, reader => {
      while (reader.left > 0) reader.varUint();
    });
  for (let times = 0; times < 1000; times++) read(numbers(100));
  const [once, again, twice] = [1000, 1000, 2000].map(count => stepsOf(() => read(numbers(count)))) as [
    number,
    number,
    number,
  ];
  expect(again).toBe(once);
  // `left`, `varUint` and the block in it that most numbers leave by.
  expect(twice - once).toBeGreaterThanOrEqual(2 * 1000);
});

test('[CNT8] [SET11] [REG13] [LIST10] [TREE12] [TEXT12] [DOC12] all that a decoder does is in proportion to its input, not its reads alone', () => {
  for (const [name, samples] of all) {
    const inputs = [...hostileTo(name, samples, 24)];
    const length = inputs.reduce((sum, { input }) => sum + input.length, 0);
    const steps = stepsOf(() => {
      for (const { input, decode } of inputs) decode(input);
    });
    expect(steps, name).toBeGreaterThan(inputs.length);

    // A history is looked at, read, applied, and written into the history of the document that it becomes.
    const perByte = name === 'a document with its history' ? 24 : 8;
    expect(steps, name).toBeLessThan(perByte * length + 64 * inputs.length);
  }
}, 60_000);

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

  test('[DOC12] a history of many logs makes no more entries than it has bytes, all of them together', () => {
    const bomb = entryBomb(100, 4000);
    const read = () => {
      expect(decodeDocumentHistory(bomb, contextOf(replicaIdOf('d')))).toMatchObject({ ok: false });
    };
    expect(bomb.length).toBeLessThan(10_000);
    expect(stepsOf(read)).toBeLessThan(40 * bomb.length);
    // What a batch of one byte becomes, once; a bound for each log alone let it be a hundred times that.
    expect(bytesOf(read)).toBeLessThan(2000 * bomb.length);
  });

  test('[CNT8] [SET11] [REG13] [LIST10] [TREE12] [TEXT12] [DOC12] no number anywhere, however large, makes a decoder hold more than its input explains', () => {
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
