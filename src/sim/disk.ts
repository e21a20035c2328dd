/**
 * One device's disk in virtual time. What was synced stays; of what was committed and not synced, a power cut leaves
 * any subset of the transactions (each of them whole, as IndexedDB promises); a killed process loses neither. Records
 * rot, a full disk refuses, a wiped one has nothing.
 */
import { assert } from '../base/assert.ts';
import type { BatchId, ReplicaId } from '../base/ids.ts';
import { signatureBytes } from '../sync/batch.ts';
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

const noRows = (): Rows => ({ batches: new Map(), heads: new Map(), outbox: new Map() });
const rowKey = (row: OutboxRow) => `${row.replicaId} ${String(row.sequence)}`;
const batchKey = (row: StoredBatch) => `${rowKey(row)} ${row.batchId}`;

function apply(rows: Rows, { batches, heads, outbox, settled }: StoreTransaction): void {
  for (const batch of batches ?? []) rows.batches.set(batchKey(batch), batch);
  for (const head of heads ?? []) rows.heads.set(head.replicaId, head);
  for (const row of outbox ?? []) rows.outbox.set(rowKey(row), row);
  for (const row of settled ?? []) rows.outbox.delete(rowKey(row));
}

/** By replica, sequence and, of a fork, batch. */
function sorted<T extends OutboxRow & { readonly batchId?: BatchId }>(rows: ReadonlyMap<unknown, T>): T[] {
  return [...rows.values()].sort((a, b) => {
    if (a.replicaId !== b.replicaId) return a.replicaId < b.replicaId ? -1 : 1;
    return a.sequence - b.sequence || ((a.batchId ?? '') < (b.batchId ?? '') ? -1 : 1);
  });
}

export class Disk {
  /** Refuses every transaction while set. */
  failure: 'full' | 'failed' | undefined;
  /** How long a transaction takes, in milliseconds of virtual time, and at most how much longer by chance. */
  strictMs = 2;
  relaxedMs = 1;
  jitterMs = 8;
  /** Transactions take effect one after the other: the one begun last is done then. */
  busyUntilMs = 0;
  #synced = noRows();
  #unsynced: StoreTransaction[] = [];

  commit(transaction: StoreTransaction): CommitResult {
    if (this.failure !== undefined) return { ok: false, reason: this.failure };
    const batches = (transaction.batches ?? []).map(batch => ({ ...batch, bytes: batch.bytes.slice() }));
    this.#unsynced.push({ ...transaction, batches });
    if (transaction.durability === 'strict') this.sync();
    return { ok: true };
  }

  /** A flush covers everything before it. */
  sync(): void {
    for (const transaction of this.#unsynced) apply(this.#synced, transaction);
    this.#unsynced = [];
  }

  load(): StoredSpace {
    const rows: Rows = {
      batches: new Map(this.#synced.batches),
      heads: new Map(this.#synced.heads),
      outbox: new Map(this.#synced.outbox),
    };
    for (const transaction of this.#unsynced) apply(rows, transaction);
    return { batches: sorted(rows.batches), heads: sorted(rows.heads), outbox: sorted(rows.outbox) };
  }

  /** Of what is not synced only what `survives` says is left, and that is on the platter now. */
  losePower(survives: (transaction: StoreTransaction) => boolean): void {
    this.#unsynced = this.#unsynced.filter(survives);
    this.sync();
  }

  /** The n-th synced record, counting round. */
  record(n: number): StoredBatch | undefined {
    const { batches } = this.#synced;
    if (batches.size === 0) return undefined;
    return [...batches.values()][n % batches.size];
  }

  /**
   * Flips bits of one byte of a stored record. Not in its signature: what that says is right all the same, nobody here
   * sees it, and it is repaired only by a scrub that verifies signatures again, which does not exist yet.
   */
  corrupt(record: StoredBatch, at: number, flip: number): void {
    const bytes = record.bytes.slice();
    assert(flip > 0 && flip < 256, 'corruption changes something');
    const place = at % (bytes.length - signatureBytes);
    bytes[place] = (bytes[place] ?? 0) ^ flip;
    this.#synced.batches.set(batchKey(record), { ...record, bytes });
  }

  wipe(): void {
    this.#synced = noRows();
    this.#unsynced = [];
  }

  /** Another disk with the same on it: a profile that somebody copied. */
  copyTo(other: Disk): void {
    this.sync();
    apply(other.#synced, {
      batches: [...this.#synced.batches.values()],
      heads: [...this.#synced.heads.values()],
      outbox: [...this.#synced.outbox.values()],
      durability: 'strict',
    });
  }
}
