/** Clearable counters and their operations as bytes; docs/protocols/document.md describes them. */
import { assert } from '../../base/assert.ts';
import { fromHex } from '../../base/bytes.ts';
import { decodeTwice, Writer, type Decoded, type Reader } from '../../base/codec.ts';
import { idBytes, type ReplicaId } from '../../base/ids.ts';
import type { Context } from '../context.ts';
import { readOps, readVersion } from '../ops-codec.ts';
import { ClearableCounter, type ClearableCounterOp, type Seen } from './clearable-counter.ts';
import { decodePNCounter, encodePNCounter } from './codec.ts';
import type { Replicas } from '../replicas.ts';
import { readReplicaId } from '../state-codec.ts';

export const clearableOpsVersion = 1;
const clearableVersion = 1;

const INCREMENT = 0;
const DECREMENT = 1;
const CLEAR = 2;
/** Bits 2 to 7 of a header: the amount, 0 when a varint of it follows; for a clear 0. */
const AMOUNT_SHIFT = 2;
const amountInlineMax = 63;

/** `ops` must be `replicaId`'s and take up its counters from `firstCounter` without gaps. */
export function encodeClearableOps(
  ops: readonly ClearableCounterOp[],
  replicaId: ReplicaId,
  firstCounter: number,
): Uint8Array<ArrayBuffer> {
  const writer = new Writer().byte(clearableOpsVersion);
  for (const [at, op] of ops.entries()) {
    const { id } = op;
    assert(id.replicaId === replicaId && id.counter === firstCounter + at, 'one replica, dense counters');
    if (op.type === 'clear') {
      writer.byte(CLEAR);
      writeSeen(writer, op.seen);
      continue;
    }
    const type = op.type === 'increment' ? INCREMENT : DECREMENT;
    const inline = op.amount <= amountInlineMax;
    writer.byte(type | (inline ? op.amount << AMOUNT_SHIFT : 0));
    if (!inline) writer.varUint(op.amount);
  }
  return writer.finish();
}

export function decodeClearableOps(
  bytes: Uint8Array,
  replicaId: ReplicaId,
  firstCounter: number,
  counters?: number,
): Decoded<readonly ClearableCounterOp[]> {
  return decodeTwice(bytes, reader => {
    readVersion(reader, clearableOpsVersion);
    return readOps(reader, replicaId, firstCounter, counters, (id): ClearableCounterOp => {
      const header = reader.byte();
      if (header === CLEAR) return { type: 'clear', id, seen: readSeen(reader) };
      const type = header & 3;
      if (type > DECREMENT) reader.fail('unknown operation');
      const amount = header >> AMOUNT_SHIFT || readAmount(reader);
      return { type: type === INCREMENT ? 'increment' : 'decrement', id, amount };
    });
  });
}

export function encodeClearableCounter(
  value: ClearableCounter,
  replicas?: Replicas,
): Uint8Array<ArrayBuffer> {
  const writer = new Writer().byte(clearableVersion).varBytes(encodePNCounter(value.counter, replicas));
  const floors = [...value.floors.values()].sort((a, b) => (a.replicaId < b.replicaId ? -1 : 1));
  writeSeen(writer, floors);
  return writer.finish();
}

export function decodeClearableCounter(
  bytes: Uint8Array,
  context: Context,
  replicas?: Replicas,
): Decoded<ClearableCounter> {
  return decodeTwice(bytes, reader => {
    readVersion(reader, clearableVersion);
    const counter = decodePNCounter(reader.varBytes(reader.left), context, replicas);
    if (!counter.ok) return reader.fail(counter.reason);
    const floors = readSeen(reader, 0).map(seen => [seen.replicaId, seen] as const);
    return new ClearableCounter(context, counter.value, new Map(floors));
  });
}

function readAmount(reader: Reader): number {
  const amount = reader.varUint();
  return amount > amountInlineMax ? amount : reader.fail('amount not in its one form');
}

function writeSeen(writer: Writer, all: readonly Seen[]): void {
  writer.varUint(all.length);
  for (const { replicaId, increments, decrements } of all)
    writer.bytes(fromHex(replicaId)).varUint(increments).varUint(decrements);
}

function readSeen(reader: Reader, atLeast = 1): readonly Seen[] {
  const count = reader.varUint(Math.floor(reader.left / idBytes));
  if (count < atLeast) reader.fail('clears nothing');
  const all: Seen[] = [];
  let last = '';
  for (let i = 0; i < count; i++) {
    const replicaId = readReplicaId(reader);
    if (replicaId <= last) reader.fail('replicas not sorted');
    last = replicaId;
    const seen = { replicaId, increments: reader.varUint(), decrements: reader.varUint() };
    if (seen.increments + seen.decrements === 0) reader.fail('empty entry');
    if (!reader.looks) all.push(seen);
  }
  return all;
}
