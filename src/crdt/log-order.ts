/**
 * What all values of a log share when they draw ids and take in operations: the operations of one replica reach a
 * value in the order of their counters (the log is gap-free), so the first counter not seen of each replica says
 * exactly which of its operations are here, and a repeat is one below it.
 */
import { assert } from '../base/assert.ts';
import { isId } from '../base/ids.ts';
import { counterMax } from '../base/limits.ts';
import type { Context, OpId } from './context.ts';

/** The next id of the log; `floor` is the first counter of it that the value has not seen. */
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
  if (!isId(replicaId)) return 'malformed replica id';
  const inRange = Number.isSafeInteger(counter) && counter >= 0 && counter < counterMax;
  return inRange ? undefined : 'counter out of range';
}
