/**
 * What all values of a log share when they draw ids and take in operations: the operations of one replica reach a
 * value in the order of their counters (a log has no gaps), so the first counter not seen of each replica says
 * exactly which of its operations are here, and a repeat is one below it.
 */
import { assert } from '../base/assert.ts';
import { isId, type ReplicaId } from '../base/ids.ts';
import { counterMax } from '../base/limits.ts';
import type { ReadonlyVectorClock } from '../clocks/vector-clock.ts';
import type { Context, OpId } from './context.ts';

/** The next id of the log, for an operation of one counter; `floor` is the first counter of ours not seen. */
export function drawId(context: Context, floor: number): OpId {
  const { counter, replicaId } = context;
  const drawn = counter.next;
  assert(drawn >= floor, 'the counter is past every id of our own log');
  assert(drawn < counterMax, 'the log has counters left');
  counter.next = drawn + 1;
  return { replicaId, counter: drawn };
}

/** The reason to refuse an operation of one counter for its id, or `undefined`. */
export function refuseId({ replicaId, counter }: OpId): string | undefined {
  if (replicaId !== wellFormed) {
    if (!isId(replicaId)) return 'malformed replica id';
    wellFormed = replicaId;
  }
  const inRange = Number.isSafeInteger(counter) && counter >= 0 && counter < counterMax;
  return inRange ? undefined : 'counter out of range';
}

/** Found well-formed last: those of one list are mostly of one replica. */
let wellFormed = '';

/** What will have been seen after some operations of a list, while the list is still being checked. */
export class SeenThen {
  readonly #seen: ReadonlyVectorClock;
  /** Made when first needed: most lists are one operation. */
  #more: Map<ReplicaId, number> | undefined = undefined;

  constructor(seen: ReadonlyVectorClock) {
    this.#seen = seen;
  }

  has({ replicaId, counter }: OpId): boolean {
    return counter < (this.#more?.get(replicaId) ?? this.#seen.get(replicaId) ?? 0);
  }

  add({ replicaId, counter }: OpId): void {
    this.#more ??= new Map<ReplicaId, number>();
    this.#more.set(replicaId, counter + 1);
  }
}
