/**
 * A document as bytes with its full history: every batch, by author, column by column; docs/protocols/document.md
 * describes them. No state is saved beside it: loading replays the batches, and so checks them all again, once the bytes were looked
 * at (`history-look.ts`).
 *
 * Canonical too: authors and batches have one order, and what a batch was made of when it arrived does not show.
 */
import { assert } from '../../base/assert.ts';
import { fromHex } from '../../base/bytes.ts';
import { decodeLooked, Writer, type Decoded, type Reader } from '../../base/codec.ts';
import type { ReplicaId } from '../../base/ids.ts';
import { counterMax } from '../../base/limits.ts';
import type { Context, OpId } from '../context.ts';
import { decodeEntry, encodeEntry } from './batch-codec.ts';
import { ContainerTable, readContainerTable, type ContainerRows } from './container-table.ts';
import { readRuns, writeRuns } from './columns.ts';
import { Document, timeMax, type DocumentOptions } from './document.ts';
import { inCausalOrder, type Dated } from './causal-order.ts';
import { leavingCounter } from './decode-for.ts';
import { historyVersion, lookAtHistory } from './history-look.ts';
import { leafKind, type LeafOp } from './kinds.ts';
import type { DocumentBatch, EditEntry, Entry } from './messages.ts';
import { readReplicaId } from '../state-codec.ts';

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
  return leavingCounter(context, () =>
    decodeLooked(bytes, lookAtHistory, reader => {
      reader.byte();
      const replicas = readReplicas(reader);
      const table = readContainerTable(reader);
      const all: Dated[] = [];
      for (const replicaId of replicas) {
        let time = 0;
        for (const batch of readLog(reader, replicaId, replicas, table)) {
          time = Math.min(timeMax, time + batch.step);
          all.push({ batch, time });
        }
      }
      const document = new Document(context, options);
      for (const batch of inCausalOrder(all)) {
        const applied = document.apply(batch);
        if (!applied.ok) reader.fail(applied.reason);
      }
      return document;
    }),
  );
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

/** What was looked at is believed. */
function readReplicas(reader: Reader): readonly ReplicaId[] {
  return Array.from({ length: reader.varUint() }, () => readReplicaId(reader));
}

function readLog(
  reader: Reader,
  replicaId: ReplicaId,
  replicas: readonly ReplicaId[],
  table: ContainerRows,
): readonly DocumentBatch[] {
  const sizes = Array.from({ length: reader.varUint() }, () => reader.varUint());
  let entryCount = 0;
  for (const size of sizes) entryCount += size;
  const steps = readRuns(reader, sizes.length, timeMax);
  const dependencies = readDependencies(reader, sizes.length, replicas);
  const counters = readRuns(reader, entryCount, counterMax);
  const entries = readSegments(reader, replicaId, counters, table);
  let at = 0;
  let firstCounter = 0;
  return sizes.map((size, i): DocumentBatch => {
    const own = entries.slice(at, at + size);
    at += size;
    const batch = {
      replicaId,
      firstCounter,
      step: steps[i] as number,
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
  replicas: readonly ReplicaId[],
): readonly (readonly OpId[])[] {
  const counts = readRuns(reader, count, replicas.length);
  let total = 0;
  for (const each of counts) total += each;
  const places = readRuns(reader, total, replicas.length - 1);
  let at = 0;
  return counts.map(each =>
    Array.from({ length: each }, (): OpId => {
      const replicaId = replicas[places[at++] as number] as ReplicaId;
      return { replicaId, counter: reader.varUint() };
    }),
  );
}

function readSegments(
  reader: Reader,
  replicaId: ReplicaId,
  counters: readonly number[],
  table: ContainerRows,
): readonly Entry[] {
  const segments = Array.from({ length: reader.varUint() }, () => ({
    container: table.id(reader.varUint()),
    size: reader.varUint(),
  }));
  const entries: Entry[] = [];
  let first = 0;
  for (const { container, size } of segments) {
    const own = counters.slice(entries.length, entries.length + size);
    const sum = own.reduce((all, each) => all + each, 0);
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
