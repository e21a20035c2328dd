/**
 * Pieces of operation codecs: a section holds the operations of one author, which take up its counters without gaps, so
 * that ids are not written: the reader counts.
 */
import { assert } from '../base/assert.ts';
import type { Reader } from '../base/codec.ts';
import type { ReplicaId } from '../base/ids.ts';
import { counterMax } from '../base/limits.ts';
import type { OpId } from './context.ts';

/** A programmer's error when an operation to encode is not the one whose turn it is. */
export function assertDense(id: OpId, replicaId: ReplicaId, counter: number): void {
  assert(id.replicaId === replicaId && id.counter === counter, 'one replica, dense counters');
}

export function readVersion(reader: Reader, version: number): void {
  if (reader.byte() !== version) reader.fail('unknown version');
}

/** Operations of one counter each, until the end of the bytes. */
export function readOps<Op>(
  reader: Reader,
  replicaId: ReplicaId,
  firstCounter: number,
  read: (id: OpId) => Op,
): readonly Op[] {
  const ops: Op[] = [];
  for (let counter = firstCounter; reader.left > 0; counter++) {
    if (counter >= counterMax) reader.fail('counter out of range');
    ops.push(read({ replicaId, counter }));
  }
  return ops;
}

/** A count and as many references, each of at least two bytes. */
export function readReferences(reader: Reader, read: () => OpId): readonly OpId[] {
  const count = reader.varUint(reader.left >> 1);
  const references: OpId[] = [];
  for (let i = 0; i < count; i++) references.push(read());
  return references;
}
