import { expect, test } from 'vitest';
import type { BatchId, ReplicaId } from '../base/ids.ts';
import type { CommitResult, Store, StoredSpace, StoreTransaction } from '../storage/store.ts';
import { storeSuite } from '../storage/store-suite.ts';
import { Disk } from './disk.ts';

/** The Store port on a disk without faults and without time. */
class DiskStore implements Store {
  readonly #disk: Disk;
  #closed = false;

  constructor(disk: Disk) {
    this.#disk = disk;
  }
  load(): Promise<StoredSpace> {
    return Promise.resolve(this.#disk.load());
  }
  commit(transaction: StoreTransaction): Promise<CommitResult> {
    return Promise.resolve(this.#closed ? { ok: false, reason: 'closed' } : this.#disk.commit(transaction));
  }
  close(): void {
    this.#closed = true;
  }
}

storeSuite('the simulated disk without faults', () => {
  const disk = new Disk();
  return Promise.resolve({ first: new DiskStore(disk), second: new DiskStore(disk) });
});

const replicaId = 'a'.repeat(32) as ReplicaId;
function transaction(sequence: number, durability: 'strict' | 'relaxed'): StoreTransaction {
  const bytes = new Uint8Array(100).fill(sequence);
  return {
    batches: [{ replicaId, sequence, batchId: String(sequence).repeat(64) as BatchId, bytes }],
    durability,
  };
}
const sequences = (disk: Disk) => disk.load().batches.map(({ sequence }) => sequence);

test('a power cut leaves what was synced and any subset of the rest, each transaction whole', () => {
  const disk = new Disk();
  disk.commit(transaction(1, 'relaxed'));
  disk.commit(transaction(2, 'strict'));
  for (const sequence of [3, 4, 5]) disk.commit(transaction(sequence, 'relaxed'));
  expect(sequences(disk)).toEqual([1, 2, 3, 4, 5]);
  disk.losePower(({ batches }) => batches?.[0]?.sequence === 4);
  expect(sequences(disk)).toEqual([1, 2, 4]);
});

test('a full disk refuses and changes nothing', () => {
  const disk = new Disk();
  disk.commit(transaction(1, 'strict'));
  disk.failure = 'full';
  expect(disk.commit(transaction(2, 'strict'))).toEqual({ ok: false, reason: 'full' });
  expect(sequences(disk)).toEqual([1]);
});

test('a rotten record differs in one byte, and not in its signature', () => {
  const disk = new Disk();
  disk.commit(transaction(1, 'strict'));
  const before = disk.record(7);
  expect(before?.sequence).toBe(1);
  if (before === undefined) return;
  disk.corrupt(before, 99, 0x10);
  const after = disk.record(0)?.bytes ?? new Uint8Array();
  const changed = [...after.keys()].filter(at => after[at] !== before.bytes[at]);
  expect(changed).toEqual([99 % 36]);
});

test('a copied profile has the same on it and is written apart', () => {
  const [disk, copy] = [new Disk(), new Disk()];
  disk.commit(transaction(1, 'relaxed'));
  disk.copyTo(copy);
  copy.commit(transaction(2, 'strict'));
  expect([sequences(disk), sequences(copy)]).toEqual([[1], [1, 2]]);
});
