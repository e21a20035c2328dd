/**
 * Map operations as bytes; docs/protocols/document.md describes them. As in every list of operations, ids are not
 * written: each operation takes the author's next counter. A table names the replicas a removal has observed.
 */
import { assert } from '../../base/assert.ts';
import { fromHex } from '../../base/bytes.ts';
import { decodeTwice, Writer, type Decoded, type Reader } from '../../base/codec.ts';
import type { ReplicaId } from '../../base/ids.ts';
import { counterMax, mapKeyBytesMax } from '../../base/limits.ts';
import type { OpId } from '../context.ts';
import type { MapOp, RemoveOp } from './messages.ts';
import { readOps, readVersion } from '../ops-codec.ts';
import { readReplicaTable, type ReplicaIds } from '../replica-table.ts';

export const mapOpsVersion = 1;

const TOUCH = 0;
const REMOVE = 1;
/** Kinds of values are numbered from 1 on; beyond this nobody will number one. */
export const kindMax = 65_535;

/** `ops` must be `replicaId`'s and take up its counters from `firstCounter` without gaps. */
export function encodeMapOps(
  ops: readonly MapOp[],
  replicaId: ReplicaId,
  firstCounter: number,
): Uint8Array<ArrayBuffer> {
  const table = new Map<ReplicaId, number>();
  for (const op of ops) {
    for (const { replicaId: observed } of op.type === 'remove' ? op.observed : [])
      if (!table.has(observed)) table.set(observed, table.size);
  }
  const writer = new Writer().byte(mapOpsVersion).varUint(table.size);
  for (const observed of table.keys()) writer.bytes(fromHex(observed));
  let counter = firstCounter;
  for (const op of ops) {
    assert(op.id.replicaId === replicaId && op.id.counter === counter, 'one replica, dense counters');
    counter++;
    if (op.type === 'touch') writer.byte(TOUCH).varString(op.key).varUint(op.kind);
    else {
      writer.byte(REMOVE).varString(op.key).varUint(op.observed.length);
      for (const id of op.observed) writer.varUint(table.get(id.replicaId) ?? 0).varUint(id.counter);
    }
  }
  return writer.finish();
}

export function decodeMapOps(
  bytes: Uint8Array,
  replicaId: ReplicaId,
  firstCounter: number,
  counters?: number,
): Decoded<readonly MapOp[]> {
  return decodeTwice(bytes, reader => {
    readVersion(reader, mapOpsVersion);
    const table = readReplicaTable(reader, undefined);
    let named = 0;
    const ops = readOps(reader, replicaId, firstCounter, counters, (id): MapOp => {
      const type = reader.byte();
      if (type > REMOVE) reader.fail('unknown operation');
      const key = reader.varString(mapKeyBytesMax);
      if (type === TOUCH) {
        const kind = reader.varUint(kindMax);
        if (kind === 0) reader.fail('no kind');
        return { type: 'touch', id, key, kind };
      }
      const op = readRemove(reader, id, key, table, named);
      named = op.named;
      return op.remove;
    });
    if (named !== table.length) reader.fail('table names too many');
    return ops;
  });
}

/** `named`: how many of the table were used before. They are used in the table's order, so a list has one encoding. */
function readRemove(
  reader: Reader,
  id: OpId,
  key: string,
  table: ReplicaIds,
  named: number,
): { remove: RemoveOp; named: number } {
  const observed: OpId[] = [];
  const count = reader.varUint(table.length);
  if (count === 0) reader.fail('nothing observed');
  let last = '';
  let next = named;
  for (let i = 0; i < count; i++) {
    const place = reader.varUint();
    const replicaId = table.at(place);
    if (replicaId === undefined || place > next) return reader.fail('unknown replica');
    if (place === next) next++;
    if (replicaId <= last) reader.fail('observed not sorted');
    last = replicaId;
    const counter = reader.varUint(counterMax - 1);
    if (!reader.looks) observed.push({ replicaId, counter });
  }
  return { remove: { type: 'remove', id, key, observed }, named: next };
}
