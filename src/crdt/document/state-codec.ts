/**
 * A document as bytes without its history; docs/protocols/document.md describes them.
 *
 * Canonical: replicas, keys and kinds are sorted, and what was only looked at is left out, so documents that applied the
 * same batches have the same bytes, whatever came when. What belongs together stands together, column by column, so
 * that repetition is short and a compressor finds the rest.
 */
import { Writer, type Decoded, type Reader } from '../../base/codec.ts';
import { fromHex, utf8 } from '../../base/bytes.ts';
import { idBytes, type ReplicaId } from '../../base/ids.ts';
import { clockEntriesMax, counterMax, mapDepthMax, mapKeyBytesMax } from '../../base/limits.ts';
import type { Context } from '../context.ts';
import { kindMax } from '../map/codec.ts';
import { readRuns, writeRuns } from './columns.ts';
import { compareKept, type Container, type Kept } from './container.ts';
import { decodeFor } from './decode-for.ts';
import { Document, timeMax, type DocumentOptions } from './document.ts';
import { reread } from './reread.ts';
import { readReplicaId } from '../state-codec.ts';

const documentVersion = 1;

export function encodeDocument(document: Document): Uint8Array<ArrayBuffer> {
  const writer = new Writer().byte(documentVersion);
  const replicas = [...document.version.keys()].sort();
  const places = new Map(replicas.map((replicaId, place) => [replicaId, place]));
  writer.varUint(replicas.length);
  for (const replicaId of replicas) {
    writer.bytes(fromHex(replicaId));
    writer.varUint(document.version.get(replicaId) ?? 0).varUint(document.times.get(replicaId) ?? 0);
  }
  const rows = rowsOf(document.containers);
  writer.varUint(rows.length);
  for (const { container, parent, key } of rows)
    writer.varUint(parent).varUint(container.id.kind).varBytes(key);
  writeLive(writer, rows, places);
  writeUnread(writer, rows, places);
  for (const { container } of rows)
    if (container.kind !== undefined)
      writer.varBytes(container.kind.encode(container.leaf(document.context)));
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
  return decodeFor(context, bytes, reader => {
    if (reader.byte() !== documentVersion) reader.fail('unknown version');
    const document = new Document(context, options);
    const replicas = readReplicas(reader, document);
    const rows = readRows(reader, document);
    readLive(reader, rows, replicas, document);
    readUnread(reader, rows, replicas, document);
    for (const container of rows) readLeaf(reader, container, document);
    for (const container of rows) if (container.unread.length > 0) reread(container, context);
    return document;
  });
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

function writeLive(writer: Writer, rows: readonly Row[], places: ReadonlyMap<ReplicaId, number>): void {
  const lives = rows.map(({ container }) =>
    [...container.live]
      .map(([replicaId, counter]) => ({ place: places.get(replicaId) ?? 0, counter }))
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

function writeUnread(writer: Writer, rows: readonly Row[], places: ReadonlyMap<ReplicaId, number>): void {
  writeRuns(
    writer,
    rows.map(({ container }) => container.unread.length),
  );
  for (const { container } of rows) {
    for (const { id, time, entry } of container.unread) {
      writer.varUint(places.get(id.replicaId) ?? 0).varUint(id.counter);
      writer.varUint(time).varUint(entry.counters).varBytes(entry.bytes);
    }
  }
}

function readReplicas(reader: Reader, document: Document): readonly ReplicaId[] {
  const count = reader.varUint(clockEntriesMax);
  if (count * idBytes > reader.left) reader.fail('short');
  const version = new Map<ReplicaId, number>();
  const times = new Map<ReplicaId, number>();
  let last = '';
  for (let i = 0; i < count; i++) {
    const replicaId = readReplicaId(reader);
    if (replicaId <= last) reader.fail('replicas not sorted');
    last = replicaId;
    const end = reader.varUint(counterMax);
    const time = reader.varUint(timeMax);
    if (end === 0 || time === 0) reader.fail('empty clock entry');
    version.set(replicaId, end);
    times.set(replicaId, time);
  }
  document.restore(version, times);
  return [...version.keys()];
}

function readRows(reader: Reader, document: Document): readonly Container[] {
  const count = reader.varUint(reader.left);
  const containers = [document.containers];
  const depths = [0];
  // The maps around the row before, the innermost last: a row hangs on one of them or on that row.
  const open = [0];
  for (let place = 1; place <= count; place++) {
    const parentPlace = reader.varUint(place - 1);
    while (open.length > 1 && open[open.length - 1] !== parentPlace) open.pop();
    if (open[open.length - 1] !== parentPlace) reader.fail('containers out of order');
    const parent = containers[parentPlace] as Container;
    const kind = reader.varUint(kindMax);
    const key = reader.varString(mapKeyBytesMax);
    if (parent.kind !== undefined) reader.fail('not a map');
    if (kind === 0) reader.fail('no kind');
    const before = containers[place - 1] as Container;
    if (!isAfter(before, parent, key, kind)) reader.fail('containers out of order');
    const depth = (depths[parentPlace] as number) + 1;
    if (depth > mapDepthMax) reader.fail('nested too deeply');
    const container = parent.ensureChild(key, kind);
    container.edited = true;
    containers.push(container);
    depths.push(depth);
    open.push(place);
  }
  document.containers.edited = count > 0;
  return containers.slice(1);
}

/** Does `(key, kind)` in `parent` come after the sibling that the row before is or stands in? */
function isAfter(before: Container, parent: Container, key: string, kind: number): boolean {
  let sibling: Container | undefined = before;
  while (sibling !== undefined && sibling.parent !== parent) sibling = sibling.parent;
  if (sibling === undefined) return true;
  return sibling.id.key === key ? sibling.id.kind < kind : sibling.id.key < key;
}

function readLive(
  reader: Reader,
  rows: readonly Container[],
  replicas: readonly ReplicaId[],
  document: Document,
): void {
  const counts = readRuns(reader, rows.length, replicas.length);
  let total = 0;
  for (const count of counts) total += count;
  if (total > reader.left) reader.fail('short');
  const places = readRuns(reader, total, replicas.length - 1);
  let at = 0;
  for (const [row, container] of rows.entries()) {
    let last = -1;
    for (let i = 0; i < (counts[row] as number); i++) {
      const place = places[at++] as number;
      if (place <= last) reader.fail('replicas not sorted');
      last = place;
      const replicaId = replicas[place] as ReplicaId;
      const counter = reader.varUint((document.version.get(replicaId) as number) - 1);
      container.live.set(replicaId, counter);
      // Whatever is present inside a map makes the map present.
      const { parent } = container;
      if (parent !== document.containers && counter > (parent?.live.get(replicaId) ?? -1))
        reader.fail('present in what is not');
    }
  }
  for (const [replicaId, end] of document.version) document.containers.live.set(replicaId, end - 1);
}

function readUnread(
  reader: Reader,
  rows: readonly Container[],
  replicas: readonly ReplicaId[],
  document: Document,
): void {
  const counts = readRuns(reader, rows.length, reader.left);
  for (const [row, container] of rows.entries()) {
    let last: Kept | undefined;
    for (let i = 0; i < (counts[row] as number); i++) {
      const replicaId = replicas[reader.varUint(replicas.length - 1)] as ReplicaId;
      const counter = reader.varUint((document.version.get(replicaId) as number) - 1);
      const time = reader.varUint(timeMax);
      const counters = reader.varUint((document.version.get(replicaId) as number) - counter);
      if (counters === 0) reader.fail('counter out of range');
      const bytes = reader.varBytes(reader.left).slice();
      const entry = { type: 'unread' as const, container: container.id, counters, bytes };
      const kept: Kept = { id: { replicaId, counter }, time, entry };
      if (last !== undefined && compareKept(last, kept) >= 0) reader.fail('entries out of order');
      container.unread.push((last = kept));
    }
  }
}

function readLeaf(reader: Reader, container: Container, document: Document): void {
  const { kind } = container;
  if (kind === undefined) return;
  const value = kind.decode(reader.varBytes(reader.left), document.context);
  if (!value.ok) return reader.fail(value.reason);
  // Ids that nobody gave out yet would be given out again.
  for (const [replicaId, end] of kind.ends(value.value))
    if (end > (document.version.get(replicaId) ?? 0)) reader.fail('counter out of range');
  container.setLeaf(value.value);
}
