/** The contract of the Store port: every adapter passes these, in its own environment. */
import { afterEach, describe, expect, test } from 'vitest';
import type { BatchId, ReplicaId } from '../base/ids.ts';
import { SeededRandom } from '../base/random.ts';
import type { BatchKey, DamagedRecord, Store, StoredBatch } from './store.ts';

const alice = 'a'.repeat(32) as ReplicaId;
const bob = 'b'.repeat(32) as ReplicaId;

function batchOf(replicaId: ReplicaId, sequence: number, mark = 'c'): StoredBatch {
  const bytes = Uint8Array.of(sequence, 1, 2, 3);
  return { replicaId, sequence, batchId: mark.repeat(64) as BatchId, bytes };
}

export type Change = readonly [n: number, value: Uint8Array];

/** What stands on the disk under a store, for whoever damages it. */
export interface StoredValues {
  /** The stored values, in the order of their keys. */
  read(kind: 'batch' | 'head' | 'outbox'): Promise<Uint8Array[]>;
  /** Puts other bytes in the place of the n-th of them, past the store. */
  write(kind: 'batch' | 'head' | 'outbox', changes: readonly Change[]): Promise<void>;
}

interface OpenedStores {
  readonly first: Store;
  readonly second: Store;
  readonly values: StoredValues;
}

/**
 * `open` returns two handles on one fresh store, as two tabs of a device would have; the very same where only one process may have
 * a store open.
 */
