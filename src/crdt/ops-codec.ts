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

/**
 * Operations until the end of the bytes. Each takes as many counters as `countersOf` says, or one, all of them together
 * `counters` where that is known.
 */
export function readOps<Op>(
  reader: Reader,
  replicaId: ReplicaId,
  firstCounter: number,
  counters: number | undefined,
  read: (id: OpId) => Op,
  countersOf?: (op: Op) => number,
): readonly Op[] {
  const ops: Op[] = [];
  let counter = firstCounter;
  while (reader.left > 0) {
    const op = read({ replicaId, counter });
    counter += countersOf?.(op) ?? 1;
    if (counter > counterMax) reader.fail('counter out of range');
    if (!reader.looks) ops.push(op);
  }
  if (counters !== undefined && counter !== firstCounter + counters) reader.fail('counters do not add up');
  return ops;
}

/** A count and as many references, each of at least two bytes. Whoever only looks keeps the first. */
export function readReferences(reader: Reader, read: () => OpId): readonly OpId[] {
  const count = reader.varUint(reader.left >> 1);
  const references: OpId[] = [];
  for (let i = 0; i < count; i++) {
    const reference = read();
    if (i === 0 || !reader.looks) references.push(reference);
  }
  return references;
}
