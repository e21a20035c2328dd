/**
 * A batch as bytes; docs/protocols/document.md describes them.
 *
 * Author and first counter come from outside (the log that carries the batch), ids are not written. The containers are
 * named once, in a table in which each hangs on an earlier one, so that a path is not repeated. Each entry carries its
 * counters and its length in bytes: whoever does not know its kind keeps it, and still knows where the next begins.
 */
import { decode, Writer, type Decoded, type Reader } from '../../base/codec.ts';
import { assert } from '../../base/assert.ts';
import { fromHex } from '../../base/bytes.ts';
import { idBytes, type ReplicaId } from '../../base/ids.ts';
import { clockEntriesMax, counterMax, mapDepthMax, mapKeyBytesMax } from '../../base/limits.ts';
import type { OpId } from '../context.ts';
import { decodeMapOps, encodeMapOps, kindMax, mapOpsVersion } from '../map/codec.ts';
import type { MapOp } from '../map/messages.ts';
import { leafKind, mapCode, type LeafOp } from './kinds.ts';
import type { ContainerId, DocumentBatch, EditEntry, Entry } from './messages.ts';
import { readReplicaId } from '../state-codec.ts';

const documentBatchVersion = 1;
/** The root map is nobody's child, and place 0 of the table without being written. */
export const rootId: ContainerId = { parent: undefined, key: '', kind: mapCode };

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
  const decoded = decode(bytes, (reader): DocumentBatch => {
    if (reader.byte() !== documentBatchVersion) reader.fail('unknown version');
    const dependencies = readDependencies(reader, replicaId);
    const step = reader.varUint();
    if (step === 0) reader.fail('time stands still');
    const table = readContainerTable(reader);
    let named = 1;
    const entries: Entry[] = [];
    let counter = firstCounter;
    while (reader.left > 0) {
      const place = reader.varUint(table.ids.length - 1);
      named = nameRow(reader, table.parents, place, named);
      const counters = reader.varUint(counterMax);
      if (counters === 0 || counter + counters > counterMax) reader.fail('counter out of range');
      const body = reader.varBytes(reader.left);
      const entry = decodeEntry(table.ids[place] as ContainerId, counters, body, replicaId, counter);
      entries.push(entry.ok ? entry.value : reader.fail(entry.reason));
      counter += counters;
    }
    if (entries.length === 0) reader.fail('empty batch');
    if (named !== table.ids.length) reader.fail('container named in vain');
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
  const ops = isMap ? decodeMapOps(bytes, replicaId, counter) : kind?.decodeOps(bytes, replicaId, counter);
  if (ops?.ok !== true) return { ok: false, reason: ops?.reason ?? 'unknown kind' };
  let taken = 0;
  for (const op of ops.value) taken += isMap ? 1 : (kind?.countersOf(op as LeafOp) ?? 0);
  if (taken !== counters) return { ok: false, reason: 'counters do not add up' };
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
    dependencies.push({ replicaId, counter: reader.varUint(counterMax - 1) });
  }
  return dependencies;
}

/** Rows up to here are looked for one by one: a batch names two or three, for which making tables costs more. */
const fewRows = 8;

/** The containers some entries name, each after the one around it, in the order of their first use. */
export class ContainerTable {
  readonly #rows: { readonly parent: number; readonly id: ContainerId }[] = [];
  /** Beyond `fewRows`: by object, since the ids of one document are mostly the very same objects, and by name. */
  #known: Map<ContainerId, number> | undefined = undefined;
  #places: Map<string, number> | undefined = undefined;

  add(id: ContainerId): number {
    if (id.parent === undefined) return 0;
    const known = this.#find(id);
    if (known > 0) return known;
    const parent = this.add(id.parent);
    const place = this.#named(parent, id);
    this.#known?.set(id, place);
    return place;
  }

  placeOf(id: ContainerId): number {
    return this.add(id);
  }

  write(writer: Writer): void {
    writer.varUint(this.#rows.length);
    for (const { parent, id } of this.#rows) writer.varUint(parent).varUint(id.kind).varString(id.key);
  }

  /** Place of the very object `id`, or 0. */
  #find(id: ContainerId): number {
    if (this.#known !== undefined) return this.#known.get(id) ?? 0;
    const rows = this.#rows;
    for (let at = 0; at < rows.length; at++) if (rows[at]?.id === id) return at + 1;
    return 0;
  }

  #named(parent: number, id: ContainerId): number {
    const rows = this.#rows;
    if (this.#places === undefined) {
      for (let at = 0; at < rows.length; at++) {
        const row = rows[at] as (typeof rows)[number];
        if (row.parent === parent && row.id.kind === id.kind && row.id.key === id.key) return at + 1;
      }
      rows.push({ parent, id });
      if (rows.length > fewRows) {
        this.#known = new Map(rows.map((row, at) => [row.id, at + 1]));
        this.#places = new Map(rows.map((row, at) => [nameOf(row.parent, row.id), at + 1]));
      }
      return rows.length;
    }
    const name = nameOf(parent, id);
    const place = this.#places.get(name) ?? rows.push({ parent, id });
    this.#places.set(name, place);
    return place;
  }
}

function nameOf(parent: number, { key, kind }: ContainerId): string {
  return `${String(parent)} ${String(kind)} ${key}`;
}

/** Both lists begin with the root. */
export function readContainerTable(reader: Reader): {
  readonly ids: readonly ContainerId[];
  /** Place of the map around each. */
  readonly parents: readonly number[];
} {
  const count = reader.varUint(reader.left);
  const ids: ContainerId[] = [rootId];
  const parents = [0];
  const depths = [0];
  const names = count > fewRows ? new Set<string>() : undefined;
  for (let i = 0; i < count; i++) {
    const place = reader.varUint(i);
    const parent = ids[place] as ContainerId;
    if (leafKind(parent.kind) !== undefined) reader.fail('not a map');
    const depth = (depths[place] as number) + 1;
    if (depth > mapDepthMax) reader.fail('nested too deeply');
    const kind = reader.varUint(kindMax);
    if (kind === 0) reader.fail('no kind');
    const id = { parent, key: reader.varString(mapKeyBytesMax), kind };
    const twice = names?.has(nameOf(place, id)) ?? ids.some(other => sameContainer(other, id));
    if (twice) reader.fail('container named twice');
    names?.add(nameOf(place, id));
    ids.push(id);
    parents.push(place);
    depths.push(depth);
  }
  return { ids, parents };
}

/** Are they the same in one table, where a map has one object? */
function sameContainer(a: ContainerId, b: ContainerId): boolean {
  return a.parent === b.parent && a.kind === b.kind && a.key === b.key;
}

/** Rows are named in their order, each map before what is in it: one batch has one encoding. Returns the next row to be named. */
export function nameRow(reader: Reader, parents: readonly number[], place: number, next: number): number {
  let row = place;
  let at = place;
  for (; at >= next; at = parents[at] as number) if (at !== row--) reader.fail('containers out of order');
  if (place >= next && row !== next - 1) reader.fail('containers out of order');
  return Math.max(next, place + 1);
}
