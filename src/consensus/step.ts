/**
 * One message in: first what its term says, which may change the role, then what the role does with it (Ongaro's thesis, figure
 * 3.1, rules for all servers).
 */
import { assertNever } from '../base/assert.ts';
import { nobody } from './entry.ts';
import { beginElection, onVoteRequest, onVoteResponse, refusesToHear } from './election.ts';
import { onAppendEntries, onHeartbeat, onInstallSnapshot } from './follower.ts';
import {
  checkQuorum,
  onAppendResponse,
  onHeartbeatResponse,
  onProposals,
  onRead,
  transferTo,
} from './leader.ts';
import type { Message } from './messages.ts';
import { broadcastHeartbeat } from './replicate.ts';
import { done, type StepResult } from './results.ts';
import type { RaftState } from './state.ts';

export function step(raft: RaftState, message: Message): StepResult {
  const belongsToNoTerm = message.type === 'propose' || message.type === 'read-index';
  if (!belongsToNoTerm) {
    if (message.term < raft.term) return onLowerTerm(raft, message);
    const isRequest = message.type === 'pre-vote' || message.type === 'request-vote';
    if (
      isRequest &&
      (message.term > raft.term || raft.ticks < raft.silentUntilTick) &&
      refusesToHear(raft, message)
    ) {
      return done;
    }
    if (message.term > raft.term) onHigherTerm(raft, message);
  }
  return dispatch(raft, message);
}

function onHigherTerm(raft: RaftState, message: Message): void {
  switch (message.type) {
    case 'pre-vote':
      // It only asks: no term has begun.
      return;
    case 'pre-vote-response':
      // A yes names the term asked about. A no names the sender's, which we missed.
      if (!message.granted) raft.becomeFollower(message.term, nobody);
      return;
    case 'append-entries':
    case 'heartbeat':
    case 'install-snapshot':
      raft.becomeFollower(message.term, message.from);
      return;
    default:
      raft.becomeFollower(message.term, nobody);
  }
}

/**
 * Old messages are dropped, with two exceptions. A leader of an old term may be one that cannot hear of ours, since members that know
 * a leader do not take up terms from candidates: it is told. And whoever asks for votes with an old term is told ours.
 */
function onLowerTerm(raft: RaftState, { type, from }: Message): StepResult {
  const { id, term, config } = raft;
  if ((config.checkQuorum || config.preVote) && (type === 'heartbeat' || type === 'append-entries')) {
    raft.sendAfterPersist({ type: 'append-response', from: id, to: from, term, index: 0, session: 0 });
  } else if (type === 'pre-vote') {
    raft.sendAfterPersist({ type: 'pre-vote-response', from: id, to: from, term, granted: false });
  }
  return done;
}

function dispatch(raft: RaftState, message: Message): StepResult {
  switch (message.type) {
    case 'pre-vote':
    case 'request-vote':
      onVoteRequest(raft, message);
      return done;
    case 'pre-vote-response':
    case 'request-vote-response':
      if (raft.role === 'candidate' || raft.role === 'pre-candidate') onVoteResponse(raft, message);
      return done;
    case 'append-entries':
    case 'heartbeat':
    case 'install-snapshot':
      // There is one leader a term, and it is us.
      if (raft.role === 'leader') return done;
      if (raft.role !== 'follower') raft.becomeFollower(message.term, message.from);
      raft.electionElapsed = 0;
      raft.leaderId = message.from;
      if (message.type === 'heartbeat') return onHeartbeat(raft, message);
      if (message.type === 'append-entries') onAppendEntries(raft, message);
      else onInstallSnapshot(raft, message);
      return done;
    case 'append-response':
    case 'heartbeat-response': {
      const progress = raft.tracker.progress.get(message.from);
      if (raft.role !== 'leader' || progress === undefined) return done;
      if (message.type === 'append-response') return onAppendResponse(raft, progress, message);
      onHeartbeatResponse(raft, progress, message);
      return done;
    }
    case 'timeout-now':
      if (raft.role === 'follower') beginElection(raft, 'transfer');
      return done;
    case 'transfer-leadership':
      if (raft.role === 'leader') transferTo(raft, message.transferee);
      else if (raft.role === 'follower' && raft.leaderId !== nobody) {
        raft.send({ ...message, to: raft.leaderId, term: raft.term });
      }
      return done;
    case 'propose':
      if (raft.role === 'leader') {
        const result = onProposals(raft, message.proposals);
        return result.ok ? done : result;
      }
      if (raft.role !== 'follower' || raft.leaderId === nobody || !raft.config.forwardProposals) {
        return { ok: false, reason: 'not-leader', leaderId: raft.leaderId };
      }
      raft.send({ ...message, to: raft.leaderId });
      return done;
    case 'read-index':
      if (raft.role === 'leader') return onRead(raft, message);
      if (raft.role !== 'follower' || raft.leaderId === nobody) {
        return { ok: false, reason: 'not-leader', leaderId: nobody };
      }
      raft.send({ ...message, to: raft.leaderId });
      return done;
    case 'read-index-response':
      // Nobody else knows what is committed.
      if (raft.role === 'follower' && message.from === raft.leaderId) {
        raft.readStates.push({ index: message.index, context: message.context });
      }
      return done;
    default:
      return assertNever(message);
  }
}

/** Time passes. */
export function tick(raft: RaftState): void {
  raft.ticks++;
  raft.electionElapsed++;
  const { electionTicks, heartbeatTicks, preVote } = raft.config;
  if (raft.role !== 'leader') {
    if (raft.priority === 0 || !raft.promotable || raft.electionElapsed < raft.randomizedElectionTicks)
      return;
    raft.electionElapsed = 0;
    beginElection(raft, preVote ? 'pre-election' : 'election');
    return;
  }
  raft.heartbeatElapsed++;
  if (raft.electionElapsed >= electionTicks) {
    raft.electionElapsed = 0;
    if (raft.config.checkQuorum) checkQuorum(raft);
    // A hand-over that takes longer has failed: proposals are taken again.
    raft.transferee = nobody;
  }
  // Read anew: checking the quorum may have ended its leadership.
  if ((raft.role as string) === 'leader' && raft.heartbeatElapsed >= heartbeatTicks) {
    raft.heartbeatElapsed = 0;
    broadcastHeartbeat(raft);
  }
}
