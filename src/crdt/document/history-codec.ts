/**
 * A document as bytes with its full history: every batch, by author, column by column; docs/protocols/document.md
 * describes them. No state is saved beside it: loading replays the batches, and so checks them all again.
 *
 * Canonical too: authors and batches have one order, and what a batch was made of when it arrived does not show.
 */
import { assert } from '../../base/assert.ts';
import { fromHex } from '../../base/bytes.ts';
import { Writer, type Decoded, type Reader } from '../../base/codec.ts';
import { idBytes, type ReplicaId } from '../../base/ids.ts';
import { clockEntriesMax, counterMax } from '../../base/limits.ts';
import type { Context, OpId } from '../context.ts';
import { decodeEntry, encodeEntry } from './batch-codec.ts';
import { ContainerTable, nameRow, readContainerTable, type ContainerRows } from './container-table.ts';
import { readRuns, writeRuns } from './columns.ts';
import { Document, timeMax, type DocumentOptions } from './document.ts';
import { inCausalOrder, type Dated } from './causal-order.ts';
import { decodeFor } from './decode-for.ts';
import { leafKind, type LeafOp } from './kinds.ts';
import type { ContainerId, DocumentBatch, EditEntry, Entry } from './messages.ts';
import { readReplicaId } from '../state-codec.ts';

const historyVersion = 1;

/** `undefined` when the document has not kept all of its history. */
export function encodeDocumentHistory(document: Document): Uint8Array<ArrayBuffer> | undefined {
  const batches = document.history?.complete === true ? document.batchesSince(new Map()) : undefined;
  if (batches === undefined) return undefined;
  const replicas = [...document.version.keys()].sort();
  const places = new Map(replicas.map((replicaId, place) => [replicaId, place]));
  const logs = replicas.map(replicaId => batches.filter(batch => batch.replicaId === replicaId));
  const table = new ContainerTable();
  for (const batch of logs.flat()) for (const { container } of batch.entries) table.add(container);
  const writer = new Writer().byte(historyVersion).varUint(replicas.length);
  for (const replicaId of replicas) writer.bytes(fromHex(replicaId));
  table.write(writer);
  for (const log of logs) writeLog(writer, log, places, table);
  return writer.finish();
}

/** Whatever the bytes are: the document, to be edited as `context.replicaId`, or the reason why not. */
export function decodeDocumentHistory(
  bytes: Uint8Array,
  context: Context,
  options: DocumentOptions = {},
): Decoded<Document> {
  return decodeFor(context, bytes, reader => {
    if (reader.byte() !== historyVersion) reader.fail('unknown version');
    const replicas = readReplicas(reader);
    const table = readContainerTable(reader);
    const rows = { next: 1 };
    const room = { entries: bytes.length };
    const all: Dated[] = [];
    for (const replicaId of replicas) {
      let time = 0;
      for (const batch of readLog(reader, replicaId, replicas, table, rows, room)) {
        time = Math.min(timeMax, time + batch.step);
        all.push({ batch, time });
      }
    }
    if (rows.next !== table.length) reader.fail('container named in vain');
    const document = new Document(context, options);
    for (const batch of inCausalOrder(all)) {
      const applied = document.apply(batch);
      if (!applied.ok) reader.fail(applied.reason);
    }
    return document;
  });
}

/** Entries of one author that follow each other and share their bytes. `place`: the container's, in the table. */
interface Segment {
  readonly place: number;
  readonly first: number;
  readonly entries: Entry[];
}

function writeLog(
  writer: Writer,
  log: readonly DocumentBatch[],
  places: ReadonlyMap<ReplicaId, number>,
  table: ContainerTable,
): void {
  const replicaId = log[0]?.replicaId;
  assert(replicaId !== undefined, 'whoever is in the version has written');
  const segments: Segment[] = [];
  let counter = 0;
  for (const { entries } of log) {
    for (const [at, entry] of entries.entries()) {
      const last = segments[segments.length - 1];
      const place = table.placeOf(entry.container);
      // Across batches only: whoever writes many entries on one value into one batch pays for each, or a reader could not
      // tell them from a bomb.
      if (at === 0 && last?.place === place && isJoined(last.entries[0]) && isJoined(entry))
        last.entries.push(entry);
      else segments.push({ place, first: counter, entries: [entry] });
      counter += entry.counters;
    }
  }
  writer.varUint(log.length);
  for (const { entries } of log) writer.varUint(entries.length);
  writeRuns(
    writer,
    log.map(({ step }) => step),
  );
  writeRuns(
    writer,
    log.map(({ dependencies }) => dependencies.length),
  );
  const dependencies = log.flatMap(batch => batch.dependencies);
  writeRuns(
    writer,
    dependencies.map(id => places.get(id.replicaId) ?? 0),
  );
  for (const id of dependencies) writer.varUint(id.counter);
  writeRuns(
    writer,
    log.flatMap(({ entries }) => entries.map(({ counters }) => counters)),
  );
  writer.varUint(segments.length);
  for (const { place, entries } of segments) writer.varUint(place).varUint(entries.length);
  for (const segment of segments) writer.varBytes(encodeSegment(segment, replicaId));
}

/**
 * Are the entry's operations one list with those of its neighbours on the same value? Only where this very version
 * can cut them again: what a later one adds is written entry by entry, or no older one could keep it.
 */
