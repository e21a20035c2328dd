/**
 * What a text has beside its characters, as the last part of its state: restored text, marks, operations of newer
 * versions. docs/protocols/text-state.md describes the bytes. They are canonical: sorted by ids, a replica is named
 * exactly if it is referred to, and whatever would be written otherwise is refused when read.
 */
import { decode, Writer } from '../../base/codec.ts';
import type { Decoded, Reader } from '../../base/codec.ts';
import { fromHex, toHex } from '../../base/bytes.ts';
import { idBytes } from '../../base/ids.ts';
import type { ReplicaId } from '../../base/ids.ts';
import { clockEntriesMax, counterMax, markNameBytesMax } from '../../base/limits.ts';
import { isLastHybridTime, readHybridTime, writeHybridTime } from '../../clocks/hybrid-logical-clock.ts';
import { compareOpIds } from '../context.ts';
import type { OpId } from '../context.ts';
import { readValue, writeValue } from '../value.ts';
import { decodeExtension, readFollows } from './extension-codec.ts';
import { Extras } from './extras.ts';
import { idAt } from './id-range.ts';
import type { MarkOp, RelativePosition, RestoreOp, UnknownOp } from './messages.ts';
import { MarkOrder } from './mark-order.ts';
import type { RunTree } from './run-tree.ts';
import { Validator } from './validate.ts';

interface Parts {
  /** One a piece, of the replica that restored it; its id is the counter after its new characters. */
  readonly restored: readonly RestoreOp[];
  readonly marks: readonly MarkOp[];
  readonly unknown: readonly UnknownOp[];
}

/** No bytes when there is nothing. */
export function encodeExtras(extras: Extras | undefined): Uint8Array {
  if (extras === undefined) return new Uint8Array();
  const restored: RestoreOp[] = [];
  for (const { replicaId, restored: pieces } of extras.restores.all())
    for (const { start, end, to } of pieces) {
      const target = { replicaId, counter: start };
      restored.push(restoreOf(target, end - start, to));
    }
  return encodeParts({ restored, marks: extras.marks.ops(), unknown: extras.unknown() });
}

/** `tree` has the characters that the bytes speak of. */
export function decodeExtras(bytes: Uint8Array, tree: RunTree): Decoded<Extras> {
  const parts = decode(bytes, readParts);
  if (!parts.ok) return parts;
  const canonical = encodeParts(parts.value);
  if (canonical.length !== bytes.length || canonical.some((byte, at) => byte !== bytes[at]))
    return { ok: false, reason: 'not in canonical form' };
  const { restored, marks, unknown } = parts.value;
  // Marks stand by id, and may follow one that comes later.
  const order = new MarkOrder();
  for (const op of marks) if (isLastHybridTime(op.stamp)) order.add(op);
  const hasLastMark = (id: OpId) => order.has(id);
  const reason = new Validator(tree.agents, hasLastMark).refuse([...restored, ...marks, ...unknown]);
  if (reason !== undefined) return { ok: false, reason };
  if (marks.some(op => isLastHybridTime(op.stamp) && Number.isNaN(order.rankOf(op))))
    return { ok: false, reason: 'marks that follow each other' };
  const extras = new Extras(tree);
  for (const op of [...restored, ...marks]) extras.apply(op);
  if (extras.restores.size !== restored.length || extras.marks.size !== marks.length)
    return { ok: false, reason: 'not in canonical form' };
  for (const op of unknown) {
    // What was unknown to who wrote this may be known here.
    const known = decodeExtension(op.id, op);
    if (!known.ok) return known;
    const refused = new Validator(tree.agents, hasLastMark).refuse([known.value]);
    if (refused !== undefined) return { ok: false, reason: refused };
    extras.apply(known.value);
  }
  return { ok: true, value: extras };
}

function restoreOf(target: OpId, length: number, to: OpId): RestoreOp {
  return { type: 'restore', id: idAt(to, length), ranges: [{ target, length }] };
}

