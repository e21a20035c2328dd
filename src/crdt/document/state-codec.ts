/**
 * A document as bytes without its history; docs/protocols/document.md describes them.
 *
 * Canonical: replicas, keys and kinds are sorted, and what was only looked at is left out, so documents that applied the
 * same batches have the same bytes, whatever came when. What belongs together stands together, column by column, so
 * that repetition is short and a compressor finds the rest. All of it is looked at (`state-look.ts`) before it is read.
 */
import { decodeLooked, Writer, type Decoded, type Reader } from '../../base/codec.ts';
import { fromHex, utf8 } from '../../base/bytes.ts';
import type { ReplicaId } from '../../base/ids.ts';
import { mapKeyBytesMax } from '../../base/limits.ts';
import type { Context } from '../context.ts';
import { Replicas } from '../replicas.ts';
import { readRuns, writeRuns } from './columns.ts';
import type { Container } from './container.ts';
import { leavingCounter } from './decode-for.ts';
import { Document, type DocumentOptions } from './document.ts';
import { reread } from './reread.ts';
import { documentVersion, lookAtDocument, readReplicas } from './state-look.ts';

export function encodeDocument(document: Document): Uint8Array<ArrayBuffer> {
  const writer = new Writer().byte(documentVersion);
  const replicas = new Replicas(document.version);
  writer.varUint(replicas.ids.length);
  for (const [place, replicaId] of replicas.ids.entries()) {
    writer.bytes(fromHex(replicaId));
    writer.varUint(replicas.ends[place] as number).varUint(document.times.get(replicaId) ?? 0);
  }
  const rows = rowsOf(document.containers);
  writer.varUint(rows.length);
  for (const { container, parent, key } of rows)
    writer.varUint(parent).varUint(container.id.kind).varBytes(key);
  writeLive(writer, rows, replicas);
  writeUnread(writer, rows, replicas);
  for (const { container } of rows)
    if (container.kind !== undefined)
      writer.varBytes(container.kind.encode(container.leaf(document.context), replicas));
  return writer.finish();
}

/**
 * Whatever the bytes are: the document, to be edited as `context.replicaId`, or the reason why not. What another version
 * could not read and this one can is read now.
 */
export function decodeDocument(
  bytes: Uint8Array,
  context: Context,
  options: DocumentOptions = {},
): Decoded<Document> {
  return leavingCounter(context, () =>
    decodeLooked(
      bytes,
      reader => {
        lookAtDocument(reader, context);
      },
      reader => readDocument(reader, context, options),
    ),
  );
}

/** What was looked at is believed. */
function readDocument(reader: Reader, context: Context, options: DocumentOptions): Document {
  reader.byte();
  const document = new Document(context, options);
  const times = new Map<ReplicaId, number>();
  const replicas = readReplicas(reader, (replicaId, time) => times.set(replicaId, time));
  document.restore(
    new Map(replicas.ids.map((replicaId, place) => [replicaId, replicas.ends[place] as number])),
    times,
  );
  const rows = readRows(reader, document);
  readLive(reader, rows, replicas, document);
  readUnread(reader, rows, replicas);
  for (const container of rows) {
    if (container.kind === undefined) continue;
    const value = container.kind.decode(reader.varBytes(reader.left), context, replicas);
    if (!value.ok) return reader.fail(value.reason);
    container.setLeaf(value.value);
  }
  for (const container of rows) if (container.unread.length > 0) reread(container, context);
  return document;
}

interface Row {
  readonly container: Container;
  /** Place of the map around it: 0 is the root, 1 the first row. */
  readonly parent: number;
  readonly key: Uint8Array;
}

/** Everything that was ever edited, the outer before the inner, by key and kind. */
function rowsOf(root: Container): readonly Row[] {
  const rows: Row[] = [];
  const visit = (map: Container, place: number): void => {
    for (const container of map.sortedChildren())
      if (container.edited)
        visit(container, rows.push({ container, parent: place, key: utf8(container.id.key) }));
  };
  visit(root, 0);
  return rows;
}

function writeLive(writer: Writer, rows: readonly Row[], replicas: Replicas): void {
  const lives = rows.map(({ container }) =>
    [...container.live]
      .map(([replicaId, counter]) => ({ place: replicas.placeOf(replicaId), counter }))
      .sort((a, b) => a.place - b.place),
  );
  writeRuns(
    writer,
    lives.map(live => live.length),
  );
  const all = lives.flat();
  writeRuns(
    writer,
    all.map(({ place }) => place),
  );
  for (const { counter } of all) writer.varUint(counter);
}

function writeUnread(writer: Writer, rows: readonly Row[], replicas: Replicas): void {
  writeRuns(
    writer,
    rows.map(({ container }) => container.unread.length),
  );
  for (const { container } of rows) {
    for (const { id, time, entry } of container.unread) {
      writer.varUint(replicas.placeOf(id.replicaId)).varUint(id.counter);
      writer.varUint(time).varUint(entry.counters).varBytes(entry.bytes);
    }
  }
}

function readRows(reader: Reader, document: Document): readonly Container[] {
  const count = reader.varUint();
  const containers = [document.containers];
  for (let i = 0; i < count; i++) {
    const parent = containers[reader.varUint()] as Container;
    const kind = reader.varUint();
    const container = parent.ensureChild(reader.varString(mapKeyBytesMax), kind);
    container.edited = true;
    containers.push(container);
  }
  document.containers.edited = count > 0;
  return containers.slice(1);
}

function readLive(reader: Reader, rows: readonly Container[], { ids }: Replicas, document: Document): void {
  const counts = readRuns(reader, rows.length, ids.length);
  let total = 0;
  for (const count of counts) total += count;
  const places = readRuns(reader, total, ids.length - 1);
  let at = 0;
  for (const [row, container] of rows.entries())
    for (let left = counts[row] as number; left > 0; left--)
      container.live.set(ids[places[at++] as number] as ReplicaId, reader.varUint());
  for (const [replicaId, end] of document.version) document.containers.live.set(replicaId, end - 1);
}

function readUnread(reader: Reader, rows: readonly Container[], { ids }: Replicas): void {
  const counts = readRuns(reader, rows.length, reader.left);
  for (const [row, container] of rows.entries())
    for (let left = counts[row] as number; left > 0; left--) {
      const id = { replicaId: ids[reader.varUint()] as ReplicaId, counter: reader.varUint() };
      const time = reader.varUint();
      const counters = reader.varUint();
      const bytes = reader.varBytes(reader.left).slice();
      container.unread.push({
        id,
        time,
        entry: { type: 'unread', container: container.id, counters, bytes },
      });
    }
}