function isJoined(entry: Entry | undefined): boolean {
  return entry?.type === 'edit' && leafKind(entry.container.kind)?.history !== undefined;
}

function encodeSegment({ first, entries }: Segment, replicaId: ReplicaId): Uint8Array {
  const [entry] = entries as [Entry];
  const history = leafKind(entry.container.kind)?.history;
  if (entry.type === 'unread' || history === undefined) return encodeEntry(entry, replicaId, first);
  const ops = history.join(entries.flatMap(each => (each as EditEntry).ops as readonly LeafOp[]));
  return encodeEntry({ ...entry, ops }, replicaId, first);
}

function readReplicas(reader: Reader): readonly ReplicaId[] {
  const count = reader.varUint(clockEntriesMax);
  if (count * idBytes > reader.left) reader.fail('short');
  const replicas: ReplicaId[] = [];
  for (let i = 0; i < count; i++) {
    const replicaId = readReplicaId(reader);
    if (i > 0 && replicaId <= (replicas[i - 1] as string)) reader.fail('replicas not sorted');
    replicas.push(replicaId);
  }
  return replicas;
}

function readLog(
  reader: Reader,
  replicaId: ReplicaId,
  replicas: readonly ReplicaId[],
  table: ContainerRows,
  rows: { next: number },
  room: { entries: number },
): readonly DocumentBatch[] {
  const count = reader.varUint(reader.left);
  if (count === 0) reader.fail('empty log');
  const sizes: number[] = [];
  let entryCount = 0;
  for (let i = 0; i < count; i++) {
    // A batch has its byte here and a further entry a segment of its own: all logs together have no more than the input has
    // bytes. A bound for each log alone would let a thousand logs make a gigabyte out of forty kilobytes.
    const size = reader.varUint(room.entries);
    if (size === 0) reader.fail('empty batch');
    sizes.push(size);
    entryCount += size;
    room.entries -= size;
  }
  const steps = readRuns(reader, count, timeMax);
  const dependencies = readDependencies(reader, count, replicaId, replicas);
  const counters = readRuns(reader, entryCount, counterMax);
  const entries = readSegments(reader, replicaId, counters, table, rows);
  let at = 0;
  let firstCounter = 0;
  return sizes.map((size, i): DocumentBatch => {
    const own = entries.slice(at, at + size);
    at += size;
    const batch = {
      replicaId,
      firstCounter,
      step: (steps[i] as number) || reader.fail('time stands still'),
      dependencies: dependencies[i] as readonly OpId[],
      entries: own,
    };
    for (const entry of own) firstCounter += entry.counters;
    return batch;
  });
}

function readDependencies(
  reader: Reader,
  count: number,
  author: ReplicaId,
  replicas: readonly ReplicaId[],
): readonly (readonly OpId[])[] {
  const counts = readRuns(reader, count, replicas.length);
  let total = 0;
  for (const each of counts) total += each;
  if (total > reader.left) reader.fail('short');
  const places = readRuns(reader, total, replicas.length - 1);
  let at = 0;
  return counts.map(each =>
    Array.from({ length: each }, (_, i): OpId => {
      const place = places[at++] as number;
      if (i > 0 && place <= (places[at - 2] as number)) reader.fail('dependencies not sorted');
      const replicaId = replicas[place] as ReplicaId;
      if (replicaId === author) reader.fail('depends on itself');
      return { replicaId, counter: reader.varUint(counterMax - 1) };
    }),
  );
}

function readSegments(
  reader: Reader,
  replicaId: ReplicaId,
  counters: readonly number[],
  table: ContainerRows,
  rows: { next: number },
): readonly Entry[] {
  const count = reader.varUint(Math.min(reader.left, counters.length));
  const segments: { container: ContainerId; size: number }[] = [];
  let total = 0;
  for (let i = 0; i < count; i++) {
    const place = reader.varUint(table.length - 1);
    rows.next = nameRow(reader, table, place, rows.next);
    const size = reader.varUint(counters.length - total);
    if (size === 0) reader.fail('empty segment');
    segments.push({ container: table.id(place), size });
    total += size;
  }
  if (total !== counters.length) reader.fail('entries without bytes');
  const entries: Entry[] = [];
  let first = 0;
  for (const { container, size } of segments) {
    const own = counters.slice(entries.length, entries.length + size);
    const sum = own.reduce((all, each) => (each > 0 ? all + each : reader.fail('counter out of range')), 0);
    if (first + sum > counterMax) reader.fail('counter out of range');
    const entry = decodeEntry(container, sum, reader.varBytes(reader.left), replicaId, first);
    if (!entry.ok) reader.fail(entry.reason);
    else if (size === 1) entries.push(entry.value);
    else {
      const history = leafKind(container.kind)?.history;
      if (history === undefined || entry.value.type === 'unread')
        return reader.fail('entries that cannot be told apart');
      const lists = history.split(entry.value.ops as readonly LeafOp[], own);
      if (lists === undefined) return reader.fail('entries that cut an operation');
      for (const [i, ops] of lists.entries())
        entries.push({ type: 'edit', container, counters: own[i] as number, ops });
    }
    first += sum;
  }
  return entries;
}
