/**
 * The Store port on IndexedDB, one database a space, shared by the tabs of one browser profile.
 *
 * Why not one record per document: a crash between two records would tear it. Here a commit is one
 * transaction over immutable batches, so it happens whole or not at all, and two tabs never race for a row.
 */
import { openDB, type DBSchema, type IDBPDatabase } from 'idb';
import type { BatchId, ReplicaId, SpaceId } from '../../base/ids.ts';
import type { CommitResult, Head, OutboxRow, Store, StoredSpace, StoreTransaction } from '../store.ts';

interface SpaceSchema extends DBSchema {
  batches: { key: [ReplicaId, number, BatchId]; value: Uint8Array };
  heads: { key: ReplicaId; value: Head };
  outbox: { key: [ReplicaId, number]; value: OutboxRow };
}

const schemaVersion = 1;

export function databaseNameOf(spaceId: SpaceId): string {
  return `peerloom-space-${spaceId}`;
}

export class IndexedDbStore implements Store {
  readonly #database: IDBPDatabase<SpaceSchema>;
  #closed = false;

  private constructor(database: IDBPDatabase<SpaceSchema>) {
    this.#database = database;
  }

  /** Rejects when the browser refuses a database at all (private windows of some, a damaged profile). */
  static async open(spaceId: SpaceId): Promise<IndexedDbStore> {
    const opened: { store?: IndexedDbStore } = {};
    const database = await openDB<SpaceSchema>(databaseNameOf(spaceId), schemaVersion, {
      upgrade: db => {
        db.createObjectStore('batches');
        db.createObjectStore('heads');
        db.createObjectStore('outbox');
      },
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
    const [keys, values, heads, outbox] = await Promise.all([
      batchStore.getAllKeys(),
      batchStore.getAll(),
      transaction.objectStore('heads').getAll(),
      transaction.objectStore('outbox').getAll(),
    ]);
    const batches = keys.map(([replicaId, sequence, batchId], i) => {
      return { replicaId, sequence, batchId, bytes: values[i] ?? new Uint8Array() };
    });
    return { batches, heads, outbox };
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
      for (const { replicaId, sequence, batchId, bytes } of change.batches ?? []) {
        // A view would clone the whole buffer behind it into the database.
        const exact = bytes.byteLength === bytes.buffer.byteLength ? bytes : bytes.slice();
        write(batches.put(exact, [replicaId, sequence, batchId]));
      }
      for (const head of change.heads ?? []) write(heads.put(head, head.replicaId));
      for (const row of change.outbox ?? []) write(outbox.put(row, [row.replicaId, row.sequence]));
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

function refusal(cause: unknown): CommitResult {
  const name = cause instanceof Error || cause instanceof DOMException ? cause.name : '';
  if (name === 'QuotaExceededError') return { ok: false, reason: 'full', cause };
  if (name === 'InvalidStateError') return { ok: false, reason: 'closed', cause };
  return { ok: false, reason: 'failed', cause };
}