export function storeSuite(name: string, open: () => Promise<OpenedStores>): void {
  describe(name, () => {
    const opened: Store[] = [];
    const openBoth = async () => {
      const stores = await open();
      opened.push(stores.first, stores.second);
      return stores;
    };
    afterEach(() => {
      for (const store of opened.splice(0)) store.close();
    });

    test('[STORE1] what was committed is loaded, by replica and sequence', async () => {
      const { first } = await openBoth();
      const batches = [batchOf(bob, 0), batchOf(alice, 300), batchOf(alice, 2)];
      const head = { replicaId: alice, sequence: 300, batchId: batchOf(alice, 300).batchId };
      const outbox = [{ replicaId: alice, sequence: 300 }];
      expect(await first.commit({ batches, heads: [head], outbox, durability: 'strict' })).toEqual({
        ok: true,
      });
      const loaded = await first.load();
      expect(loaded.batches.map(batch => [batch.replicaId, batch.sequence])).toEqual([
        [alice, 2],
        [alice, 300],
        [bob, 0],
      ]);
      expect([...(loaded.batches[1]?.bytes ?? [])]).toEqual([...batchOf(alice, 300).bytes]);
      expect(loaded.heads).toEqual([head]);
      expect(loaded.outbox).toEqual(outbox);
    });

    test('[STORE2] a batch written twice is one batch; two batches of a fork are two', async () => {
      const { first } = await openBoth();
      await first.commit({ batches: [batchOf(alice, 1), batchOf(alice, 1)], durability: 'relaxed' });
      await first.commit({ batches: [batchOf(alice, 1), batchOf(alice, 1, 'd')], durability: 'relaxed' });
      expect((await first.load()).batches.map(batch => batch.batchId[0])).toEqual(['c', 'd']);
    });

    test('[STORE3] a settled row leaves the outbox, others stay', async () => {
      const { first } = await openBoth();
      const rows = [1, 2, 3].map(sequence => ({ replicaId: alice, sequence }));
      await first.commit({ outbox: rows, durability: 'strict' });
      await first.commit({ settled: rows.slice(0, 2), durability: 'relaxed' });
      expect((await first.load()).outbox).toEqual(rows.slice(2));
    });

    test('[STORE4] a view into a larger buffer is stored as its own bytes only', async () => {
      const { first } = await openBoth();
      const whole = new Uint8Array(1000).fill(7);
      await first.commit({
        batches: [{ ...batchOf(alice, 0), bytes: whole.subarray(10, 14) }],
        durability: 'relaxed',
      });
      expect([...((await first.load()).batches[0]?.bytes ?? [])]).toEqual([7, 7, 7, 7]);
    });

    test('[STORE5] a closed store refuses and does not throw', async () => {
      const { first } = await openBoth();
      first.close();
      expect(await first.commit({ batches: [batchOf(alice, 0)], durability: 'strict' })).toMatchObject({
        ok: false,
        reason: 'closed',
      });
    });

    test('[STORE6] what one tab committed, another tab of the device loads', async () => {
      const { first, second } = await openBoth();
      await first.commit({ batches: [batchOf(alice, 0)], durability: 'strict' });
      await second.commit({ batches: [batchOf(bob, 0)], durability: 'strict' });
      expect((await first.load()).batches.length).toBe(2);
    });

    test('[STORE8] a value with a flipped bit, cut or under another key is told as damaged and not loaded', async () => {
      const { first, values } = await openBoth();
      const batches = [0, 1, 2, 3].map(sequence => batchOf(alice, sequence));
      const head = { replicaId: alice, sequence: 3, batchId: batchOf(alice, 3).batchId };
      const outbox = [1, 2, 3].map(sequence => ({ replicaId: alice, sequence }));
      await first.commit({ batches, heads: [head], outbox, durability: 'strict' });
      const stored = await values.read('batch');
      await values.write('batch', [[0, flipped(stored[0]!, 3)]]);
      await values.write('batch', [[1, stored[1]!.slice(0, -1)]]);
      await values.write('batch', [[2, stored[3]!]]);
      const loaded = await first.load();
      expect(loaded.batches.map(({ sequence }) => sequence)).toEqual([3]);
      const damaged = batches.slice(0, 3).map(({ replicaId, sequence, batchId }) => {
        return { kind: 'batch', replicaId, sequence, batchId };
      });
      expect(loaded.damaged).toEqual(damaged);

      await values.write('head', [[0, flipped((await values.read('head'))[0]!, 90)]]);
      await values.write('outbox', [[1, new Uint8Array()]]);
      const again = await first.load();
      expect(again.heads).toEqual([]);
      // Its key is there, and one row too many does no harm.
      expect(again.outbox).toEqual(outbox);
      expect(again.damaged.filter(({ kind }) => kind !== 'batch')).toEqual([
        { kind: 'head', replicaId: alice },
        { kind: 'outbox', replicaId: alice, sequence: 2 },
      ]);
    });

    test('[STORE9] a scrub goes through everything, a few records at a time, and finds what is damaged', async () => {
      const { first, values } = await openBoth();
      const batches = [alice, bob].flatMap(replicaId => [0, 1, 2, 300].map(n => batchOf(replicaId, n)));
      const head = { replicaId: bob, sequence: 300, batchId: batchOf(bob, 300).batchId };
      await first.commit({ batches, heads: [head], durability: 'strict' });
      await values.write('batch', [[4, flipped((await values.read('batch'))[4]!, 77)]]);
      await values.write('head', [[0, flipped((await values.read('head'))[0]!, 77)]]);
      const whole: BatchKey[] = [];
      const damaged: DamagedRecord[] = [];
      let steps = 0;
      for (let after: BatchKey | undefined; steps === 0 || after !== undefined; steps++) {
        const step = await first.scrub(after, 3);
        if (!step.ok) throw new Error(step.reason);
        whole.push(...step.whole);
        damaged.push(...step.damaged);
        after = step.next;
      }
      expect(steps).toBe(3);
      expect(whole.map(({ replicaId, sequence }) => [replicaId, sequence])).toEqual([
        [alice, 0],
        [alice, 1],
        [alice, 2],
        [alice, 300],
        [bob, 1],
        [bob, 2],
        [bob, 300],
      ]);
      const { batchId } = batchOf(bob, 0);
      expect(damaged).toEqual([
        { kind: 'head', replicaId: bob },
        { kind: 'batch', replicaId: bob, sequence: 0, batchId },
      ]);
    });

    test('[STORE9] a closed store is not scrubbed', async () => {
      const { first } = await openBoth();
      first.close();
      expect(await first.scrub(undefined, 10)).toEqual({ ok: false, reason: 'closed' });
    });

    test('[STORE8] what is damaged is whole again once it is written again', async () => {
      const { first, values } = await openBoth();
      await first.commit({ batches: [batchOf(alice, 0)], durability: 'strict' });
      await values.write('batch', [[0, new Uint8Array([1, 2, 3])]]);
      expect((await first.load()).damaged.length).toBe(1);
      await first.commit({ batches: [batchOf(alice, 0)], durability: 'relaxed' });
      const { batches, damaged } = await first.load();
      expect([...(batches[0]?.bytes ?? [])]).toEqual([...batchOf(alice, 0).bytes]);
      expect(damaged).toEqual([]);
    });

    test(
      '[STORE8] 10,000 flips and cuts of stored values: every one is found, and nothing else is',
      { timeout: 120_000 },
      async () => {
        const { first, values } = await openBoth();
        const random = new SeededRandom(7);
        const bytesOfLength = (length: number) => Uint8Array.from({ length }, () => random.below(256));
        const batches = Array.from({ length: 100 }, (_, sequence): StoredBatch => {
          return { ...batchOf(alice, sequence), bytes: bytesOfLength(1 + random.below(400)) };
        });
        await first.commit({ batches, durability: 'strict' });
        const stored = await values.read('batch');
        const rounds = 10_000 / batches.length;
        for (let round = 0; round < rounds; round++) {
          // All of them but one, which has to stay whole.
          const spared = random.below(batches.length);
          const changes = stored.map(
            (value, n) => [n, n === spared ? value : damage(value, random)] as const,
          );
          await values.write('batch', changes);
          const { batches: loaded, damaged } = await first.load();
          expect(loaded.map(({ sequence }) => sequence)).toEqual([spared]);
          expect(loaded[0]?.bytes).toEqual(batches[spared]?.bytes);
          expect(damaged.length).toBe(batches.length - 1);
        }
      },
    );
  });
}

function flipped(value: Uint8Array, bit: number): Uint8Array {
  const bytes = value.slice();
  const at = (bit >> 3) % bytes.length;
  bytes[at] = bytes[at]! ^ (1 << (bit & 7));
  return bytes;
}

/** One to four flipped bits, other bytes in a row, a cut, or something more at its end. */
function damage(value: Uint8Array, random: SeededRandom): Uint8Array {
  const bytes = value.slice();
  switch (random.below(4)) {
    case 0: {
      const bits = new Set(Array.from({ length: 1 + random.below(4) }, () => random.below(8 * value.length)));
      for (const bit of bits) bytes.set(flipped(bytes, bit));
      return bytes;
    }
    case 1: {
      const from = random.below(value.length);
      const length = Math.min(1 + random.below(16), value.length - from);
      for (let at = from; at < from + length; at++) bytes[at] = bytes[at]! ^ (1 + random.below(255));
      return bytes;
    }
    case 2:
      return bytes.slice(0, random.below(value.length));
    default:
      return Uint8Array.of(...bytes, ...Array.from({ length: 1 + random.below(9) }, () => random.below(256)));
  }
}
