/**
 * Elections: standing for one, and voting (Ongaro's thesis, sections 3.4, 3.6.1, 4.2.3, 6.4.1 and 9.6).
 */
import { assertNever } from '../base/assert.ts';
import type { EntryId } from './entry.ts';
import type { VoteRequest, VoteResponse } from './messages.ts';
import { broadcastAppend } from './replicate.ts';
import type { RaftState } from './state.ts';

/** `transfer`: the leader asked for it, so neither asking first nor a lease is in the way. */
export type Campaign = 'pre-election' | 'election' | 'transfer';

/** Stands for election, where this member may. */
export function beginElection(raft: RaftState, campaign: Campaign): void {
  if (raft.role === 'leader' || !raft.promotable) return;
  // It would ask the wrong members: a configuration counts when it is applied.
  if (hasUnappliedChange(raft)) return;
  askForVotes(raft, campaign);
}

function hasUnappliedChange({ log, config }: RaftState): boolean {
  for (let low = log.applied + 1; low <= log.committed;) {
    const page = log.slice(low, log.committed + 1, config.applyingBytesMax);
    if (page.some(({ type }) => type === 'configuration')) return true;
    low += page.length;
  }
  return false;
}

function askForVotes(raft: RaftState, campaign: Campaign): void {
  const asksFirst = campaign === 'pre-election';
  if (asksFirst) raft.becomePreCandidate();
  else raft.becomeCandidate();
  const { id: from, log } = raft;
  // Asking first is about the term that would come.
  const term = asksFirst ? raft.term + 1 : raft.term;
  const { index: lastLogIndex, term: lastLogTerm } = log.last;
  for (const to of raft.tracker.voters) {
    if (to === from) {
      // Its own vote too counts when it is on disk.
      const type = asksFirst ? 'pre-vote-response' : 'request-vote-response';
      raft.sendAfterPersist({ type, from, to, term, granted: true });
    } else {
      const type = asksFirst ? 'pre-vote' : 'request-vote';
      raft.send({ type, from, to, term, lastLogIndex, lastLogTerm, transfer: campaign === 'transfer' });
    }
  }
}

/** A vote that is not even thought about: a leader was heard of within an election timeout, and this would disturb it. */
export function refusesToHear(raft: RaftState, { transfer }: VoteRequest): boolean {
  if (transfer) return false;
  const { checkQuorum, electionTicks } = raft.config;
  const heardOfLeader = raft.leaderId !== 0 && raft.electionElapsed < electionTicks;
  return (checkQuorum && heardOfLeader) || raft.ticks < raft.silentUntilTick;
}

/** Learners answer too: one may have been promoted without knowing yet, and be needed. */
export function onVoteRequest(raft: RaftState, request: VoteRequest): void {
  const { type, from: candidate, term } = request;
  const last: EntryId = { index: request.lastLogIndex, term: request.lastLogTerm };
  const free =
    raft.votedFor === candidate ||
    (raft.votedFor === 0 && raft.leaderId === 0) ||
    (type === 'pre-vote' && term > raft.term);
  const granted = free && raft.log.isUpToDate(last);
  raft.sendAfterPersist({
    type: type === 'pre-vote' ? 'pre-vote-response' : 'request-vote-response',
    from: raft.id,
    to: candidate,
    // A granted one names the term asked about, which in the first round is not ours yet.
    term: granted ? term : raft.term,
    granted,
  });
  if (!granted || type === 'pre-vote') return;
  raft.electionElapsed = 0;
  raft.votedFor = candidate;
}

export function onVoteResponse(raft: RaftState, { from, type, granted }: VoteResponse): void {
  // Answers to the first round still come in while the second is on.
  const asked = raft.role === 'pre-candidate' ? 'pre-vote-response' : 'request-vote-response';
  if (type !== asked) return;
  raft.tracker.recordVote(from, granted);
  const result = raft.tracker.voteResult();
  switch (result) {
    case 'pending':
      return;
    case 'lost':
      raft.becomeFollower(raft.term, 0);
      return;
    case 'won':
      if (raft.role === 'pre-candidate') {
        askForVotes(raft, 'election');
        return;
      }
      raft.becomeLeader();
      broadcastAppend(raft);
      return;
    default:
      assertNever(result);
  }
}
