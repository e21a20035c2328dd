/**
 * What the cores tell of themselves. Checkers, the network view and the simulator read the same events; when
 * nobody subscribes, no event is built.
 */
import type { BatchId, ReplicaId } from './ids.ts';

export type TraceEvent =
  | {
      readonly type: 'batch-closed';
      readonly replicaId: ReplicaId;
      readonly sequence: number;
      readonly batchId: BatchId;
    }
  | { readonly type: 'batch-persisted'; readonly replicaId: ReplicaId; readonly sequence: number }
  | {
      readonly type: 'batch-received';
      readonly replicaId: ReplicaId;
      readonly sequence: number;
      readonly from: ReplicaId;
    }
  | { readonly type: 'batch-delivered'; readonly replicaId: ReplicaId; readonly sequence: number }
  | {
      readonly type: 'batch-sent';
      readonly replicaId: ReplicaId;
      readonly sequence: number;
      readonly to: ReplicaId;
    }
  /** Two batches of this log have number `sequence`: it has branches from there on. */
  | { readonly type: 'log-forked'; readonly replicaId: ReplicaId; readonly sequence: number }
  | { readonly type: 'refused'; readonly reason: string; readonly from?: ReplicaId }
  | { readonly type: 'link-up'; readonly peer: ReplicaId }
  | { readonly type: 'link-down'; readonly peer: ReplicaId; readonly reason: string }
  | {
      readonly type: 'clocks-exchanged';
      readonly peer: ReplicaId;
      readonly behind: number;
      readonly ahead: number;
    }
  /** We accuse it; `phi` is 0 where it was not its silence that told us, but its link that ended. */
  | {
      readonly type: 'suspected';
      readonly replicaId: ReplicaId;
      readonly phi: number;
      readonly threshold: number;
    }
  /** A suspect did not answer us in time; so many confirmed our accusation, or the one we had heard. */
  | {
      readonly type: 'buried';
      readonly replicaId: ReplicaId;
      readonly incarnation: number;
      readonly confirmations: number;
    }
  /** A suspect has answered. */
  | { readonly type: 'refuted'; readonly replicaId: ReplicaId; readonly incarnation: number }
  /** What a member is taken for from now on. */
  | {
      readonly type: 'member';
      readonly replicaId: ReplicaId;
      readonly state: 'alive' | 'suspect' | 'left' | 'dead';
      readonly incarnation: number;
    }
  | { readonly type: 'not-kept'; readonly reason: string }
  | { readonly type: 'kept-again' };

/** An event with when (monotonic milliseconds) and where it happened. */
export interface Traced {
  readonly atMs: number;
  readonly event: TraceEvent;
}

/** A bounded ring of the last events, oldest first. */
export class TraceRing {
  readonly #events: Traced[] = [];
  readonly #capacity: number;
  #subscribers = new Set<(traced: Traced) => void>();

  constructor(capacity = 2048) {
    this.#capacity = capacity;
  }

  record(atMs: number, event: TraceEvent): void {
    const traced = { atMs, event };
    this.#events.push(traced);
    if (this.#events.length > 2 * this.#capacity)
      this.#events.splice(0, this.#events.length - this.#capacity);
    for (const notify of this.#subscribers) notify(traced);
  }

  events(): readonly Traced[] {
    return this.#events.slice(-this.#capacity);
  }

  subscribe(notify: (traced: Traced) => void): () => void {
    this.#subscribers.add(notify);
    return () => this.#subscribers.delete(notify);
  }
}

/** Counts what was refused or dropped, by reason: nothing from outside disappears silently. */
export class Counters {
  readonly #counts = new Map<string, number>();
  add(reason: string): void {
    this.#counts.set(reason, (this.#counts.get(reason) ?? 0) + 1);
  }
  get(reason: string): number {
    return this.#counts.get(reason) ?? 0;
  }
  entries(): ReadonlyMap<string, number> {
    return this.#counts;
  }
}
