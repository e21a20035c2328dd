/**
 * What every CRDT of a log is handed: whose log it is, the log's one dense counter, and how to stamp a write that
 * others may overwrite. A CRDT never asks for the time itself.
 */
import type { ReplicaId } from '../base/ids.ts';
import type { HybridTime } from '../clocks/hybrid-logical-clock.ts';
import type { Counter } from './counter.ts';

/**
 * Names one operation, or one thing an operation made, for ever: the `counter`-th id that replica `replicaId` gave
 * out. An operation that makes several things (the characters of an insert) uses as many counters.
 */
export interface OpId {
  readonly replicaId: ReplicaId;
  readonly counter: number;
}

/** Made in one place, so that all ids have one shape (`insertOp` in `text/messages.ts` says why). */
export function opId(replicaId: ReplicaId, counter: number): OpId {
  return { replicaId, counter };
}

export interface Context {
  readonly replicaId: ReplicaId;
  /** Shared by all values of the log that `replicaId` writes. */
  readonly counter: Counter;
  /**
   * A stamp for a write made here now: the later of this replica's clock and one step after `overwritten`, so that
   * whoever saw a value can always replace it, however wrong the clock of whoever wrote it.
   */
  readonly stamp: (overwritten?: HybridTime) => HybridTime;
}

/** The total order of ids: the stable replica id, then the counter. Never the order in which a replica met them. */
export function compareOpIds(a: OpId, b: OpId): number {
  if (a.replicaId !== b.replicaId) return a.replicaId < b.replicaId ? -1 : 1;
  return a.counter - b.counter;
}

/** What applying a list of operations did: all of it, or nothing and why. */
export type Applied<Change> =
  | { readonly ok: true; readonly changes: readonly Change[] }
  | { readonly ok: false; readonly reason: string };
