/** The Store port in memory: for tests and the simulator. Nothing is shared, nothing survives. */
import type {
  CommitResult,
  Head,
  OutboxRow,
  Store,
  StoredBatch,
  StoredSpace,
  StoreTransaction,
} from './store.ts';

const rowKey = (row: OutboxRow) => `${row.replicaId} ${String(row.sequence).padStart(16, '0')}`;
const batchKey = (batch: StoredBatch) => `${rowKey(batch)} ${batch.batchId}`;

export class MemoryStore implements Store {
  readonly #batches = new Map<string, StoredBatch>();
  readonly #heads = new Map<string, Head>();
  readonly #outbox = new Map<string, OutboxRow>();
  #closed = false;

  load(): Promise<StoredSpace> {
    const inOrder = <T>(rows: ReadonlyMap<string, T>) =>
      [...rows].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
    return Promise.resolve({
      batches: inOrder(this.#batches),
      heads: inOrder(this.#heads),
      outbox: inOrder(this.#outbox),
    });
  }

  commit(transaction: StoreTransaction): Promise<CommitResult> {
    if (this.#closed) return Promise.resolve({ ok: false, reason: 'closed' });
    for (const batch of transaction.batches ?? []) {
      this.#batches.set(batchKey(batch), { ...batch, bytes: batch.bytes.slice() });
    }
    for (const head of transaction.heads ?? []) this.#heads.set(head.replicaId, head);
    for (const row of transaction.outbox ?? []) this.#outbox.set(rowKey(row), row);
    for (const row of transaction.settled ?? []) this.#outbox.delete(rowKey(row));
    return Promise.resolve({ ok: true });
  }

  close(): void {
    this.#closed = true;
  }
}
