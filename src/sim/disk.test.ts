import { expect, test } from 'vitest';
import type { BatchId, ReplicaId } from '../base/ids.ts';
import type {
  BatchKey,
  CommitResult,
  ScrubStep,
  Store,
  StoredSpace,
  StoreTransaction,
} from '../storage/store.ts';
import { storeSuite, type StoredValues } from '../storage/store-suite.ts';
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
  scrub(after: BatchKey | undefined, recordsMax: number): Promise<ScrubStep> {
    return Promise.resolve(
      this.#closed ? { ok: false, reason: 'closed' } : this.#disk.scrub(after, recordsMax),
    );
  }
  commit(transaction: StoreTransaction): Promise<CommitResult> {
    return Promise.resolve(this.#closed ? { ok: false, reason: 'closed' } : this.#disk.commit(transaction));
  }
  close(): void {
    this.#closed = true;
  }
}

storeSuite('the simulated disk', () => {
  const disk = new Disk();
  const synced = (kind: 'batch' | 'head' | 'outbox') => {
    disk.sync();
    return disk.synced(kind);
  };
  const values: StoredValues = {
    read: kind => Promise.resolve(synced(kind).map(({ record }) => record)),
    write: (kind, changes) => {
      const rows = synced(kind);
      for (const [n, value] of changes) disk.overwrite(kind, rows[n]!.key, value);
      return Promise.resolve();
    },
  };
  return Promise.resolve({ first: new DiskStore(disk), second: new DiskStore(disk), values });
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

test('a rotten record differs in one byte, and is told as damaged', () => {
  const disk = new Disk();
  disk.commit(transaction(1, 'strict'));
  const before = disk.record(7)!;
  expect(before.sequence).toBe(1);
  disk.corrupt(before, 999, 0x10);
  const after = disk.record(0)!.record;
  const changed = [...after.keys()].filter(at => after[at] !== before.record[at]);
  expect(changed).toEqual([999 % after.length]);
  expect(sequences(disk)).toEqual([]);
  expect(disk.load().damaged).toMatchObject([{ kind: 'batch', sequence: 1 }]);
});

test('a copied profile has the same on it and is written apart', () => {
  const [disk, copy] = [new Disk(), new Disk()];
  disk.commit(transaction(1, 'relaxed'));
  disk.copyTo(copy);
  copy.commit(transaction(2, 'strict'));
  expect([sequences(disk), sequences(copy)]).toEqual([[1], [1, 2]]);
});
