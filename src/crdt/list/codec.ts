/** Operations of a list as bytes; docs/protocols/list.md describes them. */
import { assert } from '../../base/assert.ts';
import { decodeTwice, type Decoded } from '../../base/codec.ts';
import type { ReplicaId } from '../../base/ids.ts';
import { counterMax } from '../../base/limits.ts';
import type { OpId } from '../context.ts';
import { readOps } from '../ops-codec.ts';
import { OpReader, OpWriter } from '../op-bytes.ts';
import { readValue, writeValue, type Value } from '../value.ts';
import { countersOfListOp, type ListOp } from './messages.ts';

const listOpsVersion = 1;

/** Bits 0 and 1 of a header: the operation. */
const INSERT = 0;
const DELETE = 1;
const MOVE = 2;
const SET = 3;
/** Insert and move, bits 2 to 4: the place. */
const PLACE_SHIFT = 2;
/** Insert, bits 5 to 7: how many values, 0 when a varint of them follows. */
const COUNT_SHIFT = 5;
const countInlineMax = 7;
/** Move, bit 5: the element is another replica's. */
const MOVE_FOREIGN = 32;
/** Delete and set, bit 2: so is the target or element. */
const FOREIGN = 4;
/** Delete, bits 3 to 7: how many elements, 0 when a varint of them follows. */
const LENGTH_SHIFT = 3;
const lengthInlineMax = 31;

/** `ops` must be `replicaId`'s and take up its counters from `firstCounter` without gaps. */
export function encodeListOps(
  ops: readonly ListOp[],
  replicaId: ReplicaId,
  firstCounter: number,
): Uint8Array<ArrayBuffer> {
  const writer = new OpWriter(replicaId);
  let counter = firstCounter;
  for (const op of ops) {
    assert(op.id.replicaId === replicaId && op.id.counter === counter, 'one replica, dense counters');
    writeOp(writer, op);
    counter += countersOfListOp(op);
  }
  return writer.finish(listOpsVersion);
}

/** Whatever the bytes are: operations of `replicaId` from `firstCounter` on, or the reason why not. */
export function decodeListOps(
  bytes: Uint8Array,
  replicaId: ReplicaId,
  firstCounter: number,
  counters?: number,
): Decoded<readonly ListOp[]> {
  return decodeTwice(bytes, reader => {
    const from = new OpReader(reader, replicaId, listOpsVersion);
    let taken = 1;
    const count = (values: number) => (taken = values);
    const read = (id: OpId) => readOp(from, id, count);
    return readOps(reader, replicaId, firstCounter, counters, read, op =>
      op.type === 'insert' ? taken : countersOfListOp(op),
    );
  });
}

function writeOp(writer: OpWriter, op: ListOp): void {
  const { body } = writer;
  const { counter } = op.id;
  switch (op.type) {
    case 'insert': {
      const count = op.values.length;
      const inline = count <= countInlineMax;
      body.byte(
        INSERT | (writer.placeBits(op.place, counter) << PLACE_SHIFT) | (inline ? count << COUNT_SHIFT : 0),
      );
      if (!inline) body.varUint(count);
      writer.place(op.place, counter);
      for (const value of op.values) writeValue(body, value);
      break;
    }
    case 'delete': {
      const inline = op.length <= lengthInlineMax;
      body.byte(
        DELETE | (writer.isForeign(op.target) ? FOREIGN : 0) | (inline ? op.length << LENGTH_SHIFT : 0),
      );
      if (!inline) body.varUint(op.length);
      writer.reference(op.target, counter);
      break;
    }
    case 'move':
      body.byte(
        MOVE |
          (writer.placeBits(op.place, counter) << PLACE_SHIFT) |
          (writer.isForeign(op.element) ? MOVE_FOREIGN : 0),
      );
      writer.place(op.place, counter).reference(op.element, counter).stamp(op.stamp);
      break;
    case 'set':
      body.byte(SET | (writer.isForeign(op.element) ? FOREIGN : 0));
      writer.reference(op.element, counter).stamp(op.stamp);
      writeValue(body, op.value);
  }
}

/** `count` is told how many values an insert has: whoever only looks keeps none. */
function readOp(from: OpReader, id: OpId, count: (values: number) => void): ListOp {
  const { reader } = from;
  const { counter } = id;
  const header = reader.byte();
  switch (header & 3) {
    case INSERT: {
      const inline = header >> COUNT_SHIFT;
      // A value takes at least a byte.
      const length = inline === 0 ? reader.varUint(reader.left) : inline;
      if (length === 0) reader.fail('no values');
      count(length);
      const place = from.place((header >> PLACE_SHIFT) & 7, counter);
      const values: Value[] = [];
      for (let i = 0; i < length; i++) {
        const value = readValue(reader);
        if (!reader.looks) values.push(value);
      }
      return { type: 'insert', id, place, values };
    }
    case DELETE: {
      const inline = header >> LENGTH_SHIFT;
      const length = inline === 0 ? reader.varUint(counterMax) : inline;
      if (length === 0) reader.fail('empty delete');
      return { type: 'delete', id, target: from.reference((header & FOREIGN) !== 0, counter), length };
    }
    case MOVE: {
      if (header >= 2 * MOVE_FOREIGN) reader.fail('malformed header');
      const place = from.place((header >> PLACE_SHIFT) & 7, counter);
      const element = from.reference((header & MOVE_FOREIGN) !== 0, counter);
      return { type: 'move', id, stamp: from.stamp(), element, place };
    }
    default: {
      if (header >= 2 * FOREIGN) reader.fail('malformed header');
      const element = from.reference((header & FOREIGN) !== 0, counter);
      return { type: 'set', id, stamp: from.stamp(), element, value: readValue(reader) };
    }
  }
}
