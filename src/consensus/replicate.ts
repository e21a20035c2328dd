/**
 * How a leader brings its log to the others (Ongaro's thesis, sections 3.5 and 10.2): appends from `nextIndex` on, a snapshot where
 * that is compacted, heartbeats to all.
 */
import { membersOf } from './configuration.ts';
import { payloadBytes, sumBytes, type MemberId } from './entry.ts';
import type { Progress } from './progress.ts';
import type { RaftState } from './state.ts';

/**
 * Sends the next append, if flow control allows one. `evenIfEmpty`: an append without entries still tells the commit index, and finds
 * out where a silent follower stands. Returns whether something was sent.
 */
export function sendAppend(raft: RaftState, to: MemberId, evenIfEmpty = true): boolean {
  const progress = raft.tracker.progress.get(to);
  if (progress === undefined || progress.paused) return false;
  const { log } = raft;
  const prevLogIndex = progress.nextIndex - 1;
  const prevLogTerm = log.term(prevLogIndex);
  if (prevLogTerm === undefined) return sendSnapshot(raft, to, progress);
  // With a full window only an empty append goes out: should all in flight be lost, its refusal sets things right.
  const windowOpen = progress.state !== 'replicate' || !progress.inflights.full;
  const entries = windowOpen ? log.entries(progress.nextIndex, raft.config.messageBytesMax) : [];
  if (entries === undefined) return sendSnapshot(raft, to, progress);
  if (entries.length === 0 && !evenIfEmpty) return false;
  raft.send({
    type: 'append-entries',
    from: raft.id,
    to,
    term: raft.term,
    prevLogIndex,
    prevLogTerm,
    leaderCommit: log.committed,
    entries,
    session: progress.session,
  });
  progress.sent(entries.length, sumBytes(entries, payloadBytes));
  progress.sentCommit = log.committed;
  return true;
}

function sendSnapshot(raft: RaftState, to: MemberId, progress: Progress): boolean {
  // A member that does not answer would only make us send the largest message there is again and again.
  if (!progress.recentlyActive) return false;
  const snapshot = raft.log.snapshot();
  // One from before it was a member would be passed over by it, again and again.
  if (snapshot === undefined || !membersOf(snapshot.configuration).has(to)) {
    raft.snapshotWanted = true;
    return false;
  }
  raft.snapshotWanted = false;
  progress.becomeSnapshot(snapshot.index);
  const { id: from, term } = raft;
  raft.send({ type: 'install-snapshot', from, to, term, snapshot, session: progress.session });
  return true;
}

export function broadcastAppend(raft: RaftState, evenIfEmpty = true): void {
  for (const id of raft.tracker.progress.keys()) if (id !== raft.id) sendAppend(raft, id, evenIfEmpty);
}

/** Begins a round of heartbeats, which all reads until now can wait for. */
export function broadcastHeartbeat(raft: RaftState): number {
  const round = raft.reads.begin(raft.ticks);
  for (const [to, progress] of raft.tracker.progress) {
    if (to === raft.id) continue;
    // Beyond what it has stored, the receiver's log may still differ from ours.
    const leaderCommit = Math.min(progress.matchIndex, raft.log.committed);
    raft.send({ type: 'heartbeat', from: raft.id, to, term: raft.term, leaderCommit, round });
    progress.sentCommit = leaderCommit;
  }
  return round;
}
