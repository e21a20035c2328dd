/** The Store port in memory: for tests and the simulator. Nothing is shared, nothing survives. */
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
} from './records.ts';
import type { BatchKey, CommitResult, ScrubStep, Store, StoredSpace, StoreTransaction } from './store.ts';

interface Row {
  readonly key: Uint8Array;
  readonly record: Uint8Array;
}

/** Rows by the hex of their keys, which sorts as they do. */
export type Rows = Map<string, Row>;

/** Those behind `after`, ascending. */
function inOrder(rows: Rows, after?: Uint8Array): Row[] {
  const from = after === undefined ? '' : toHex(after);
  return [...rows]
    .filter(([hex]) => hex > from)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, row]) => row);
}

export class MemoryStore implements Store {
  /** As they lie there, for tests that damage them. */
  readonly rows = { batch: new Map() as Rows, head: new Map() as Rows, outbox: new Map() as Rows };
  #closed = false;

  load(): Promise<StoredSpace> {
    const found = this.#findRest();
    for (const { key, record } of inOrder(this.rows.batch)) found.batch(readBatchKey(key), record);
    return Promise.resolve(found);
  }

  scrub(after: BatchKey | undefined, recordsMax: number): Promise<ScrubStep> {
    if (this.#closed) return Promise.resolve({ ok: false, reason: 'closed' });
    const found = after === undefined ? this.#findRest() : new FoundRecords();
    const rows = inOrder(this.rows.batch, after && batchKeyBytes(after)).slice(0, recordsMax);
    for (const { key, record } of rows) found.batch(readBatchKey(key), record);
    const last = rows.length < recordsMax ? undefined : rows.at(-1);
    const { batches: whole, damaged } = found;
    return Promise.resolve({ ok: true, whole, damaged, next: last && readBatchKey(last.key) });
  }

  #findRest(): FoundRecords {
    const found = new FoundRecords();
    for (const { key, record } of inOrder(this.rows.head)) found.head(readHeadKey(key), record);
    for (const { key, record } of inOrder(this.rows.outbox)) found.outboxRow(readRowKey(key), record);
    return found;
  }

  commit({ batches, heads, outbox, settled }: StoreTransaction): Promise<CommitResult> {
    if (this.#closed) return Promise.resolve({ ok: false, reason: 'closed' });
    for (const batch of batches ?? []) this.#put('batch', batchKeyBytes(batch), batch.bytes);
    for (const head of heads ?? []) this.#put('head', headKeyBytes(head.replicaId), encodeHead(head));
    for (const row of outbox ?? []) this.#put('outbox', rowKeyBytes(row));
    for (const row of settled ?? []) this.rows.outbox.delete(toHex(rowKeyBytes(row)));
    return Promise.resolve({ ok: true });
  }

  #put(kind: keyof MemoryStore['rows'], key: Uint8Array, value?: Uint8Array): void {
    this.rows[kind].set(toHex(key), { key, record: sealRecord(kind, key, value) });
  }

  close(): void {
    this.#closed = true;
  }
}
