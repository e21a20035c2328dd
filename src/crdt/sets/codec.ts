/** Operations of the sets as bytes; docs/protocols/values.md describes them. States are in `state-codec.ts`. */
import { decodeTwice, Writer, type Decoded, type Reader } from '../../base/codec.ts';
import type { ReplicaId } from '../../base/ids.ts';
import type { OpId } from '../context.ts';
import { assertDense, readOps, readReferences, readVersion } from '../ops-codec.ts';
import {
  readReference,
  readReplicaTable,
  replicaTable,
  writeReference,
  writeReplicaTable,
  type ReplicaIds,
} from '../replica-table.ts';
import { readValue, writeValue } from '../value.ts';
import type { GSetOp, ORSetOp, RemoveDotsOp, TwoPhaseSetOp } from './messages.ts';

const setOpsVersion = 1;
const ADD = 0;
const REMOVE = 1;

/** How many counters the operations take: one each. */
export function countersOfSetOps(ops: readonly (TwoPhaseSetOp | ORSetOp)[]): number {
  return ops.length;
}

/**
 * A G-Set's operations, or a 2P-Set's: the same bytes. `ops` must be `replicaId`'s and take up its counters from
 * `firstCounter` without gaps.
 */
export function encodeSetOps(
  ops: readonly TwoPhaseSetOp[],
  replicaId: ReplicaId,
  firstCounter: number,
): Uint8Array<ArrayBuffer> {
  const writer = new Writer().byte(setOpsVersion);
  for (const [at, { id, type, value }] of ops.entries()) {
    assertDense(id, replicaId, firstCounter + at);
    writeValue(writer.byte(type === 'add' ? ADD : REMOVE), value);
  }
  return writer.finish();
}

export function decodeTwoPhaseSetOps(
  bytes: Uint8Array,
  replicaId: ReplicaId,
  firstCounter: number,
  counters?: number,
): Decoded<readonly TwoPhaseSetOp[]> {
  return decodeTwice(bytes, reader => {
    readVersion(reader, setOpsVersion);
    return readOps(reader, replicaId, firstCounter, counters, (id): TwoPhaseSetOp => {
      const type = readType(reader);
      return { type, id, value: readValue(reader) };
    });
  });
}

/** As `decodeTwoPhaseSetOps`; a G-Set knows no removal. */
export function decodeGSetOps(
  bytes: Uint8Array,
  replicaId: ReplicaId,
  firstCounter: number,
  counters?: number,
): Decoded<readonly GSetOp[]> {
  return decodeTwice(bytes, reader => {
    readVersion(reader, setOpsVersion);
    return readOps(reader, replicaId, firstCounter, counters, (id): GSetOp => {
      if (reader.byte() !== ADD) reader.fail('unknown operation');
      return { type: 'add', id, value: readValue(reader) };
    });
  });
}

/** `ops` must be `replicaId`'s and take up its counters from `firstCounter` without gaps. */
export function encodeORSetOps(
  ops: readonly ORSetOp[],
  replicaId: ReplicaId,
  firstCounter: number,
): Uint8Array<ArrayBuffer> {
  const named = ops.flatMap(op => (op.type === 'remove' ? op.dots : []));
  const table = replicaTable(named, replicaId);
  const writer = new Writer().byte(setOpsVersion);
  writeReplicaTable(writer, table);
  for (const [at, op] of ops.entries()) {
    assertDense(op.id, replicaId, firstCounter + at);
    if (op.type === 'add') writeValue(writer.byte(ADD), op.value);
    else {
      writer.byte(REMOVE).varUint(op.dots.length);
      for (const dot of op.dots) writeReference(writer, dot, op.id, table);
    }
  }
  return writer.finish();
}

export function decodeORSetOps(
  bytes: Uint8Array,
  replicaId: ReplicaId,
  firstCounter: number,
  counters?: number,
): Decoded<readonly ORSetOp[]> {
  return decodeTwice(bytes, reader => {
    readVersion(reader, setOpsVersion);
    const table = readReplicaTable(reader, replicaId);
    return readOps(reader, replicaId, firstCounter, counters, (id): ORSetOp => {
      if (readType(reader) === 'add') return { type: 'add', id, value: readValue(reader) };
      return readRemoval(reader, id, table);
    });
  });
}

function readRemoval(reader: Reader, id: OpId, table: ReplicaIds): RemoveDotsOp {
  const dots = readReferences(reader, () => readReference(reader, id, table));
  return dots.length > 0 ? { type: 'remove', id, dots } : reader.fail('empty removal');
}

function readType(reader: Reader): 'add' | 'remove' {
  const type = reader.byte();
  if (type === ADD) return 'add';
  return type === REMOVE ? 'remove' : reader.fail('unknown operation');
}
