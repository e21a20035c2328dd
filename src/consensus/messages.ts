/**
 * What members say to each other: the remote procedures of Raft as messages, requests and answers apart, so that all may be lost,
 * doubled and overtaken (Ongaro's thesis, figures 3.1, 3.11 and 5.3; sections 3.10, 6.4 and 9.6 for the rest).
 *
 * `term` is the sender's, except in the two rounds of an election, where it is the term voted on. Proposals and reads on their
 * way to the leader belong to no term: theirs is 0.
 */
import type { Entry, MemberId, Proposal, Snapshot } from './entry.ts';

interface Envelope {
  readonly from: MemberId;
  readonly to: MemberId;
  readonly term: number;
}

/** May I, before my term rises (`pre-vote`)? Will you (`request-vote`)? */
export interface VoteRequest extends Envelope {
  readonly type: 'pre-vote' | 'request-vote';
  readonly lastLogIndex: number;
  readonly lastLogTerm: number;
  /** The leader asked for this election, so its lease is no reason to refuse. */
  readonly transfer: boolean;
}

export interface VoteResponse extends Envelope {
  readonly type: 'pre-vote-response' | 'request-vote-response';
  readonly granted: boolean;
}

export interface AppendEntries extends Envelope {
  readonly type: 'append-entries';
  readonly prevLogIndex: number;
  readonly prevLogTerm: number;
  readonly leaderCommit: number;
  readonly entries: readonly Entry[];
  /** The leader's name for this stretch of replication; comes back with the answer. 0: not used. */
  readonly session: number;
}

export interface AppendResponse extends Envelope {
  readonly type: 'append-response';
  /** Stored up to here; or, refused, the index after which the entries were to stand. */
  readonly index: number;
  /** Where the sender's log might match the leader's. `hintTerm` is 0 when unknown. */
  readonly refused?: { readonly hintIndex: number; readonly hintTerm: number };
  readonly session: number;
}

export interface InstallSnapshot extends Envelope {
  readonly type: 'install-snapshot';
  readonly snapshot: Snapshot;
  readonly session: number;
}

export interface Heartbeat extends Envelope {
  readonly type: 'heartbeat';
  /** Never above what the receiver is known to have stored. */
  readonly leaderCommit: number;
  /** Which round of heartbeats of this term this is, from 1. */
  readonly round: number;
}

export interface HeartbeatResponse extends Envelope {
  readonly type: 'heartbeat-response';
  readonly round: number;
}

/** Begin an election at once: leadership is handed over. */
export interface TimeoutNow extends Envelope {
  readonly type: 'timeout-now';
}

/** Passed on to the leader. */
export interface ForwardedTransfer extends Envelope {
  readonly type: 'transfer-leadership';
  readonly transferee: MemberId;
}

export interface ForwardedProposal extends Envelope {
  readonly type: 'propose';
  readonly proposals: readonly Proposal[];
}

export interface ReadIndexRequest extends Envelope {
  readonly type: 'read-index';
  /** The asker's name for this read; comes back with the answer. */
  readonly context: Uint8Array;
}

export interface ReadIndexResponse extends Envelope {
  readonly type: 'read-index-response';
  readonly index: number;
  readonly context: Uint8Array;
}

export type Message =
  | VoteRequest
  | VoteResponse
  | AppendEntries
  | AppendResponse
  | InstallSnapshot
  | Heartbeat
  | HeartbeatResponse
  | TimeoutNow
  | ForwardedTransfer
  | ForwardedProposal
  | ReadIndexRequest
  | ReadIndexResponse;

/** Answers make sense from members only: of others nothing is known that they could change. */
export function isResponse({ type }: Message): boolean {
  return (
    type === 'append-response' ||
    type === 'request-vote-response' ||
    type === 'pre-vote-response' ||
    type === 'heartbeat-response' ||
    type === 'read-index-response'
  );
}
