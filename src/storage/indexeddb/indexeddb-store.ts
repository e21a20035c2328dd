/**
 * The Store port on IndexedDB, one database a space, shared by the tabs of one browser profile.
 *
 * Why not one record per document: a crash between two records would tear it. Here a commit is one
 * transaction over immutable batches, so it happens whole or not at all, and two tabs never race for a row.
 */
import { openDB, type DBSchema, type IDBPDatabase, type IDBPTransaction, type StoreNames } from 'idb';
import type { BatchId, ReplicaId, SpaceId } from '../../base/ids.ts';
import {
  batchKeyBytes,
  encodeHead,
  FoundRecords,
  headKeyBytes,
  rowKeyBytes,
  sealRecord,
} from '../records.ts';
import type {
  BatchKey,
  CommitResult,
  Head,
  ScrubStep,
  Store,
  StoredSpace,
  StoreTransaction,
} from '../store.ts';

/** Every value is a record under its checksum (records.ts). */
interface SpaceSchema extends DBSchema {
  batches: { key: [ReplicaId, number, BatchId]; value: Uint8Array };
  heads: { key: ReplicaId; value: Uint8Array };
  outbox: { key: [ReplicaId, number]; value: Uint8Array };
}
type Stores = StoreNames<SpaceSchema>[];
type Reading = IDBPTransaction<SpaceSchema, Stores>;
type Upgrading = IDBPTransaction<SpaceSchema, Stores, 'versionchange'>;

/** 1 had bare values; 2 has records. */
export const schemaVersion = 2;

export function databaseNameOf(spaceId: SpaceId): string {
  return `peerloom-space-${spaceId}`;
}

export interface OpenOptions {
  /** Another tab of an older version has the database and does not let go of it: opening waits for that. */
  readonly blocked?: () => void;
}

export class IndexedDbStore implements Store {
  readonly #database: IDBPDatabase<SpaceSchema>;
  #closed = false;

  private constructor(database: IDBPDatabase<SpaceSchema>) {
    this.#database = database;
  }

  /** Rejects when the browser refuses a database at all (private windows of some, a damaged profile). */
  static async open(spaceId: SpaceId, { blocked }: OpenOptions = {}): Promise<IndexedDbStore> {
    const opened: { store?: IndexedDbStore } = {};
    const database = await openDB<SpaceSchema>(databaseNameOf(spaceId), schemaVersion, {
      upgrade: (db, oldVersion, _, transaction) => {
        if (oldVersion >= 1) {
          sealAll(transaction).catch(() => {
            transaction.abort();
          });
        } else for (const name of ['batches', 'heads', 'outbox'] as const) db.createObjectStore(name);
      },
      blocked: () => blocked?.(),
      // A tab with a newer version of the app wants to upgrade: let it, and say that this one is closed.
      blocking: () => opened.store?.close(),
      terminated: () => {
        if (opened.store !== undefined) opened.store.#closed = true;
      },
    });
    opened.store = new IndexedDbStore(database);
    return opened.store;
  }

  async load(): Promise<StoredSpace> {
    const transaction = this.#database.transaction(['batches', 'heads', 'outbox'], 'readonly');
    const batchStore = transaction.objectStore('batches');
    const [found, keys, records] = await Promise.all([
      findRest(transaction),
      batchStore.getAllKeys(),
      batchStore.getAll(),
    ]);
    for (const [i, key] of keys.entries()) found.batch(keyOf(key), bytesOf(records[i]));
    return found;
  }

