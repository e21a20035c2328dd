/** What goes into a replica and what comes out of it. Nothing else crosses its boundary. */
import type { DocumentId, ReplicaId } from '../base/ids.ts';
import type { TraceEvent } from '../base/trace.ts';
import type { DocumentChange } from '../crdt/document/messages.ts';
import type { TextChange } from '../crdt/text/messages.ts';
import type { Lane, LinkId, SignalingState } from '../net/transport.ts';
import type { BatchKey, CommitResult, ScrubStep, StoreTransaction } from '../storage/store.ts';

/** Names one question to the outside; its answer carries the same token. */
export type Token = number;

/**
 * The signature that our own batch lacks. It is the last 64 bytes of the batch, and so of the message in `push` that
 * carries it: whoever signs fills it in there (`fillSignature`), in copies of its own.
 */
export interface Signing {
  /** What the device key signs. */
  readonly message: Uint8Array;
  /** The batch's place in the transaction. */
  readonly batch: number;
}

/** Our own batch on its way to the disk: a message for the data lane of each of these links. */
export interface Push {
  readonly linkIds: readonly LinkId[];
  readonly message: Uint8Array | undefined;
}

export type Input =
  /** Time has passed. Comes from a Worker about four times a second, and whenever `nextDueMs` says. */
  | { readonly type: 'tick' }
  | { readonly type: 'verified'; readonly token: Token; readonly holds: boolean }
  /** `signature`: 64 bytes, the one that the effect asked for; there when it did and the result is ok. */
  | {
      readonly type: 'committed';
      readonly token: Token;
      readonly result: CommitResult;
      readonly signature: Uint8Array | undefined;
    }
  | { readonly type: 'scrubbed'; readonly token: Token; readonly step: ScrubStep }
  /** `replicaId`: as `TransportEvent` has it. */
  | { readonly type: 'link-up'; readonly linkId: LinkId; readonly replicaId?: ReplicaId }
  | { readonly type: 'link-down'; readonly linkId: LinkId; readonly reason: string }
  | { readonly type: 'message'; readonly linkId: LinkId; readonly lane: Lane; readonly bytes: Uint8Array }
  /** Part of a long message came on this link. */
  | { readonly type: 'alive'; readonly linkId: LinkId }
  | { readonly type: 'signaling'; readonly state: SignalingState }
  /** The switch of the whole tab, or the browser's own state. */
  | { readonly type: 'online'; readonly online: boolean }
  | { readonly type: 'link-switched'; readonly peer: ReplicaId; readonly on: boolean };

export type Effect =
  | {
      readonly type: 'verify';
      readonly token: Token;
      readonly deviceKey: Uint8Array;
      readonly signature: Uint8Array;
      readonly message: Uint8Array;
    }
  /**
   * Signed first, then kept, then `push` leaves: once the transaction is on the disk, and only then, without waiting
   * for our next input. So a batch of our own costs one question to the outside, and not two.
   */
  | {
      readonly type: 'commit';
      readonly token: Token;
      readonly transaction: StoreTransaction;
      readonly sign: Signing | undefined;
      readonly push: Push;
    }
  /** Some of what the disk holds is to be read again: `recordsMax` batches behind `after`. */
  | {
      readonly type: 'scrub';
      readonly token: Token;
      readonly after: BatchKey | undefined;
      readonly recordsMax: number;
    }
  | { readonly type: 'send'; readonly linkId: LinkId; readonly lane: Lane; readonly bytes: Uint8Array }
  | { readonly type: 'drop-link'; readonly linkId: LinkId; readonly reason: string }
  /** Someone else's edit, already part of the document. */
  | {
      readonly type: 'text-changed';
      readonly documentId: DocumentId;
      readonly changes: readonly TextChange[];
      readonly author: ReplicaId;
    }
  /** The same in a document of named values. */
  | {
      readonly type: 'document-changed';
      readonly documentId: DocumentId;
      readonly changes: readonly DocumentChange[];
      readonly author: ReplicaId;
    }
  | { readonly type: 'presence-changed' }
  | { readonly type: 'status-changed' }
  /** Built only while the replica is traced. */
  | { readonly type: 'trace'; readonly event: TraceEvent };
