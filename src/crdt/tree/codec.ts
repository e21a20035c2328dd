/** Operations of a tree as bytes; docs/protocols/tree.md describes them. */
import { assert } from '../../base/assert.ts';
import { decodeTwice, type Decoded } from '../../base/codec.ts';
import type { ReplicaId } from '../../base/ids.ts';
import type { OpId } from '../context.ts';
import { readOps } from '../ops-codec.ts';
import { OpReader, OpWriter } from '../op-bytes.ts';
import { readValue, writeValue } from '../value.ts';
import type { Parent, TreeOp } from './messages.ts';

const treeOpsVersion = 1;

/** Bits 0 and 1 of a header: the operation. */
const CREATE = 0;
const MOVE = 1;
const SET = 2;
/** Create and move, bits 2 to 4: the place. */
const PLACE_SHIFT = 2;
/** Create and move, bits 5 and 6: the parent. */
const PARENT_SHIFT = 5;
const PARENT_ROOT = 0;
const PARENT_TRASH = 1;
const PARENT_OWN = 2;
const PARENT_FOREIGN = 3;
/** Move, bit 7: the node is another replica's. */
const MOVE_FOREIGN = 128;
/** Set, bit 2: so is the node; bit 3: there is a value. */
const FOREIGN = 4;
const PRESENT = 8;

/** `ops` must be `replicaId`'s and take up its counters from `firstCounter` without gaps. */
export function encodeTreeOps(
  ops: readonly TreeOp[],
  replicaId: ReplicaId,
  firstCounter: number,
): Uint8Array<ArrayBuffer> {
  const writer = new OpWriter(replicaId);
  for (const [i, op] of ops.entries()) {
    assert(
      op.id.replicaId === replicaId && op.id.counter === firstCounter + i,
      'one replica, dense counters',
    );
    writeOp(writer, op);
  }
  return writer.finish(treeOpsVersion);
}

/** Whatever the bytes are: operations of `replicaId` from `firstCounter` on, or the reason why not. */
export function decodeTreeOps(
  bytes: Uint8Array,
  replicaId: ReplicaId,
  firstCounter: number,
  counters?: number,
): Decoded<readonly TreeOp[]> {
  return decodeTwice(bytes, reader => {
    const from = new OpReader(reader, replicaId, treeOpsVersion);
    return readOps(reader, replicaId, firstCounter, counters, id => readOp(from, id));
  });
}

function writeOp(writer: OpWriter, op: TreeOp): void {
  const { counter } = op.id;
  if (op.type === 'set') {
    const { node, stamp, key, value } = op;
    writer.body.byte(SET | (writer.isForeign(node) ? FOREIGN : 0) | (value === undefined ? 0 : PRESENT));
    writer.reference(node, counter).stamp(stamp).body.varString(key);
    if (value !== undefined) writeValue(writer.body, value);
    return;
  }
  const { parent, place } = op;
  const places =
    (writer.placeBits(place, counter) << PLACE_SHIFT) | (parentKind(writer, parent) << PARENT_SHIFT);
  const foreign = op.type === 'move' && writer.isForeign(op.node) ? MOVE_FOREIGN : 0;
  writer.body.byte((op.type === 'move' ? MOVE : CREATE) | places | foreign);
  writer.place(place, counter);
  if (typeof parent !== 'string') writer.reference(parent, counter);
  if (op.type === 'move') writer.reference(op.node, counter).stamp(op.stamp);
}

function parentKind(writer: OpWriter, parent: Parent): number {
  if (parent === 'root') return PARENT_ROOT;
  if (parent === 'trash') return PARENT_TRASH;
  return writer.isForeign(parent) ? PARENT_FOREIGN : PARENT_OWN;
}

function readOp(from: OpReader, id: OpId): TreeOp {
  const { reader } = from;
  const { counter } = id;
  const header = reader.byte();
  const kind = header & 3;
  if (kind === SET) {
    if (header >= 2 * PRESENT) reader.fail('malformed header');
    const node = from.reference((header & FOREIGN) !== 0, counter);
    const op = { type: 'set', id, stamp: from.stamp(), node, key: reader.varString(reader.left) } as const;
    return (header & PRESENT) === 0 ? op : { ...op, value: readValue(reader) };
  }
  if (kind !== CREATE && kind !== MOVE) reader.fail('unknown operation');
  const place = from.place((header >> PLACE_SHIFT) & 7, counter);
  const parent = readParent(from, (header >> PARENT_SHIFT) & 3, counter);
  const foreign = (header & MOVE_FOREIGN) !== 0;
  if (kind === MOVE) {
    const node = from.reference(foreign, counter);
    return { type: 'move', id, stamp: from.stamp(), node, parent, place };
  }
  if (foreign || parent === 'trash') return reader.fail('malformed header');
  return { type: 'create', id, parent, place };
}

function readParent(from: OpReader, kind: number, counter: number): Parent {
  if (kind === PARENT_ROOT) return 'root';
  return kind === PARENT_TRASH ? 'trash' : from.reference(kind === PARENT_FOREIGN, counter);
}
