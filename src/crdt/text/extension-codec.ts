/**
 * Operations that are neither insert nor delete, as bytes: a number for the type, how many counters they take, and
 * a payload that stands on its own. It has its own table of replicas and not the section's, so that a replica too
 * old to read it can carry it into another section unharmed. docs/protocols/text-operations.md describes them.
 */
import { decode, Writer } from '../../base/codec.ts';
import type { Decoded, Reader } from '../../base/codec.ts';
import { assertNever } from '../../base/assert.ts';
import { fromHex } from '../../base/bytes.ts';
import type { ReplicaId } from '../../base/ids.ts';
import { counterMax, markNameBytesMax } from '../../base/limits.ts';
import { readHybridTime, writeHybridTime } from '../../clocks/hybrid-logical-clock.ts';
import type { OpId } from '../context.ts';
import { readValue, writeValue } from '../value.ts';
import type { ExtensionOp, IdRange, MarkOp, RelativePosition, RestoreOp } from './messages.ts';
import { readReplicaTable } from './replica-table.ts';

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
  const { id, start, end } = op;
  const writer = new Writer();
  const table = writeTable(writer, id.replicaId, [start.id, end.id]);
  writeAnchor(writer, id, start, table);
  writeAnchor(writer, id, end, table);
  writer.varString(op.name);
  writeHybridTime(writer, op.stamp);
  writeValue(writer, op.value);
  return writer.finish();
}

function readMark(reader: Reader, id: OpId, table: readonly ReplicaId[]): MarkOp {
  const start = readAnchor(reader, id, table, -1);
  const end = readAnchor(reader, id, table, 1);
  const name = reader.varString(markNameBytesMax);
  if (name.length === 0) reader.fail('mark without a name');
  const stamp = readHybridTime(reader);
  return { type: 'mark', id, start, end, name, value: readValue(reader), stamp };
}

function encodeRestore(op: RestoreOp): Uint8Array {
  const { id, ranges } = op;
  const writer = new Writer();
  const table = writeTable(
    writer,
    id.replicaId,
    ranges.map(range => range.target),
  );
  writer.varUint(ranges.length);
  for (const { target, length } of ranges) {
    const place = placeOf(target, table);
    writer.varUint(place).varUint(place === 0 ? id.counter - target.counter : target.counter);
    writer.varUint(length);
  }
  return writer.finish();
}

function readRestore(reader: Reader, id: OpId, table: readonly ReplicaId[]): RestoreOp {
  const count = reader.varUint(reader.left);
  const ranges: IdRange[] = [];
  for (let i = 0; i < count; i++)
    ranges.push({
      target: readId(reader, id, table, reader.varUint()),
      length: reader.varUint(counterMax),
    });
  return { type: 'restore', id, ranges };
}

type Table = ReadonlyMap<ReplicaId, number>;

/** Writes the replicas of `ids` other than the author. */
function writeTable(writer: Writer, author: ReplicaId, ids: readonly (OpId | null)[]): Table {
  const table = new Map<ReplicaId, number>();
  for (const id of ids)
    if (id !== null && id.replicaId !== author && !table.has(id.replicaId))
      table.set(id.replicaId, table.size + 1);
  writer.varUint(table.size);
  for (const foreign of table.keys()) writer.bytes(fromHex(foreign));
  return table;
}

/** 0 for the author, else one more than the place in the table. */
function placeOf(id: OpId, table: Table): number {
  return table.get(id.replicaId) ?? 0;
}

/** 0 for the end of the text, else 1 plus twice the replica plus the side. */
function writeAnchor(writer: Writer, own: OpId, { id, assoc }: RelativePosition, table: Table): void {
  if (id === null) {
    writer.varUint(0);
    return;
  }
  const place = placeOf(id, table);
  writer.varUint(1 + 2 * place + (assoc === 1 ? 0 : 1));
  writer.varUint(place === 0 ? own.counter - id.counter : id.counter);
}

/** `limit`: which end of the text 0 stands for. */
function readAnchor(reader: Reader, own: OpId, table: readonly ReplicaId[], limit: -1 | 1): RelativePosition {
  const head = reader.varUint() - 1;
  if (head < 0) return { id: null, assoc: limit };
  return { id: readId(reader, own, table, Math.floor(head / 2)), assoc: head % 2 === 0 ? 1 : -1 };
}

function readId(reader: Reader, own: OpId, table: readonly ReplicaId[], place: number): OpId {
  if (place > 0) {
    const replicaId = table[place - 1];
    if (replicaId === undefined) return reader.fail('unknown replica');
    return { replicaId, counter: reader.varUint(counterMax) };
  }
  const back = reader.varUint();
  if (back === 0 || back > own.counter) reader.fail('counter out of range');
  return { replicaId: own.replicaId, counter: own.counter - back };
}
