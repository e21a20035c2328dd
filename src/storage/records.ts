/**
 * What a store writes for a record: its value under a checksum, the same in every adapter. A disk returns other bytes than it was
 * given, now and then, and says nothing; databases check at best their own pages. So every record is checked whenever it is read, and
 * one that is damaged is told and never taken for what it was.
 *
 *     record = version(1)  length(4, big-endian)  crc(4, big-endian)  value
 *
 * The sum covers kind and key as well, so that a record under a wrong key is found, and the length, so that a cut one is found for
 * certain and not but one time in 2^32. docs/protocols/store.md has the bytes.
 */
import { concatBytes, fromHex, toHex, utf8 } from '../base/bytes.ts';
import { Reader, Writer, decode } from '../base/codec.ts';
import { batchIdBytes, idBytes, type BatchId, type ReplicaId } from '../base/ids.ts';
import { counterMax } from '../base/limits.ts';
import { crc32c } from './crc32c.ts';
import type { BatchKey, DamagedRecord, Head, OutboxRow, StoredBatch, StoredSpace } from './store.ts';

const recordVersion = 1;
const headerBytes = 9;

type RecordKind = 'batch' | 'head' | 'outbox';

/** Bytes that sort as the keys do. */
export function batchKeyBytes({ replicaId, sequence, batchId }: BatchKey): Uint8Array<ArrayBuffer> {
  return concatBytes(rowKeyBytes({ replicaId, sequence }), fromHex(batchId));
}
export function rowKeyBytes({ replicaId, sequence }: OutboxRow): Uint8Array<ArrayBuffer> {
  const key = new Uint8Array(idBytes + 8);
  key.set(fromHex(replicaId));
  const view = new DataView(key.buffer);
  view.setUint32(idBytes, Math.floor(sequence / 2 ** 32));
  view.setUint32(idBytes + 4, sequence % 2 ** 32);
  return key;
}
export function headKeyBytes(replicaId: ReplicaId): Uint8Array<ArrayBuffer> {
  return fromHex(replicaId);
}
export function readHeadKey(bytes: Uint8Array): ReplicaId | undefined {
  return bytes.length === idBytes ? (toHex(bytes) as ReplicaId) : undefined;
}

/** The other way round; undefined when `bytes` are no such key. */
export function readRowKey(bytes: Uint8Array): OutboxRow | undefined {
  if (bytes.length !== idBytes + 8) return undefined;
  const reader = new Reader(bytes);
  const replicaId = reader.id(idBytes) as ReplicaId;
  const view = new DataView(bytes.buffer, bytes.byteOffset + idBytes, 8);
  const sequence = view.getUint32(0) * 2 ** 32 + view.getUint32(4);
  return sequence <= counterMax ? { replicaId, sequence } : undefined;
}
export function readBatchKey(bytes: Uint8Array): BatchKey | undefined {
  if (bytes.length !== idBytes + 8 + batchIdBytes) return undefined;
  const row = readRowKey(bytes.subarray(0, idBytes + 8));
  const batchId = new Reader(bytes.subarray(idBytes + 8)).id(batchIdBytes) as BatchId;
  return row && { ...row, batchId };
}

const kindSums: Readonly<Record<RecordKind, number>> = {
  batch: crc32c(utf8('batch')),
  head: crc32c(utf8('head')),
  outbox: crc32c(utf8('outbox')),
};

function sumOf(kind: RecordKind, key: Uint8Array, record: Uint8Array): number {
  const before = crc32c(key, kindSums[kind]);
  return crc32c(record.subarray(headerBytes), crc32c(record.subarray(0, 5), before));
}

/** `value` as it is stored under `key`, in bytes of its own. */
export function sealRecord(
  kind: RecordKind,
  key: Uint8Array,
  value: Uint8Array = new Uint8Array(),
): Uint8Array<ArrayBuffer> {
  const record = new Uint8Array(headerBytes + value.length);
  const view = new DataView(record.buffer);
  record[0] = recordVersion;
  view.setUint32(1, value.length);
  record.set(value, headerBytes);
  view.setUint32(5, sumOf(kind, key, record));
  return record;
}

type OpenedRecord =
  | { readonly ok: true; readonly value: Uint8Array }
  | { readonly ok: false; readonly reason: 'short' | 'version' | 'length' | 'checksum' };

/** The value, as a view, when the record is what was stored under this key. */
export function openRecord(kind: RecordKind, key: Uint8Array, record: Uint8Array): OpenedRecord {
  if (record.length < headerBytes) return { ok: false, reason: 'short' };
  if (record[0] !== recordVersion) return { ok: false, reason: 'version' };
  const view = new DataView(record.buffer, record.byteOffset, headerBytes);
  if (view.getUint32(1) !== record.length - headerBytes) return { ok: false, reason: 'length' };
  if (view.getUint32(5) !== sumOf(kind, key, record)) return { ok: false, reason: 'checksum' };
  return { ok: true, value: record.subarray(headerBytes) };
}

export function encodeHead({ sequence, batchId }: Head): Uint8Array<ArrayBuffer> {
  return new Writer().varUint(sequence).bytes(fromHex(batchId)).finish();
}
function decodeHead(replicaId: ReplicaId, value: Uint8Array): Head | undefined {
  const decoded = decode(value, (reader): Head => {
    const sequence = reader.varUint(counterMax);
    return { replicaId, sequence, batchId: reader.id(batchIdBytes) as BatchId };
  });
  return decoded.ok ? decoded.value : undefined;
}

/** What a store finds in its records, as it reads one after the other. A key is undefined when it is none. */
export class FoundRecords implements StoredSpace {
  readonly batches: StoredBatch[] = [];
  readonly heads: Head[] = [];
  readonly outbox: OutboxRow[] = [];
  readonly damaged: DamagedRecord[] = [];

  batch(key: BatchKey | undefined, record: Uint8Array): void {
    const opened = key && openRecord('batch', batchKeyBytes(key), record);
    if (key === undefined) this.damaged.push({ kind: 'unknown' });
    else if (opened?.ok === true) this.batches.push({ ...key, bytes: opened.value });
    else this.damaged.push({ kind: 'batch', ...key });
  }

  head(replicaId: ReplicaId | undefined, record: Uint8Array): void {
    if (replicaId === undefined) {
      this.damaged.push({ kind: 'unknown' });
      return;
    }
    const opened = openRecord('head', headKeyBytes(replicaId), record);
    const head = opened.ok ? decodeHead(replicaId, opened.value) : undefined;
    if (head === undefined) this.damaged.push({ kind: 'head', replicaId });
    else this.heads.push(head);
  }

  outboxRow(row: OutboxRow | undefined, record: Uint8Array): void {
    if (row !== undefined) this.outbox.push(row);
    if (row === undefined) this.damaged.push({ kind: 'unknown' });
    else if (!openRecord('outbox', rowKeyBytes(row), record).ok)
      this.damaged.push({ kind: 'outbox', ...row });
  }
}
