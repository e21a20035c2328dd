/**
 * Operations that are neither insert nor delete, as bytes: a number for the type, how many counters they take, and
 * a payload that stands on its own. It has its own table of replicas and not the section's, so that a replica too
 * old to read it can carry it into another section unharmed. docs/protocols/text-operations.md describes them.
 */
import { decode, Writer } from '../../base/codec.ts';
import type { Decoded, Reader } from '../../base/codec.ts';
import { assertNever } from '../../base/assert.ts';
import type { ReplicaId } from '../../base/ids.ts';
import { counterMax, markNameBytesMax } from '../../base/limits.ts';
import {
  isLastHybridTime,
  readHybridTime,
  writeHybridTime,
  type HybridTime,
} from '../../clocks/hybrid-logical-clock.ts';
import type { OpId } from '../context.ts';
import {
  readReference,
  readReplicaTable,
  replicaTable,
  writeReference,
  writeReplicaTable,
  type ReplicaIds,
} from '../replica-table.ts';
import { readValue, writeValue } from '../value.ts';
import type { ExtensionOp, IdRange, MarkOp, RelativePosition, RestoreOp } from './messages.ts';

const MARK = 1;
const RESTORE = 2;

export interface Extension {
  readonly kind: number;
  readonly counters: number;
  readonly bytes: Uint8Array;
}

export function encodeExtension(op: ExtensionOp): Extension {
  switch (op.type) {
    case 'mark':
      return { kind: MARK, counters: 1, bytes: encodeMark(op) };
    case 'restore':
      return { kind: RESTORE, counters: 1, bytes: encodeRestore(op) };
    case 'unknown':
      return op;
    default:
      return assertNever(op);
  }
}

/** The operation `id` that `encodeExtension` wrote, or one of a type unknown here. */
export function decodeExtension(id: OpId, { kind, counters, bytes }: Extension): Decoded<ExtensionOp> {
  if (kind !== MARK && kind !== RESTORE)
    return { ok: true, value: { type: 'unknown', id, kind, counters, bytes: bytes.slice() } };
  return decode(bytes, reader => {
    if (counters !== 1) reader.fail('wrong number of counters');
    const table = readReplicaTable(reader, id.replicaId);
    return kind === MARK ? readMark(reader, id, table) : readRestore(reader, id, table);
  });
}

function encodeMark(op: MarkOp): Uint8Array {
  const { id, start, end, follows } = op;
  const writer = new Writer();
  const table = replicaTable(
    [start.id, end.id, follows ?? null].filter(each => each !== null),
    id.replicaId,
  );
  writeReplicaTable(writer, table);
  writeAnchor(writer, id, start, table);
  writeAnchor(writer, id, end, table);
  writer.varString(op.name);
  writeHybridTime(writer, op.stamp);
  if (isLastHybridTime(op.stamp)) {
    writer.byte(follows === undefined ? 0 : 1);
    if (follows !== undefined) writeReference(writer, follows, id, table);
  }
  writeValue(writer, op.value);
  return writer.finish();
}

function readMark(reader: Reader, id: OpId, table: ReplicaIds): MarkOp {
  const start = readAnchor(reader, id, table, -1);
  const end = readAnchor(reader, id, table, 1);
  const name = reader.varString(markNameBytesMax);
  if (name.length === 0) reader.fail('mark without a name');
  const stamp = readHybridTime(reader);
  const follows = readFollows(reader, stamp, () => readReference(reader, id, table));
  return { type: 'mark', id, start, end, name, value: readValue(reader), stamp, ...follows };
}

/** A mark with the last stamp says whether it follows another one. */
export function readFollows(
  reader: Reader,
  stamp: HybridTime,
  read: () => OpId,
): Pick<MarkOp, 'follows'> | undefined {
  if (!isLastHybridTime(stamp)) return undefined;
  const flag = reader.byte();
  if (flag > 1) reader.fail('malformed flag');
  return flag === 0 ? undefined : { follows: read() };
}

function encodeRestore(op: RestoreOp): Uint8Array {
  const { id, ranges } = op;
  const writer = new Writer();
  const targets = ranges.map(range => range.target);
  const table = replicaTable(targets, id.replicaId);
  writeReplicaTable(writer, table);
  writer.varUint(ranges.length);
  for (const { target, length } of ranges) {
    writeReference(writer, target, id, table);
    writer.varUint(length);
  }
  return writer.finish();
}

function readRestore(reader: Reader, id: OpId, table: ReplicaIds): RestoreOp {
  const count = reader.varUint(reader.left);
  const ranges: IdRange[] = [];
  for (let i = 0; i < count; i++) {
    const range = { target: readReference(reader, id, table), length: reader.varUint(counterMax) };
    if (!reader.looks) ranges.push(range);
  }
  return { type: 'restore', id, ranges };
}

/** A byte for the side, 0 at the end of the text, and the character. */
function writeAnchor(
  writer: Writer,
  own: OpId,
  { id, assoc }: RelativePosition,
  table: ReadonlyMap<ReplicaId, number>,
): void {
  writer.byte(id === null ? 0 : assoc === 1 ? 1 : 2);
  if (id !== null) writeReference(writer, id, own, table);
}

/** `limit`: which end of the text 0 stands for. */
function readAnchor(reader: Reader, own: OpId, table: ReplicaIds, limit: -1 | 1): RelativePosition {
  const side = reader.byte();
  if (side > 2) reader.fail('malformed place');
  if (side === 0) return { id: null, assoc: limit };
  return { id: readReference(reader, own, table), assoc: side === 1 ? 1 : -1 };
}
