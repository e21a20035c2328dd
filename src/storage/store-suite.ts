/** The contract of the Store port: every adapter passes these, in its own environment. */
import { afterEach, describe, expect, test } from 'vitest';
import type { BatchId, ReplicaId } from '../base/ids.ts';
import type { Store, StoredBatch } from './store.ts';

const alice = 'a'.repeat(32) as ReplicaId;
const bob = 'b'.repeat(32) as ReplicaId;

function batchOf(replicaId: ReplicaId, sequence: number, mark = 'c'): StoredBatch {
  const bytes = Uint8Array.of(sequence, 1, 2, 3);
  return { replicaId, sequence, batchId: mark.repeat(64) as BatchId, bytes };
}

/** `open` returns two handles on one fresh store, as two tabs of a device would have. */
export function storeSuite(name: string, open: () => Promise<{ first: Store; second: Store }>): void {
  describe(name, () => {
    const opened: Store[] = [];
    const openBoth = async () => {
      const stores = await open();
      opened.push(...Object.values(stores));
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
  });
}
