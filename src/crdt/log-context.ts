/**
 * A context for whoever uses this library alone. A replica of the app makes its own, since its clock and its counter
 * belong to the log of a space.
 */
import { assert } from '../base/assert.ts';
import { isId, type ReplicaId } from '../base/ids.ts';
import { HybridLogicalClock } from '../clocks/hybrid-logical-clock.ts';
import type { Context } from './context.ts';

/**
 * `replicaId`: 32 lower-case hex digits, drawn at random once for each place that writes (a tab, a process) and never used by
 * two at once. `wallMs`: the time in milliseconds since 1970; in a browser or in Node, `Date.now`.
 */
export function logContext(replicaId: string, wallMs: () => number): Context {
  assert(isId(replicaId), 'a replica id is 32 lower-case hex digits');
  const clock = new HybridLogicalClock();
  return {
    replicaId: replicaId as ReplicaId,
    counter: { next: 0 },
    stamp: overwritten => clock.stampOver(overwritten, wallMs()),
  };
}
