/**
 * The store port: where a space's batches live on one device. All tabs of a device share one store per
 * space; each replica writes only its own head, and batches are immutable, so tabs never overwrite each other.
 *
 * A commit is one atomic transaction. `strict` asks the disk to have it before the promise resolves; it is
 * used for everything that is sent or acknowledged as ours (persist before send). `relaxed` survives a crash
 * of the browser but perhaps not of the power; it is used for batches that another device already holds.
 */
import type { BatchId, ReplicaId } from '../base/ids.ts';

/** Where a batch stands among all of a store: by replica, then sequence, then (of a fork) id. */
export interface BatchKey {
  readonly replicaId: ReplicaId;
  /** 0 for the certificate, then one more each. */
  readonly sequence: number;
  readonly batchId: BatchId;
}

export interface StoredBatch extends BatchKey {
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

/** A record that reads otherwise than it was written. What it said is not told. */
export type DamagedRecord =
  | ({ readonly kind: 'batch' } & BatchKey)
  | { readonly kind: 'head'; readonly replicaId: ReplicaId }
  | ({ readonly kind: 'outbox' } & OutboxRow)
  /** Not even its key says what it was. */
  | { readonly kind: 'unknown' };

export interface StoredSpace {
  /** By replica, then sequence, ascending. Of two batches with one sequence number (a fork) both are here. */
  readonly batches: readonly StoredBatch[];
  readonly heads: readonly Head[];
  /** A row that is damaged is here all the same: a batch too many that counts as not yet elsewhere does no harm. */
  readonly outbox: readonly OutboxRow[];
  /** What is not above, or not whole, because its record is damaged. */
  readonly damaged: readonly DamagedRecord[];
}

/** Some records, read again. */
export type ScrubStep =
  | {
      readonly ok: true;
      /** The batches found whole, in order. */
      readonly whole: readonly BatchKey[];
      readonly damaged: readonly DamagedRecord[];
      /** Where to go on; undefined at the end. */
      readonly next: BatchKey | undefined;
    }
  | { readonly ok: false; readonly reason: 'closed' | 'failed' };

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
  /**
   * Reads up to `recordsMax` batches again, those behind `after`; from the beginning, and the heads and the outbox first, when that is
   * undefined. Never rejects.
   */
  scrub(after: BatchKey | undefined, recordsMax: number): Promise<ScrubStep>;
  /** Never rejects. Commits take effect in the order of the calls. */
  commit(transaction: StoreTransaction): Promise<CommitResult>;
  close(): void;
}
