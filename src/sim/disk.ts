/**
 * One device's disk in virtual time. What was synced stays; of what was committed and not synced, a power cut leaves
 * any subset of the transactions (each of them whole, as IndexedDB promises); a killed process loses neither. Records
 * rot, a full disk refuses, a wiped one has nothing.
 */
import { assert } from '../base/assert.ts';
import { toHex } from '../base/bytes.ts';
import {
  batchKeyBytes,
  encodeHead,
  FoundRecords,
  headKeyBytes,
  readBatchKey,
  readHeadKey,
  readRowKey,
  rowKeyBytes,
  sealRecord,
} from '../storage/records.ts';
import type { BatchKey, CommitResult, ScrubStep, StoredSpace, StoreTransaction } from '../storage/store.ts';

/** A value as it lies there, under its checksum. */
export interface DiskRow {
  readonly key: Uint8Array;
  readonly record: Uint8Array;
}

const kinds = ['batch', 'head', 'outbox'] as const;
type Kind = (typeof kinds)[number];
/** By the hex of the key, undefined where a row goes. */
type Writes = Readonly<Record<Kind, ReadonlyMap<string, DiskRow | undefined>>>;
type Rows = Readonly<Record<Kind, Map<string, DiskRow>>>;

const noRows = (): Rows => ({ batch: new Map(), head: new Map(), outbox: new Map() });

function writesOf({ batches, heads, outbox, settled }: StoreTransaction): Writes {
  const put = (kind: Kind, key: Uint8Array, value?: Uint8Array) =>
    [toHex(key), { key, record: sealRecord(kind, key, value) }] as const;
  return {
    batch: new Map(batches?.map(batch => put('batch', batchKeyBytes(batch), batch.bytes))),
    head: new Map(heads?.map(head => put('head', headKeyBytes(head.replicaId), encodeHead(head)))),
    outbox: new Map([
      ...(outbox ?? []).map(row => put('outbox', rowKeyBytes(row))),
      ...(settled ?? []).map(row => [toHex(rowKeyBytes(row)), undefined] as const),
    ]),
  };
}

function apply(rows: Rows, writes: Writes): void {
  for (const kind of kinds) {
    for (const [hex, row] of writes[kind]) {
      if (row === undefined) rows[kind].delete(hex);
      else rows[kind].set(hex, row);
    }
  }
}

/** By key, which is by replica, sequence and, of a fork, batch. */
function inOrder(rows: ReadonlyMap<string, DiskRow>, after?: Uint8Array): DiskRow[] {
  const from = after === undefined ? '' : toHex(after);
  return [...rows]
    .filter(([hex]) => hex > from)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, row]) => row);
}

interface Unsynced {
  readonly transaction: StoreTransaction;
  readonly writes: Writes;
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
  #unsynced: Unsynced[] = [];

  commit(transaction: StoreTransaction): CommitResult {
    if (this.failure !== undefined) return { ok: false, reason: this.failure };
    this.#unsynced.push({ transaction, writes: writesOf(transaction) });
    if (transaction.durability === 'strict') this.sync();
    return { ok: true };
  }

  /** A flush covers everything before it. */
  sync(): void {
    for (const { writes } of this.#unsynced) apply(this.#synced, writes);
    this.#unsynced = [];
  }

  load(): StoredSpace {
    const rows = this.#rows();
    const found = findRest(rows);
    for (const { key, record } of inOrder(rows.batch)) found.batch(readBatchKey(key), record);
    return found;
  }

  scrub(after: BatchKey | undefined, recordsMax: number): ScrubStep {
    const rows = this.#rows();
    const found = after === undefined ? findRest(rows) : new FoundRecords();
    const some = inOrder(rows.batch, after && batchKeyBytes(after)).slice(0, recordsMax);
    for (const { key, record } of some) found.batch(readBatchKey(key), record);
    const last = some.length < recordsMax ? undefined : some.at(-1);
    const { batches: whole, damaged } = found;
    return { ok: true, whole, damaged, next: last && readBatchKey(last.key) };
  }

  /** Everything that a reader finds, synced or not. */
  #rows(): Rows {
    const { batch, head, outbox } = this.#synced;
    const rows: Rows = { batch: new Map(batch), head: new Map(head), outbox: new Map(outbox) };
    for (const { writes } of this.#unsynced) apply(rows, writes);
    return rows;
  }

  /** Of what is not synced only what `survives` says is left, and that is on the platter now. */
  losePower(survives: (transaction: StoreTransaction) => boolean): void {
    this.#unsynced = this.#unsynced.filter(({ transaction }) => survives(transaction));
    this.sync();
  }

  /** The n-th synced record of a batch, counting round. */
  record(n: number): (DiskRow & BatchKey) | undefined {
    const { batch } = this.#synced;
    const row = [...batch.values()][n % Math.max(1, batch.size)];
    const key = row && readBatchKey(row.key);
    return row && key && { ...row, ...key };
  }
  /** The synced rows of a kind, by key. */
  synced(kind: Kind): DiskRow[] {
    return inOrder(this.#synced[kind]);
  }

  /** Flips bits of one byte of a stored batch. */
  corrupt({ key, record }: DiskRow, at: number, flip: number): void {
    assert(flip > 0 && flip < 256, 'corruption changes something');
    const bytes = record.slice();
    const place = at % bytes.length;
    bytes[place] = (bytes[place] ?? 0) ^ flip;
    this.overwrite('batch', key, bytes);
  }
  overwrite(kind: Kind, key: Uint8Array, record: Uint8Array): void {
    this.#synced[kind].set(toHex(key), { key, record });
  }

  wipe(): void {
    this.#synced = noRows();
    this.#unsynced = [];
  }

  /** Another disk with the same on it: a profile that somebody copied. */
  copyTo(other: Disk): void {
    this.sync();
    apply(other.#synced, this.#synced);
  }
}

function findRest(rows: Rows): FoundRecords {
  const found = new FoundRecords();
  for (const { key, record } of inOrder(rows.head)) found.head(readHeadKey(key), record);
  for (const { key, record } of inOrder(rows.outbox)) found.outboxRow(readRowKey(key), record);
  return found;
}
