/**
 * What a document says to the others: batches of entries. See SPEC.md for the rules, docs/protocols/document.md for
 * the bytes.
 */
import type { ReplicaId } from '../../base/ids.ts';
import type { OpId } from '../context.ts';
import type { MapChange } from '../map/messages.ts';
import type { LeafChange, LeafOp } from './kinds.ts';
import type { MapOp } from '../map/messages.ts';

/**
 * The name of a value: where it stands and of which kind it is, never who made it, so two replicas that create the same
 * value at once have created one. `parent` is the map around it; only the root map has none.
 */
export interface ContainerId {
  readonly parent: ContainerId | undefined;
  readonly key: string;
  /** Code of the kind, also of one that only a newer version knows. */
  readonly kind: number;
}

/** Operations of one value, by one replica, taking up its counters without gaps. */
export interface EditEntry {
  readonly type: 'edit';
  readonly container: ContainerId;
  /** How many counters `ops` take. */
  readonly counters: number;
  readonly ops: readonly (LeafOp | MapOp)[];
}

/** An entry of a kind or a version unknown here, kept as it came, so that a newer version reads it later. */
export interface UnreadEntry {
  readonly type: 'unread';
  readonly container: ContainerId;
  readonly counters: number;
  readonly bytes: Uint8Array;
}

export type Entry = EditEntry | UnreadEntry;

/** What one replica did in one transaction: applied whole or not at all. */
export interface DocumentBatch {
  readonly replicaId: ReplicaId;
  /** Where the author's batch before it stopped. The entries follow each other from here without gaps. */
  readonly firstCounter: number;
  /**
   * How much later its Lamport time is than that of the author's batch before it, at least 1. Time and replica id
   * give all batches one order that respects causality.
   */
  readonly step: number;
  /**
   * The last operations of others that it was made after, as far as neither the author's batch before it nor another
   * of these says so already. Rising by replica id.
   */
  readonly dependencies: readonly OpId[];
  readonly entries: readonly Entry[];
}

/** What changed in one value. `changes` are those of its kind, in the order they happened. */
export interface DocumentChange {
  /** The keys that lead to the value; none for the root map. */
  readonly path: readonly string[];
  readonly kind: string;
  readonly changes: readonly (LeafChange | MapChange)[];
}

/** One a transaction, a local one or one that was applied. */
export interface DocumentEvent {
  readonly local: boolean;
  readonly batch: DocumentBatch;
  readonly changes: readonly DocumentChange[];
}

/** Counters a batch takes. */
export function countersOfBatch(batch: DocumentBatch): number {
  let counters = 0;
  for (const entry of batch.entries) counters += entry.counters;
  return counters;
}

/** The keys that lead to `container`. */
export function pathOf(container: ContainerId): string[] {
  const path: string[] = [];
  for (let at = container; at.parent !== undefined; at = at.parent) path.push(at.key);
  return path.reverse();
}
