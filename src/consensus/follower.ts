/**
 * What a follower does: takes over the leader's log, acknowledges it, and passes on what only a leader can do (Ongaro's thesis,
 * sections 3.5, 5.1 and 6.2).
 */
import { membersOf } from './configuration.ts';
import type { Snapshot } from './entry.ts';
import type { AppendEntries, Heartbeat, InstallSnapshot } from './messages.ts';
import { done, type StepResult } from './results.ts';
import type { RaftState } from './state.ts';

export function onAppendEntries(raft: RaftState, message: AppendEntries): void {
  const { log, id, term } = raft;
  const { from, prevLogIndex, prevLogTerm, entries, session } = message;
  const acknowledge = (index: number): void => {
    raft.sendAfterPersist({ type: 'append-response', from: id, to: from, term, index, session });
  };
  if (prevLogIndex < log.committed) {
    // An old one. What is committed matches for certain.
    acknowledge(log.committed);
    return;
  }
  const previous = { index: prevLogIndex, term: prevLogTerm };
  if (log.appendAfter(previous, entries, message.leaderCommit)) {
    // Only what this append covers: behind it our log may hold entries of a leader that is gone.
    acknowledge(prevLogIndex + entries.length);
    return;
  }
  const hint = log.lastPossibleMatch(Math.min(prevLogIndex, log.lastIndex), prevLogTerm);
  raft.sendAfterPersist({
    type: 'append-response',
    from: id,
    to: from,
    term,
    index: prevLogIndex,
    refused: { hintIndex: hint.index, hintTerm: hint.term },
    session,
  });
}

export function onHeartbeat(raft: RaftState, { from, leaderCommit, round }: Heartbeat): StepResult {
  // It names what we once acknowledged.
  if (!raft.log.commitTo(leaderCommit)) return { ok: false, reason: 'log-lost' };
  raft.send({ type: 'heartbeat-response', from: raft.id, to: from, term: raft.term, round });
  return done;
}

export function onInstallSnapshot(raft: RaftState, { from, snapshot, session }: InstallSnapshot): void {
  const restored = restore(raft, snapshot);
  const index = restored ? raft.log.lastIndex : raft.log.committed;
  raft.sendAfterPersist({
    type: 'append-response',
    from: raft.id,
    to: from,
    term: raft.term,
    index,
    session,
  });
}

/** False when the snapshot tells nothing new, or is not for us. */
function restore(raft: RaftState, snapshot: Snapshot): boolean {
  const { log, tracker } = raft;
  if (snapshot.index <= log.committed) return false;
  // We would have no part in what it describes, and could not tell who has.
  if (!membersOf(snapshot.configuration).has(raft.id)) return false;
  if (log.matches(snapshot)) {
    // Everything in it is here already: keep the entries, and know that they are committed.
    log.commitTo(snapshot.index);
    return false;
  }
  log.restore(snapshot);
  const everyone = new Set(tracker.progress.keys());
  tracker.reconfigure(snapshot.configuration, log.lastIndex, raft.nextSession, everyone);
  return true;
}
