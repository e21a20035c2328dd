/** Registers and their operations as bytes; docs/protocols/values.md describes them. */
import { decodeTwice, Writer, type Decoded, type Reader } from '../../base/codec.ts';
import type { ReplicaId } from '../../base/ids.ts';
import { DottedVersionVectorSet } from '../../clocks/dotted-version-vector.ts';
import {
  compareHybridTime,
  lastHybridTime,
  readHybridTime,
  writeHybridTime,
  type HybridTime,
} from '../../clocks/hybrid-logical-clock.ts';
import type { Context } from '../context.ts';
import { assertDense, readOps, readReferences, readVersion } from '../ops-codec.ts';
import {
  readReference,
  readReplicaTable,
  replicaTable,
  writeReference,
  writeReplicaTable,
} from '../replica-table.ts';
import type { Replicas } from '../replicas.ts';
import { readOpId, writeOpId } from '../state-codec.ts';
import { readValue, writeValue } from '../value.ts';
import { LWWRegister } from './lww-register.ts';
import type { LWWSetOp, MVSetOp } from './messages.ts';
import { MVRegister } from './mv-register.ts';
import { readSiblings, writeSiblings } from './siblings.ts';

const registerOpsVersion = 1;
const registerVersion = 1;

/** State of an LWW-Register: never written; one write; writes with the last stamp. */
const EMPTY = 0;
const WRITTEN = 1;
const SIBLINGS = 2;

/** How many counters the operations take: one each. */
export function countersOfRegisterOps(ops: readonly (LWWSetOp | MVSetOp)[]): number {
  return ops.length;
}

/** `ops` must be `replicaId`'s and take up its counters from `firstCounter` without gaps. */
export function encodeLWWOps(
  ops: readonly LWWSetOp[],
  replicaId: ReplicaId,
  firstCounter: number,
): Uint8Array<ArrayBuffer> {
  const writer = new Writer().byte(registerOpsVersion);
  for (const [at, { id, stamp, value, overwrites }] of ops.entries()) {
    assertDense(id, replicaId, firstCounter + at);
    writeHybridTime(writer, stamp);
    if (isLast(stamp)) {
      // So rare that a table of replicas is not worth its byte in all the other writes.
      writer.varUint(overwrites.length);
      for (const dot of overwrites) writeOpId(writer, dot);
    }
    writeValue(writer, value);
  }
  return writer.finish();
}

export function decodeLWWOps(
  bytes: Uint8Array,
  replicaId: ReplicaId,
  firstCounter: number,
  counters?: number,
): Decoded<readonly LWWSetOp[]> {
  return decodeTwice(bytes, reader => {
    readVersion(reader, registerOpsVersion);
    return readOps(reader, replicaId, firstCounter, counters, (id): LWWSetOp => {
      const stamp = readHybridTime(reader);
      const overwrites = isLast(stamp) ? readReferences(reader, () => readOpId(reader)) : [];
      return { type: 'set', id, stamp, value: readValue(reader), overwrites };
    });
  });
}

/** `ops` must be `replicaId`'s and take up its counters from `firstCounter` without gaps. */
export function encodeMVOps(
  ops: readonly MVSetOp[],
  replicaId: ReplicaId,
  firstCounter: number,
): Uint8Array<ArrayBuffer> {
  const table = replicaTable(
    ops.flatMap(op => op.overwrites),
    replicaId,
  );
  const writer = new Writer().byte(registerOpsVersion);
  writeReplicaTable(writer, table);
  for (const [at, { id, value, overwrites }] of ops.entries()) {
    assertDense(id, replicaId, firstCounter + at);
    writer.varUint(overwrites.length);
    for (const dot of overwrites) writeReference(writer, dot, id, table);
    writeValue(writer, value);
  }
  return writer.finish();
}

export function decodeMVOps(
  bytes: Uint8Array,
  replicaId: ReplicaId,
  firstCounter: number,
  counters?: number,
): Decoded<readonly MVSetOp[]> {
  return decodeTwice(bytes, reader => {
    readVersion(reader, registerOpsVersion);
    const table = readReplicaTable(reader, replicaId);
    return readOps(reader, replicaId, firstCounter, counters, (id): MVSetOp => {
      const overwrites = readReferences(reader, () => readReference(reader, id, table));
      return { type: 'set', id, value: readValue(reader), overwrites };
    });
  });
}

export function encodeLWWRegister(register: LWWRegister): Uint8Array<ArrayBuffer> {
  const writer = new Writer().byte(registerVersion);
  const { state } = register;
  if (state === undefined) writer.byte(EMPTY);
  else if (state instanceof DottedVersionVectorSet) writeSiblings(writer.byte(SIBLINGS), state);
  else {
    writeHybridTime(writer.byte(WRITTEN), state.stamp);
    writeOpId(writer, state.id);
    writeValue(writer, state.value);
  }
  return writer.finish();
}

export function decodeLWWRegister(bytes: Uint8Array, context: Context): Decoded<LWWRegister> {
  return decodeTwice(bytes, reader => {
    readVersion(reader, registerVersion);
    switch (reader.byte()) {
      case EMPTY:
        return new LWWRegister(context);
      case WRITTEN: {
        const stamp = readHybridTime(reader);
        if (isLast(stamp)) reader.fail('last stamp without siblings');
        const id = readOpId(reader);
        return new LWWRegister(context, { id, stamp, value: readValue(reader) });
      }
      case SIBLINGS: {
        if (reader.peek() === 0) reader.fail('no value left');
        return new LWWRegister(context, readSiblings(reader));
      }
      default:
        return reader.fail('unknown state');
    }
  });
}

export function encodeMVRegister(register: MVRegister, replicas?: Replicas): Uint8Array<ArrayBuffer> {
  const writer = new Writer().byte(registerVersion);
  writeSiblings(writer, register.siblings, replicas);
  return writer.finish();
}

export function decodeMVRegister(
  bytes: Uint8Array,
  context: Context,
  replicas?: Replicas,
  check?: (value: Reader) => void,
): Decoded<MVRegister> {
  return decodeTwice(bytes, reader => {
    readVersion(reader, registerVersion);
    return new MVRegister(context, readSiblings(reader, replicas, check));
  });
}

function isLast(stamp: HybridTime): boolean {
  return compareHybridTime(stamp, lastHybridTime) === 0;
}
