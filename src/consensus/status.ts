/** What a member tells of itself: for people, metrics and tests. */
import type { Configuration } from './configuration.ts';
import type { MemberId } from './entry.ts';
import { leaseHolds } from './leader.ts';
import type { ProgressState } from './progress.ts';
import type { RaftState, Role } from './state.ts';

export interface MemberStatus {
  readonly state: ProgressState;
  readonly matchIndex: number;
  readonly nextIndex: number;
  readonly isLearner: boolean;
  readonly paused: boolean;
  /** 0 unless a snapshot is on its way. */
  readonly pendingSnapshot: number;
  readonly recentlyActive: boolean;
  readonly inflightCount: number;
  readonly inflightBytes: number;
  readonly inflightFull: boolean;
}

export interface Status {
  readonly id: MemberId;
  readonly term: number;
  readonly votedFor: MemberId;
  readonly role: Role;
  readonly leaderId: MemberId;
  readonly commitIndex: number;
  readonly applied: number;
  readonly firstIndex: number;
  readonly lastIndex: number;
  readonly configuration: Configuration;
  readonly isVoter: boolean;
  readonly transferee: MemberId;
  readonly uncommittedBytes: number;
  readonly hasLease: boolean;
  /** Replication waits for a snapshot of the state as it is applied now: take one. */
  readonly wantsSnapshot: boolean;
  /** Of every member, by ascending id; only the leader knows. */
  readonly progress: ReadonlyMap<MemberId, MemberStatus>;
}

export function statusOf(raft: RaftState): Status {
  const { id, term, votedFor, role, leaderId, log, tracker, isVoter, transferee, uncommittedBytes } = raft;
  const progress = new Map<MemberId, MemberStatus>();
  if (role === 'leader') {
    for (const [member, known] of tracker.progress) {
      const { state, matchIndex, nextIndex, isLearner, paused, pendingSnapshot, recentlyActive, inflights } =
        known;
      progress.set(member, {
        state,
        matchIndex,
        nextIndex,
        isLearner,
        paused,
        pendingSnapshot,
        recentlyActive,
        inflightCount: inflights.count,
        inflightBytes: inflights.bytes,
        inflightFull: inflights.full,
      });
    }
  }
  return {
    id,
    term,
    votedFor,
    role,
    leaderId,
    commitIndex: log.committed,
    applied: log.applied,
    firstIndex: log.firstIndex,
    lastIndex: log.lastIndex,
    configuration: tracker.configuration,
    isVoter,
    transferee,
    uncommittedBytes,
    wantsSnapshot: raft.snapshotWanted,
    hasLease: role === 'leader' && leaseHolds(raft),
    progress,
  };
}
