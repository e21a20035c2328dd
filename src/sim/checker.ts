/**
 * What may be checked, and when. A checker keeps its own picture of what must be true, brought up to date by each
 * event, so that checking after every event costs little; what cannot be kept up to date is looked at in whole now and
 * then (`checkpoint`). It belongs to one protocol, whose process is its `P`: sync today, membership and Raft later.
 */
import type { DocumentId } from '../base/ids.ts';
import type { TraceEvent } from '../base/trace.ts';
import type { TextChange } from '../crdt/text/messages.ts';
import type { LinkId } from '../net/transport.ts';
import type { CommitResult, StoreTransaction } from '../storage/store.ts';
import type { ReplicaProcess } from './replica-process.ts';

/** How a process ended. `power`: its device lost what was not synced. */
export type Ending = 'close' | 'crash' | 'power';

export interface Checker<P> {
  /** What a violation is reported under. */
  readonly invariant: string;
  /** A process has begun with what its disk held. */
  opened?(process: P): void;
  stopped?(process: P, ending: Ending): void;
  /** A message leaves, on whichever way; the link is named after the session at its other end. */
  sending?(process: P, bytes: Uint8Array, linkId: LinkId): void;
  /** After each event at a process: input, answer or call, with all that it brought about there. */
  after?(process: P): void;
  /** Every thousand events, and at the end: in whole. */
  checkpoint?(processes: readonly P[]): void;
}

/** What replicas do beside. */
export interface SyncChecker extends Checker<ReplicaProcess> {
  edited?(process: ReplicaProcess, documentId: DocumentId, changes: readonly TextChange[]): void;
  /** Another's edit came into the document. */
  shown?(process: ReplicaProcess, documentId: DocumentId, changes: readonly TextChange[]): void;
  traced?(process: ReplicaProcess, event: TraceEvent): void;
  /** Handed to the disk. */
  keeping?(process: ReplicaProcess, transaction: StoreTransaction): void;
  /** The disk has done it, and says so if the process is still there. */
  kept?(process: ReplicaProcess, transaction: StoreTransaction, result: CommitResult): void;
  /** The process has heard of it. */
  confirmed?(process: ReplicaProcess, transaction: StoreTransaction): void;
}

export class Violation extends Error {
  override readonly name = 'Violation';
  readonly invariant: string;
  constructor(invariant: string, message: string) {
    super(message);
    this.invariant = invariant;
  }
}

/** For checkers: what must hold, said as a sentence that tells what did not. */
export function must(holds: boolean, invariant: string, message: () => string): void {
  if (!holds) throw new Violation(invariant, message());
}
