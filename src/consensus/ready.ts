/**
 * What a member asks of the world around it, in one piece: to write, to send, to apply.
 *
 * **Synchronous writes:** write `hardState`, `entries` and `snapshot`, then send `messages`, apply `committed`, and call `advance()`.
 * **Asynchronous writes:** send `messages` at once, give `persist` to the disk and `apply` to the state machine, and go on. What is given to one
 * of them is done in order; when a `persist` is done, send its `responses` (those to this member itself go back into `step`) and call
 * `persisted(done)`; when an `apply` is done, `applied(done)`.
 */
import type { Entry, EntryId, HardState, MemberId, Snapshot } from './entry.ts';
import type { Message } from './messages.ts';
import type { ReadState, Role } from './state.ts';

export interface SoftState {
  readonly leaderId: MemberId;
  readonly role: Role;
}

export interface Ready {
  /** Where it changed. Not kept. */
  readonly softState?: SoftState;
  /** Where it changed. */
  readonly hardState?: HardState;
  readonly readStates: readonly ReadState[];
  /** To be written, at and after the first index in place of what is there. */
  readonly entries: readonly Entry[];
  /** To be written and applied, in place of all that was there. */
  readonly snapshot?: Snapshot;
  /** To be applied, in order. Each with a configuration change is given back through `applyChange`. */
  readonly committed: readonly Entry[];
  readonly messages: readonly Message[];
  /** Whether the write must have reached the disk: it does not matter for a commit index alone. */
  readonly mustSync: boolean;
  readonly persist?: PersistWork;
  readonly apply?: ApplyWork;
}

export interface PersistWork {
  readonly hardState?: HardState;
  readonly entries: readonly Entry[];
  readonly snapshot?: Snapshot;
  /** They promise what this write, and those before, make true. */
  readonly responses: readonly Message[];
  readonly done?: PersistDone;
}

/** Up to where the log is on disk after a write. */
export interface PersistDone {
  /**
   * The term in which the write began. Meanwhile a later leader may have overwritten these entries, and another one may have written the very
   * same ones again: in a later term this answer says nothing of the log.
   */
  readonly term: number;
  readonly last?: EntryId;
  readonly snapshot?: Snapshot;
}

export interface ApplyWork {
  readonly entries: readonly Entry[];
  readonly done: ApplyDone;
}

export interface ApplyDone {
  readonly entries: readonly Entry[];
}
