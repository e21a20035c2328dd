/**
 * References to ids inside the operations of one author: other replicas are named once, in a table before the operations,
 * and an id of the author's own is written as its distance back, so that a reference is mostly two bytes.
 */
import { fromHex } from '../base/bytes.ts';
import type { Reader, Writer } from '../base/codec.ts';
import { idBytes, type ReplicaId } from '../base/ids.ts';
import { counterMax } from '../base/limits.ts';
import type { OpId } from './context.ts';
import { readReplicaId } from './state-codec.ts';

/** Each replica other than `author` that `ids` name, with its place in the table. */
export function replicaTable(ids: Iterable<OpId>, author: ReplicaId): ReadonlyMap<ReplicaId, number> {
  const table = new Map<ReplicaId, number>();
  for (const { replicaId } of ids)
    if (replicaId !== author && !table.has(replicaId)) table.set(replicaId, table.size);
  return table;
}

export function writeReplicaTable(writer: Writer, table: ReadonlyMap<ReplicaId, number>): void {
  writer.varUint(table.size);
  for (const replicaId of table.keys()) writer.bytes(fromHex(replicaId));
}

export function readReplicaTable(reader: Reader, author: ReplicaId): readonly ReplicaId[] {
  const size = reader.varUint(Math.floor(reader.left / idBytes));
  const table = new Set<ReplicaId>();
  for (let i = 0; i < size; i++) {
    const replicaId = readReplicaId(reader);
    if (replicaId === author || table.has(replicaId)) reader.fail('replica named twice');
    table.add(replicaId);
  }
  return [...table];
}

/** `id` as an operation with the id `from` refers to it. One of the author's own must be older than `from`. */
export function writeReference(
  writer: Writer,
  id: OpId,
  from: OpId,
  table: ReadonlyMap<ReplicaId, number>,
): void {
  const place = table.get(id.replicaId);
  if (place === undefined) writer.varUint(0).varUint(from.counter - id.counter);
  else writer.varUint(place + 1).varUint(id.counter);
}

export function readReference(reader: Reader, from: OpId, table: readonly ReplicaId[]): OpId {
  const place = reader.varUint(table.length);
  if (place === 0) {
    const back = reader.varUint(from.counter);
    if (back === 0) reader.fail('reference is not older');
    return { replicaId: from.replicaId, counter: from.counter - back };
  }
  return { replicaId: table[place - 1] as ReplicaId, counter: reader.varUint(counterMax - 1) };
}
