/**
 * What a leader does with answers, proposals and reads (Ongaro's thesis, sections 3.5, 3.6, 3.10, 4.2, 6.2 and 6.4).
 */
import { isJoint } from './configuration.ts';
import { emptyProposal, nobody, type MemberId, type Proposal } from './entry.ts';
import { readIndexPendingMax } from '../base/limits.ts';
import type { AppendResponse, HeartbeatResponse, ReadIndexRequest } from './messages.ts';
import type { Progress } from './progress.ts';
import { jointReached } from './quorum.ts';
import { broadcastAppend, broadcastHeartbeat, sendAppend } from './replicate.ts';
import { done, type ProposeResult, type StepResult } from './results.ts';
import type { RaftState } from './state.ts';

export function onProposals(raft: RaftState, proposals: readonly Proposal[]): ProposeResult {
  if (!raft.tracker.progress.has(raft.id)) return { ok: false, reason: 'not-member' };
  if (raft.transferee !== nobody) return { ok: false, reason: 'handing-over' };
  const first = raft.log.lastIndex + 1;
  const admitted = proposals.map((proposal, at) => admit(raft, proposal, first + at));
  if (!raft.appendOwn(admitted)) return { ok: false, reason: 'too-much-pending' };
  broadcastAppend(raft);
  return { ok: true, index: first };
}

/**
 * A configuration change that cannot be applied becomes an empty entry, in its place: whoever waits for that index learns of it. At most
 * one change is on its way: two of them, unapplied, could make two majorities that do not overlap (section 4.1).
 */
function admit(raft: RaftState, proposal: Proposal, index: number): Proposal {
  if (proposal.type === 'normal') return proposal;
  const leaves = proposal.change.changes.length === 0;
  const pending = raft.pendingChangeIndex > raft.log.applied;
  const fits = !pending && isJoint(raft.tracker.configuration) === leaves;
  if (!fits && raft.config.validateChanges) return emptyProposal;
  raft.pendingChangeIndex = index;
  return proposal;
}

/** Commits what a quorum has stored. Everything else that became possible by it follows. */
export function advanceCommit(raft: RaftState): boolean {
  if (!raft.log.commitIfOfTerm(raft.tracker.committed(), raft.term)) return false;
  const { earlyReads } = raft;
  if (earlyReads.length === 0) return true;
  raft.earlyReads = [];
  for (const read of earlyReads) onRead(raft, read);
  return true;
}

export function onAppendResponse(raft: RaftState, progress: Progress, message: AppendResponse): StepResult {
  const { from, index, refused, session } = message;
  const isOwn = from === raft.id;
  // Of an earlier stretch: the member was removed since, and what it had stored may be gone.
  if (!isOwn && session !== progress.session) return done;
  progress.recentlyActive = true;
  if (refused !== undefined) {
    const { hintIndex, hintTerm } = refused;
    // It names the last entry it might share; our terms there may show that only an earlier one can be shared.
    const hint = hintTerm > 0 ? raft.log.lastPossibleMatch(hintIndex, hintTerm).index : hintIndex;
    if (!progress.refused(index, hint)) return done;
    if (progress.state === 'replicate') progress.becomeProbe();
    sendAppend(raft, from);
    return done;
  }
  if (index > raft.log.lastIndex) return { ok: false, reason: 'acknowledges-unknown' };
  // One that acknowledges nothing new still ends a search.
  const found = progress.state === 'probe' && progress.matchIndex === index;
  if (!progress.acknowledged(index) && !found) return done;
  if (progress.state === 'replicate') progress.inflights.freeUpTo(index);
  else if (progress.state === 'probe' || progress.matchIndex + 1 >= raft.log.firstIndex)
    progress.becomeReplicate();
  if (advanceCommit(raft)) broadcastAppend(raft);
  else if (!isOwn && progress.wantsCommit(raft.log.committed)) sendAppend(raft, from);
  if (isOwn) return done;
  // The window may have opened for several appends.
  while (sendAppend(raft, from, false));
  if (from === raft.transferee && progress.matchIndex === raft.log.lastIndex) handOver(raft, from);
  return done;
}

export function onHeartbeatResponse(
  raft: RaftState,
  progress: Progress,
  { from, round }: HeartbeatResponse,
): void {
  progress.recentlyActive = true;
  progress.flowPaused = false;
  // Also when it has everything and is being searched for: its answer ends that.
  if (progress.matchIndex < raft.log.lastIndex || progress.state === 'probe') sendAppend(raft, from);
  raft.reads.answered(from, round);
  confirmReads(raft);
}

/** Answers the reads that a quorum has confirmed. */
export function confirmReads(raft: RaftState): void {
  const { reads } = raft;
  const round = jointReached(raft.tracker.configuration, id =>
    id === raft.id ? reads.round : reads.answeredBy(id),
  );
  for (const read of reads.confirm(round)) answerRead(raft, read, read.index);
}

/** `from` is nobody or this member itself for its own reads. */
export function onRead(raft: RaftState, request: ReadIndexRequest): StepResult {
  const { log, reads, earlyReads } = raft;
  if (reads.pendingCount + earlyReads.length >= readIndexPendingMax) {
    return { ok: false, reason: 'too-much-pending' };
  }
  // Until then this leader does not know what earlier ones committed.
  if (log.term(log.committed) !== raft.term) {
    earlyReads.push(request);
    return done;
  }
  const index = log.committed;
  if ((raft.tracker.isSingleton && raft.isVoter) || leaseHolds(raft)) answerRead(raft, request, index);
  else {
    const round = broadcastHeartbeat(raft);
    reads.add({ from: request.from, context: request.context, index, round });
  }
  return done;
}

function answerRead(raft: RaftState, read: Pick<ReadIndexRequest, 'from' | 'context'>, index: number): void {
  const { from: to, context } = read;
  if (to === nobody || to === raft.id) raft.readStates.push({ index, context });
  else raft.send({ type: 'read-index-response', from: raft.id, to, term: raft.term, index, context });
}

/** Whether no other member can have been elected: see read-rounds.ts. A hand-over goes past all promises. */
export function leaseHolds(raft: RaftState): boolean {
  const { reads, electionTicks, leaseDriftTicks } = raft.config;
  if (reads !== 'lease' || raft.handedOver) return false;
  const sentAtTick = raft.reads.confirmedSentAtTick;
  return sentAtTick !== undefined && raft.ticks - sentAtTick < electionTicks - leaseDriftTicks;
}

/** Hands leadership to `to` as soon as its log is complete (section 3.10). Proposals stop meanwhile, for an election timeout at most. */
export function transferTo(raft: RaftState, to: MemberId): void {
  const progress = raft.tracker.progress.get(to);
  if (progress === undefined || progress.isLearner || to === raft.transferee) return;
  raft.transferee = nobody;
  if (to === raft.id) return;
  raft.electionElapsed = 0;
  raft.transferee = to;
  if (progress.matchIndex === raft.log.lastIndex) handOver(raft, to);
  else sendAppend(raft, to);
}

function handOver(raft: RaftState, to: MemberId): void {
  raft.handedOver = true;
  raft.send({ type: 'timeout-now', from: raft.id, to, term: raft.term });
}

/** A leader that hears of no quorum may have been replaced without knowing (section 6.2). */
export function checkQuorum(raft: RaftState): void {
  if (!raft.tracker.quorumActive()) {
    raft.becomeFollower(raft.term, nobody);
    return;
  }
  for (const [id, progress] of raft.tracker.progress) if (id !== raft.id) progress.recentlyActive = false;
}