  async scrub(after: BatchKey | undefined, recordsMax: number): Promise<ScrubStep> {
    if (this.#closed) return { ok: false, reason: 'closed' };
    try {
      const transaction = this.#database.transaction(['batches', 'heads', 'outbox'], 'readonly');
      const batchStore = transaction.objectStore('batches');
      const range =
        after && IDBKeyRange.lowerBound([after.replicaId, after.sequence, after.batchId], /* open */ true);
      const [found, keys, records] = await Promise.all([
        after === undefined ? findRest(transaction) : new FoundRecords(),
        batchStore.getAllKeys(range, recordsMax),
        batchStore.getAll(range, recordsMax),
      ]);
      for (const [i, key] of keys.entries()) found.batch(keyOf(key), bytesOf(records[i]));
      const last = keys.length < recordsMax ? undefined : keys.at(-1);
      return { ok: true, whole: found.batches, damaged: found.damaged, next: last && keyOf(last) };
    } catch {
      return { ok: false, reason: 'failed' };
    }
  }

  async commit(change: StoreTransaction): Promise<CommitResult> {
    if (this.#closed) return { ok: false, reason: 'closed' };
    try {
      const transaction = this.#database.transaction(['batches', 'heads', 'outbox'], 'readwrite', {
        durability: change.durability,
      });
      const [batches, heads, outbox] = [
        transaction.objectStore('batches'),
        transaction.objectStore('heads'),
        transaction.objectStore('outbox'),
      ];
      // Whether a write failed is told by the transaction alone: after an abort its requests may stay unanswered.
      const write = (request: Promise<unknown>): void => void request.catch(() => undefined);
      for (const batch of change.batches ?? []) {
        const { replicaId, sequence, batchId, bytes } = batch;
        const record = sealRecord('batch', batchKeyBytes(batch), bytes);
        write(batches.put(record, [replicaId, sequence, batchId]));
      }
      for (const head of change.heads ?? []) write(heads.put(headRecord(head), head.replicaId));
      for (const row of change.outbox ?? [])
        write(outbox.put(sealRecord('outbox', rowKeyBytes(row)), [row.replicaId, row.sequence]));
      for (const row of change.settled ?? []) write(outbox.delete([row.replicaId, row.sequence]));
      // Said now, the commit travels with the writes; left to itself the browser first brings every write's
      // success back to this thread, which may be busy painting: 20 ms instead of a few on a loaded page.
      transaction.commit();
      await transaction.done;
      return { ok: true };
    } catch (error) {
      return refusal(error);
    }
  }

  close(): void {
    this.#closed = true;
    this.#database.close();
  }
}

const keyOf = ([replicaId, sequence, batchId]: SpaceSchema['batches']['key']): BatchKey => {
  return { replicaId, sequence, batchId };
};
/** A value of another type is one that nobody here wrote. */
const bytesOf = (value: unknown): Uint8Array => (value instanceof Uint8Array ? value : new Uint8Array());
const headRecord = (head: Head) => sealRecord('head', headKeyBytes(head.replicaId), encodeHead(head));

async function findRest(transaction: Reading): Promise<FoundRecords> {
  const [heads, outbox] = [transaction.objectStore('heads'), transaction.objectStore('outbox')];
  const [headKeys, headRecords, rowKeys, rowRecords] = await Promise.all([
    heads.getAllKeys(),
    heads.getAll(),
    outbox.getAllKeys(),
    outbox.getAll(),
  ]);
  const found = new FoundRecords();
  for (const [i, replicaId] of headKeys.entries()) found.head(replicaId, bytesOf(headRecords[i]));
  for (const [i, [replicaId, sequence]] of rowKeys.entries())
    found.outboxRow({ replicaId, sequence }, bytesOf(rowRecords[i]));
  return found;
}

/** From version 1: the same values, under checksums. All or nothing, as the upgrade is one transaction. */
async function sealAll(transaction: Upgrading): Promise<void> {
  const batches = transaction.objectStore('batches');
  for (let cursor = await batches.openCursor(); cursor !== null; cursor = await cursor.continue())
    await cursor.update(sealRecord('batch', batchKeyBytes(keyOf(cursor.key)), bytesOf(cursor.value)));
  const heads = transaction.objectStore('heads');
  for (let cursor = await heads.openCursor(); cursor !== null; cursor = await cursor.continue())
    await cursor.update(headRecord(cursor.value as unknown as Head));
  const outbox = transaction.objectStore('outbox');
  for (let cursor = await outbox.openCursor(); cursor !== null; cursor = await cursor.continue()) {
    const [replicaId, sequence] = cursor.key;
    await cursor.update(sealRecord('outbox', rowKeyBytes({ replicaId, sequence })));
  }
}

function refusal(cause: unknown): CommitResult {
  const name = cause instanceof Error || cause instanceof DOMException ? cause.name : '';
  if (name === 'QuotaExceededError') return { ok: false, reason: 'full', cause };
  if (name === 'InvalidStateError') return { ok: false, reason: 'closed', cause };
  return { ok: false, reason: 'failed', cause };
}
