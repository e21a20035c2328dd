/** Counters and their operations as bytes; docs/protocols/values.md describes them. */
import { decodeTwice, Writer, type Decoded, type Reader } from '../../base/codec.ts';
import type { ReplicaId } from '../../base/ids.ts';
import type { Context } from '../context.ts';
import { assertDense, readOps, readVersion } from '../ops-codec.ts';
import { readEntries, readNext, writeEntries, type Replicas } from '../replicas.ts';
import { GCounter } from './g-counter.ts';
import type { GCounterOp, PNCounterOp } from './messages.ts';
import { PNCounter } from './pn-counter.ts';
import { Tally, type Share } from './tally.ts';

const counterOpsVersion = 1;
const counterVersion = 1;

/** Bit 0 of an operation: down. Bits 1 to 7: the amount, 0 when a varint of it follows. */
const DECREMENT = 1;
const amountInlineMax = 127;

/** How many counters the operations take: one each. */
export function countersOfCounterOps(ops: readonly PNCounterOp[]): number {
  return ops.length;
}

/** `ops` must be `replicaId`'s and take up its counters from `firstCounter` without gaps. */
export function encodeCounterOps(
  ops: readonly PNCounterOp[],
  replicaId: ReplicaId,
  firstCounter: number,
): Uint8Array<ArrayBuffer> {
  const writer = new Writer().byte(counterOpsVersion);
  for (const [at, { id, type, amount }] of ops.entries()) {
    assertDense(id, replicaId, firstCounter + at);
    const down = type === 'decrement' ? DECREMENT : 0;
    if (amount <= amountInlineMax) writer.byte(down | (amount << 1));
    else writer.byte(down).varUint(amount);
  }
  return writer.finish();
}

/** `counters`: how many the operations must take, where that is known. So in all decoders of operations. */
export function decodePNCounterOps(
  bytes: Uint8Array,
  replicaId: ReplicaId,
  firstCounter: number,
  counters?: number,
): Decoded<readonly PNCounterOp[]> {
  return decodeTwice(bytes, reader => {
    readVersion(reader, counterOpsVersion);
    return readOps(reader, replicaId, firstCounter, counters, (id): PNCounterOp => {
      const header = reader.byte();
      const type = (header & DECREMENT) === 0 ? 'increment' : 'decrement';
      return { type, id, amount: header >> 1 || readAmount(reader) };
    });
  });
}

/** As `decodePNCounterOps`; a G-Counter knows no way down. */
export function decodeGCounterOps(
  bytes: Uint8Array,
  replicaId: ReplicaId,
  firstCounter: number,
  counters?: number,
): Decoded<readonly GCounterOp[]> {
  return decodeTwice(bytes, reader => {
    readVersion(reader, counterOpsVersion);
    return readOps(reader, replicaId, firstCounter, counters, (id): GCounterOp => {
      const header = reader.byte();
      if ((header & DECREMENT) !== 0) reader.fail('unknown operation');
      return { type: 'increment', id, amount: header >> 1 || readAmount(reader) };
    });
  });
}

export function encodeGCounter(counter: GCounter, replicas?: Replicas): Uint8Array<ArrayBuffer> {
  const writer = new Writer().byte(counterVersion);
  writeEntries(writer, counter.tally.shares, replicas, ({ next, increments }) =>
    writer.varUint(next).varUint(increments),
  );
  return writer.finish();
}

export function decodeGCounter(bytes: Uint8Array, context: Context, replicas?: Replicas): Decoded<GCounter> {
  return decodeTwice(bytes, reader => {
    const shares = readShares(reader, replicas, () => 0);
    return new GCounter(context, new Tally(shares));
  });
}

export function encodePNCounter(counter: PNCounter, replicas?: Replicas): Uint8Array<ArrayBuffer> {
  const writer = new Writer().byte(counterVersion);
  writeEntries(writer, counter.tally.shares, replicas, ({ next, increments, decrements }) =>
    writer.varUint(next).varUint(increments).varUint(decrements),
  );
  return writer.finish();
}

export function decodePNCounter(
  bytes: Uint8Array,
  context: Context,
  replicas?: Replicas,
): Decoded<PNCounter> {
  return decodeTwice(bytes, reader => {
    const shares = readShares(reader, replicas, () => reader.varUint());
    return new PNCounter(context, new Tally(shares));
  });
}

function readAmount(reader: Reader): number {
  const amount = reader.varUint();
  return amount > amountInlineMax ? amount : reader.fail('amount not in its one form');
}

function readShares(
  reader: Reader,
  replicas: Replicas | undefined,
  readDecrements: () => number,
): Map<ReplicaId, Share> {
  readVersion(reader, counterVersion);
  return readEntries(reader, replicas, (_, end) => {
    const share = { next: readNext(reader, end), increments: reader.varUint(), decrements: readDecrements() };
    // Every operation counts something, so a replica that is named has counted.
    if (share.increments + share.decrements === 0) reader.fail('empty entry');
    return share;
  });
}
