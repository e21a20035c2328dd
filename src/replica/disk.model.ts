/** One device's disk in virtual time: what `MemoryStore` is, without promises, and it may be full or slow. */
import type { BatchId, ReplicaId } from '../base/ids.ts';
import type {
  CommitResult,
  Head,
  OutboxRow,
  StoredBatch,
  StoredSpace,
  StoreTransaction,
} from '../storage/store.ts';

interface Rows {
  readonly batches: Map<string, StoredBatch>;
  readonly heads: Map<ReplicaId, Head>;
  readonly outbox: Map<string, OutboxRow>;
}

const rowKey = (row: OutboxRow) => `${row.replicaId} ${String(row.sequence).padStart(16, '0')}`;
const sorted = <T>(rows: ReadonlyMap<string, T>) =>
  [...rows].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);

function apply(rows: Rows, transaction: StoreTransaction): void {
  for (const batch of transaction.batches ?? []) {
    rows.batches.set(`${rowKey(batch)} ${batch.batchId}`, { ...batch, bytes: batch.bytes.slice() });
  }
  for (const head of transaction.heads ?? []) rows.heads.set(head.replicaId, head);
  for (const row of transaction.outbox ?? []) rows.outbox.set(rowKey(row), row);
  for (const row of transaction.settled ?? []) rows.outbox.delete(rowKey(row));
}

export class Disk {
  /** Refuses every transaction while set. */
  failure: 'full' | 'closed' | 'failed' | undefined;
  /** How long a commit takes, in virtual milliseconds, and at most how much longer by chance. */
  commitMs = 3;
  commitJitterMs = 10;
  /** When the transaction queued last will be applied: commits take effect in the order of the calls. */
  busyUntilMs = 0;
  readonly #rows: Rows = { batches: new Map(), heads: new Map(), outbox: new Map() };
  /** Relaxed transactions since the last strict one, which a power cut takes away. */
  #unflushed: StoreTransaction[] = [];
  readonly #flushed: Rows = { batches: new Map(), heads: new Map(), outbox: new Map() };

  commit(transaction: StoreTransaction): CommitResult {
    if (this.failure !== undefined) return { ok: false, reason: this.failure };
    apply(this.#rows, transaction);
    this.#unflushed.push(transaction);
    if (transaction.durability === 'strict') {
      for (const flushed of this.#unflushed) apply(this.#flushed, flushed);
      this.#unflushed = [];
    }
    return { ok: true };
  }

  powerCut(): void {
    this.#unflushed = [];
    const [rows, flushed] = [this.#rows as Record<keyof Rows, Map<string, unknown>>, this.#flushed];
    for (const name of ['batches', 'heads', 'outbox'] as const) {
      rows[name].clear();
      for (const [key, row] of flushed[name]) rows[name].set(key, row);
    }
  }

  load(): StoredSpace {
    const { batches, heads, outbox } = this.#rows;
    return { batches: sorted(batches), heads: sorted(heads), outbox: sorted(outbox) };
  }

  /** The ids of the stored batches. */
  ids(): Set<BatchId> {
    return new Set([...this.#rows.batches.values()].map(batch => batch.batchId));
  }

  /** The bytes of all stored batches together. */
  get size(): number {
    return [...this.#rows.batches.values()].reduce((sum, batch) => sum + batch.bytes.length, 0);
  }
}
