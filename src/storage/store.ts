/**
 * The store port: where a space's batches live on one device. All tabs of a device share one store per
 * space; each replica writes only its own head, and batches are immutable, so tabs never overwrite each other.
 *
 * A commit is one atomic transaction. `strict` asks the disk to have it before the promise resolves; it is
 * used for everything that is sent or acknowledged as ours (persist before send). `relaxed` survives a crash
 * of the browser but perhaps not of the power; it is used for batches that another device already holds.
 */
import type { BatchId, ReplicaId } from '../base/ids.ts';

export interface StoredBatch {
  readonly replicaId: ReplicaId;
  /** 0 for the certificate, then one more each. */
  readonly sequence: number;
  readonly batchId: BatchId;
  /** The signed batch as it travels. */
  readonly bytes: Uint8Array;
}

/** The end of a log this device writes. */
export interface Head {
  readonly replicaId: ReplicaId;
  readonly sequence: number;
  readonly batchId: BatchId;
}

/** A batch of ours that no other device is known to hold. */
export interface OutboxRow {
  readonly replicaId: ReplicaId;
  readonly sequence: number;
}

export interface StoredSpace {
  /** By replica, then sequence, ascending. Of two batches with one sequence number (a fork) both are here. */
  readonly batches: readonly StoredBatch[];
  readonly heads: readonly Head[];
  readonly outbox: readonly OutboxRow[];
}

export interface StoreTransaction {
  readonly batches?: readonly StoredBatch[];
  readonly heads?: readonly Head[];
  readonly outbox?: readonly OutboxRow[];
  /** Outbox rows to remove: another device has these. */
  readonly settled?: readonly OutboxRow[];
  readonly durability: 'strict' | 'relaxed';
}

/**
 * `full`: the disk or the origin's quota is exhausted; what was kept stays readable and a later commit may
 * succeed. `closed`: the store was closed or taken over by a newer version. `failed`: anything else.
 * A transaction that did not commit changed nothing.
 */
export type CommitResult =
  | { readonly ok: true }
  | { readonly ok: false; readonly reason: 'full' | 'closed' | 'failed'; readonly cause?: unknown };

export interface Store {
  /** Everything kept, read once when a replica opens. */
  load(): Promise<StoredSpace>;
  /** Never rejects. Commits take effect in the order of the calls. */
  commit(transaction: StoreTransaction): Promise<CommitResult>;
  close(): void;
}
