/**
 * References to ids inside the operations of one author: other replicas are named once, in a table before the operations,
 * and an id of the author's own is written as its distance back, so that a reference is mostly two bytes.
 */
import { fromHex } from '../base/bytes.ts';
import type { Reader, Writer } from '../base/codec.ts';
import { idBytes, type ReplicaId } from '../base/ids.ts';
import { counterMax } from '../base/limits.ts';
import type { OpId } from './context.ts';
import { readReplicaId, replicaIdAt } from './state-codec.ts';

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

/** Replica ids by their place. */
export interface ReplicaIds {
  readonly length: number;
  at(place: number): ReplicaId | undefined;
}

const nobody: ReplicaIds = [];

/** How many, then as many ids, all different, none of them `author`'s. */
export function readReplicaTable(reader: Reader, author: ReplicaId | undefined): ReplicaIds {
  const size = reader.varUint(Math.floor(reader.left / idBytes));
  if (size === 0) return nobody;
  if (reader.looks) return new ReplicaIdsAt(reader, size, author);
  const table = new Set<ReplicaId>();
  for (let i = 0; i < size; i++) {
    const replicaId = readReplicaId(reader);
    if (replicaId === author || table.has(replicaId)) reader.fail('replica named twice');
    table.add(replicaId);
  }
  return [...table];
}

/** The same for whoever only looks: the ids stay where they are, and strings of them are made when they are asked for. */
class ReplicaIdsAt implements ReplicaIds {
  readonly length: number;
  readonly #bytes: Uint8Array;

  constructor(reader: Reader, size: number, author: ReplicaId | undefined) {
    this.length = size;
    this.#bytes = reader.bytes(size * idBytes);
    const sorted = Uint32Array.from({ length: size }, (_, place) => place).sort((a, b) =>
      this.#compare(a, b),
    );
    for (let i = 0; i < size; i++) {
      const twice = i > 0 && this.#compare(sorted[i - 1] as number, sorted[i] as number) === 0;
      if (twice || (author !== undefined && this.at(i) === author)) reader.fail('replica named twice');
    }
  }

  at(place: number): ReplicaId | undefined {
    return place < this.length ? replicaIdAt(this.#bytes, place * idBytes) : undefined;
  }

  #compare(a: number, b: number): number {
    for (let i = 0; i < idBytes; i++) {
      const difference = (this.#bytes[a * idBytes + i] as number) - (this.#bytes[b * idBytes + i] as number);
      if (difference !== 0) return difference;
    }
    return 0;
  }
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

export function readReference(reader: Reader, from: OpId, table: ReplicaIds): OpId {
  const place = reader.varUint(table.length);
  if (place === 0) {
    const back = reader.varUint(from.counter);
    if (back === 0) reader.fail('reference is not older');
    return { replicaId: from.replicaId, counter: from.counter - back };
  }
  return { replicaId: table.at(place - 1) as ReplicaId, counter: reader.varUint(counterMax - 1) };
}