function encodeParts({ restored, marks, unknown }: Parts): Uint8Array {
  if (restored.length + marks.length + unknown.length === 0) return new Uint8Array();
  const writer = new Writer();
  const named = new Set<ReplicaId>();
  for (const { id, ranges } of restored) {
    named.add(id.replicaId);
    for (const { target } of ranges) named.add(target.replicaId);
  }
  for (const { id, start, end, follows = null } of marks)
    for (const each of [id, start.id, end.id, follows]) if (each !== null) named.add(each.replicaId);
  for (const { id } of unknown) named.add(id.replicaId);
  const table = new Map([...named].sort().map((replicaId, place) => [replicaId, place]));
  writer.varUint(table.size);
  for (const replicaId of table.keys()) writer.bytes(fromHex(replicaId));
  const writeId = ({ replicaId, counter }: OpId): void => {
    writer.varUint(table.get(replicaId) as number).varUint(counter);
  };
  const writePlace = ({ id, assoc }: RelativePosition): void => {
    writer.byte(id === null ? 0 : assoc === 1 ? 1 : 2);
    if (id !== null) writeId(id);
  };
  writer.varUint(restored.length);
  for (const { id, ranges } of restored)
    for (const { target, length } of ranges) {
      writeId(target);
      writer.varUint(length);
      writeId(idAt(id, -length));
    }
  writer.varUint(marks.length);
  for (const { id, start, end, name, stamp, value, follows } of marks) {
    writeId(id);
    writePlace(start);
    writePlace(end);
    writer.varString(name);
    writeHybridTime(writer, stamp);
    if (isLastHybridTime(stamp)) {
      writer.byte(follows === undefined ? 0 : 1);
      if (follows !== undefined) writeId(follows);
    }
    writeValue(writer, value);
  }
  writer.varUint(unknown.length);
  for (const { id, kind, counters, bytes } of unknown) {
    writeId(id);
    writer.varUint(kind).varUint(counters).varBytes(bytes);
  }
  return writer.finish();
}

function readParts(reader: Reader): Parts {
  if (reader.left === 0) return { restored: [], marks: [], unknown: [] };
  const size = reader.varUint(clockEntriesMax);
  if (size * idBytes > reader.left) reader.fail('short');
  const table: ReplicaId[] = [];
  for (let i = 0; i < size; i++) table.push(toHex(reader.bytes(idBytes)) as ReplicaId);
  const readId = (): OpId => {
    const replicaId = table[reader.varUint()];
    if (replicaId === undefined) return reader.fail('unknown replica');
    return { replicaId, counter: reader.varUint(counterMax) };
  };
  const readPlace = (limit: -1 | 1): RelativePosition => {
    const side = reader.byte();
    if (side > 2) reader.fail('malformed place');
    return side === 0 ? { id: null, assoc: limit } : { id: readId(), assoc: side === 1 ? 1 : -1 };
  };
  const list = <T>(read: () => T): T[] => {
    const items: T[] = [];
    for (let left = reader.varUint(reader.left); left > 0; left--) items.push(read());
    return items;
  };
  const restored = list(() => restoreOf(readId(), reader.varUint(counterMax), readId()));
  const marks = list((): MarkOp => {
    const ends = { id: readId(), start: readPlace(-1), end: readPlace(1) };
    const name = reader.varString(markNameBytesMax);
    const stamp = readHybridTime(reader);
    const follows = readFollows(reader, stamp, readId);
    return { type: 'mark', ...ends, name, stamp, value: readValue(reader), ...follows };
  });
  const unknown = list((): UnknownOp => {
    const head = { id: readId(), kind: reader.varUint(), counters: reader.varUint(counterMax) };
    return { type: 'unknown', ...head, bytes: reader.varBytes(reader.left).slice() };
  });
  const firsts = restored.map(({ ranges }) => (ranges[0] as RestoreOp['ranges'][0]).target);
  if (!rises(firsts) || !rises(marks.map(op => op.id)) || !rises(unknown.map(op => op.id)))
    reader.fail('not sorted');
  return { restored, marks, unknown };
}

function rises(ids: readonly OpId[]): boolean {
  return ids.every((id, at) => at === 0 || compareOpIds(ids[at - 1] as OpId, id) < 0);
}
