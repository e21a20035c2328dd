/**
 * A batch as bytes; docs/protocols/document.md describes them.
 *
 * Author and first counter come from outside (the log that carries the batch), ids are not written. The containers are
 * named once, in a table in which each hangs on an earlier one, so that a path is not repeated. Each entry carries its
 * counters and its length in bytes: whoever does not know its kind keeps it, and still knows where the next begins.
 */
import { decodeTwice, Writer, type Decoded, type Reader } from '../../base/codec.ts';
import { assert } from '../../base/assert.ts';
import { fromHex } from '../../base/bytes.ts';
import { idBytes, type ReplicaId } from '../../base/ids.ts';
import { clockEntriesMax, counterMax } from '../../base/limits.ts';
import type { OpId } from '../context.ts';
import { decodeMapOps, encodeMapOps, mapOpsVersion } from '../map/codec.ts';
import type { MapOp } from '../map/messages.ts';
import { ContainerTable, nameRow, readContainerTable } from './container-table.ts';
import { leafKind, mapCode, type LeafOp } from './kinds.ts';
import type { ContainerId, DocumentBatch, EditEntry, Entry } from './messages.ts';
import { readReplicaId } from '../state-codec.ts';

const documentBatchVersion = 1;

export function encodeDocumentBatch(batch: DocumentBatch): Uint8Array<ArrayBuffer> {
  return encodedBatch(batch).slice();
}

/** What reads as `batch`, not to be changed or kept: as it came, or as it is written here. For whoever copies it at once. */
export function bytesOf(batch: DocumentBatch): Uint8Array {
  return batch === received ? receivedBytes.subarray(0, receivedLength) : encodedBatch(batch);
}

function encodedBatch(batch: DocumentBatch): Uint8Array<ArrayBuffer> {
  if (batch !== made.batch) made = { batch, bytes: encode(batch) };
  return made.bytes;
}

/**
 * A batch made here is encoded for the history and at once again for whoever sends it, and one that was read goes into the
 * history. So the last one of each is enough, and costs nobody a table of all batches there are.
 */
let made: { readonly batch: DocumentBatch | undefined; readonly bytes: Uint8Array<ArrayBuffer> } = {
  batch: undefined,
  bytes: new Uint8Array(),
};
let received: DocumentBatch | undefined;
/** Used again and again: a copy of its own costs more than reading a small batch. */
let receivedBytes = new Uint8Array(1024);
let receivedLength = 0;

function noteReceived(batch: DocumentBatch, bytes: Uint8Array): void {
  if (bytes.length > receivedBytes.length) receivedBytes = new Uint8Array(2 * bytes.length);
  receivedBytes.set(bytes);
  receivedLength = bytes.length;
  received = batch;
}

function encode(batch: DocumentBatch): Uint8Array<ArrayBuffer> {
  const { replicaId, dependencies, entries } = batch;
  const table = new ContainerTable();
  for (const entry of entries) table.add(entry.container);
  const writer = new Writer().byte(documentBatchVersion).varUint(dependencies.length);
  for (const id of dependencies) writer.bytes(fromHex(id.replicaId)).varUint(id.counter);
  writer.varUint(batch.step);
  table.write(writer);
  let counter = batch.firstCounter;
  for (const entry of entries) {
    const { container, counters } = entry;
    writer.varUint(table.placeOf(container)).varUint(counters);
    writer.varBytes(encodeEntry(entry, replicaId, counter));
    counter += counters;
  }
  return writer.finish();
}

/** Whatever the bytes are: a batch of `replicaId` from `firstCounter` on, or the reason why not. */
export function decodeDocumentBatch(
  bytes: Uint8Array,
  replicaId: ReplicaId,
  firstCounter: number,
): Decoded<DocumentBatch> {
  const decoded = decodeTwice(bytes, (reader): DocumentBatch => {
    if (reader.byte() !== documentBatchVersion) reader.fail('unknown version');
    const dependencies = readDependencies(reader, replicaId);
    const step = reader.varUint();
    if (step === 0) reader.fail('time stands still');
    const table = readContainerTable(reader);
    let named = 1;
    const entries: Entry[] = [];
    let counter = firstCounter;
    while (reader.left > 0) {
      const place = reader.varUint(table.length - 1);
      named = nameRow(reader, table, place, named);
      const counters = reader.varUint(counterMax);
      if (counters === 0 || counter + counters > counterMax) reader.fail('counter out of range');
      const body = reader.varBytes(reader.left);
      const entry = decodeEntry(table.id(place), counters, body, replicaId, counter);
      if (!entry.ok) reader.fail(entry.reason);
      else if (!reader.looks) entries.push(entry.value);
      counter += counters;
    }
    if (counter === firstCounter) reader.fail('empty batch');
    if (named !== table.length) reader.fail('container named in vain');
    return { replicaId, firstCounter, step, dependencies, entries };
  });
  // A copy: the caller's bytes are the caller's.
  if (decoded.ok) noteReceived(decoded.value, bytes);
  return decoded;
}

export function encodeEntry(entry: Entry, replicaId: ReplicaId, counter: number): Uint8Array {
  if (entry.type === 'unread') return entry.bytes;
  if (entry.container.kind === mapCode)
    return encodeMapOps(entry.ops as readonly MapOp[], replicaId, counter);
  const kind = leafKind(entry.container.kind);
  assert(kind !== undefined, 'operations that were read are of a known kind');
  return kind.encodeOps(entry.ops as readonly LeafOp[], replicaId, counter);
}

/** Unread when kind or version are newer than this code; refused when they are known and the bytes are wrong. */
export function decodeEntry(
  container: ContainerId,
  counters: number,
  bytes: Uint8Array,
  replicaId: ReplicaId,
  counter: number,
): Decoded<Entry> {
  const kind = leafKind(container.kind);
  const isMap = container.kind === mapCode;
  const version = isMap ? mapOpsVersion : kind?.opsVersion;
  if (version === undefined || (bytes[0] ?? 0) > version)
    return { ok: true, value: { type: 'unread', container, counters, bytes: bytes.slice() } };
  const ops = isMap
    ? decodeMapOps(bytes, replicaId, counter, counters)
    : kind?.decodeOps(bytes, replicaId, counter, counters);
  if (ops?.ok !== true) return { ok: false, reason: ops?.reason ?? 'unknown kind' };
  return { ok: true, value: { type: 'edit', container, counters, ops: ops.value } satisfies EditEntry };
}

function readDependencies(reader: Reader, author: ReplicaId): readonly OpId[] {
  const count = reader.varUint(clockEntriesMax);
  if (count * idBytes > reader.left) reader.fail('short');
  const dependencies: OpId[] = [];
  let last = '';
  for (let i = 0; i < count; i++) {
    const replicaId = readReplicaId(reader);
    if (replicaId <= last || replicaId === author) reader.fail('dependencies not sorted');
    last = replicaId;
    const counter = reader.varUint(counterMax - 1);
    if (!reader.looks) dependencies.push({ replicaId, counter });
  }
  return dependencies;
}
