/**
 * A batch as bytes; docs/protocols/document.md describes them.
 *
 * Author and first counter come from outside (the log that carries the batch), ids are not written. The containers are
 * named once, in a table in which each hangs on an earlier one, so that a path is not repeated. Each entry carries its
 * counters and its length in bytes: whoever does not know its kind keeps it, and still knows where the next begins.
 */
import { decode, type Decoded, type Reader } from '../../base/codec.ts';
import { assert } from '../../base/assert.ts';
import { fromHex, toHex, utf8 } from '../../base/bytes.ts';
import { idBytes, type ReplicaId } from '../../base/ids.ts';
import { clockEntriesMax, counterMax, mapDepthMax, mapKeyBytesMax } from '../../base/limits.ts';
import type { OpId } from '../context.ts';
import { decodeMapOps, encodeMapOps, kindMax, mapOpsVersion } from '../map/codec.ts';
import type { MapOp } from '../map/messages.ts';
import { ScratchWriter } from '../text/scratch-writer.ts';
import { leafKind, mapCode, type LeafOp } from './kinds.ts';
import type { ContainerId, DocumentBatch, EditEntry, Entry } from './messages.ts';

const documentBatchVersion = 1;
/** The root map is nobody's child, and place 0 of the table without being written. */
export const rootId: ContainerId = { parent: undefined, key: '', kind: mapCode };

export function encodeDocumentBatch(batch: DocumentBatch): Uint8Array<ArrayBuffer> {
  return encodedBatch(batch).slice();
}

/** The same, but not to be changed: for whoever copies it anyway. */
export function encodedBatch(batch: DocumentBatch): Uint8Array<ArrayBuffer> {
  const known = encoded.get(batch);
  if (known !== undefined) return known;
  const bytes = encode(batch);
  encoded.set(batch, bytes);
  return bytes;
}

/** A batch made here is encoded for the history and at once again for whoever sends it. */
const encoded = new WeakMap<DocumentBatch, Uint8Array<ArrayBuffer>>();

function encode(batch: DocumentBatch): Uint8Array<ArrayBuffer> {
  const { replicaId, dependencies, entries } = batch;
  const table = new ContainerTable();
  for (const entry of entries) table.add(entry.container);
  // The values' own codecs use a scratch writer each; what they return is a copy.
  let counter = batch.firstCounter;
  const bodies = entries.map(entry => {
    const body = encodeEntry(entry, replicaId, counter);
    counter += entry.counters;
    return body;
  });
  const writer = scratch.begin().byte(documentBatchVersion).varUint(dependencies.length);
  for (const id of dependencies) writer.bytes(fromHex(id.replicaId)).varUint(id.counter);
  writer.varUint(batch.step);
  table.write(writer);
  for (const [at, { container, counters }] of entries.entries()) {
    const body = bodies[at] as Uint8Array;
    writer.varUint(table.placeOf(container)).varUint(counters).varUint(body.length).bytes(body);
  }
  return writer.finish();
}
const scratch = new ScratchWriter();

/** Whatever the bytes are: a batch of `replicaId` from `firstCounter` on, or the reason why not. */
export function decodeDocumentBatch(
  bytes: Uint8Array,
  replicaId: ReplicaId,
  firstCounter: number,
): Decoded<DocumentBatch> {
  return decode(bytes, reader => {
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
    const replicaId = toHex(reader.bytes(idBytes)) as ReplicaId;
    if (replicaId <= last || replicaId === author) reader.fail('dependencies not sorted');
    last = replicaId;
    dependencies.push({ replicaId, counter: reader.varUint(counterMax - 1) });
  }
  return dependencies;
}

/** The containers some entries name, each after the one around it, in the order of their first use. */
export class ContainerTable {
  readonly #places = new Map<string, number>([['', 0]]);
  readonly #rows: { readonly parent: number; readonly id: ContainerId }[] = [];
  /** By object first: the ids of one document are mostly the very same objects. */
  readonly #known = new Map<ContainerId, number>();

  add(id: ContainerId): number {
    const known = this.#known.get(id);
    if (known !== undefined) return known;
    let place = 0;
    if (id.parent !== undefined) {
      const parent = this.add(id.parent);
      const name = `${String(parent)} ${String(id.kind)} ${id.key}`;
      place = this.#places.get(name) ?? this.#rows.push({ parent, id });
      this.#places.set(name, place);
    }
    this.#known.set(id, place);
    return place;
  }

  placeOf(id: ContainerId): number {
    return this.add(id);
  }

  write(writer: ScratchWriter): void {
    writer.varUint(this.#rows.length);
    for (const { parent, id } of this.#rows) {
      const key = utf8(id.key);
      writer.varUint(parent).varUint(id.kind).varUint(key.length).bytes(key);
    }
  }
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
  const names = new Set<string>();
  for (let i = 0; i < count; i++) {
    const place = reader.varUint(i);
    const parent = ids[place] as ContainerId;
    if (leafKind(parent.kind) !== undefined) reader.fail('not a map');
    const depth = (depths[place] as number) + 1;
    if (depth > mapDepthMax) reader.fail('nested too deeply');
    const kind = reader.varUint(kindMax);
    if (kind === 0) reader.fail('no kind');
    const key = reader.varString(mapKeyBytesMax);
    const name = `${String(place)} ${String(kind)} ${key}`;
    if (names.has(name)) reader.fail('container named twice');
    names.add(name);
    ids.push({ parent, key, kind });
    parents.push(place);
    depths.push(depth);
  }
  return { ids, parents };
}

/** Rows are named in their order, each map before what is in it: one batch has one encoding. Returns the next row to be named. */
export function nameRow(reader: Reader, parents: readonly number[], place: number, next: number): number {
  let row = place;
  let at = place;
  for (; at >= next; at = parents[at] as number) if (at !== row--) reader.fail('containers out of order');
  if (place >= next && row !== next - 1) reader.fail('containers out of order');
  return Math.max(next, place + 1);
}
