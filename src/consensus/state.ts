/**
 * The state of one member, and the changes of role in it (Ongaro's thesis, figures 3.1 and 3.3). What each role does with its messages
 * stands in follower.ts, candidate.ts and leader.ts; this is what they share.
 *
 * Messages that promise something, votes and acknowledgements, must not leave before what they promise is on disk (section 3.8). So they
 * are kept apart, in `afterPersist`. Among them are a member's answers to itself: a leader's own copy and a candidate's own vote count
 * when they are stored, and no earlier.
 */
import { assert } from '../base/assert.ts';
import { fullConfig, priorityMax, type FullConfig, type RaftConfig } from './config.ts';
import { emptyProposal, nobody, payloadBytes, sumBytes } from './entry.ts';
import type { Entry, MemberId, Proposal } from './entry.ts';
import { RaftLog } from './log.ts';
import type { LogStorage } from './log-storage.ts';
import type { Message, ReadIndexRequest } from './messages.ts';
import { ReadRounds } from './read-rounds.ts';
import { Tracker } from './tracker.ts';

export type Role = 'follower' | 'pre-candidate' | 'candidate' | 'leader';

/** A read may be answered from a state that has applied `index`. */
export interface ReadState {
  readonly index: number;
  readonly context: Uint8Array;
}

export class RaftState {
  readonly config: FullConfig;
  readonly id: MemberId;
  readonly log: RaftLog;
  readonly tracker: Tracker;
  term = 0;
  votedFor: MemberId = nobody;
  role: Role = 'follower';
  leaderId: MemberId = nobody;
  priority: number | undefined;
  /** Messages that may leave at once. */
  messages: Message[] = [];
  /** Messages that may leave when everything changed so far is on disk. */
  afterPersist: Message[] = [];
  readStates: ReadState[] = [];

  /** Ticks since the last sign of a leader, or since the quorum was last checked. */
  electionElapsed = 0;
  heartbeatElapsed = 0;
  randomizedElectionTicks = 0;
  /** Ticks since the start, for leases. */
  ticks = 0;
  /** After a restart, until this tick, no vote: a promise to a leader may have been forgotten. */
  readonly silentUntilTick: number;

  // The leader's own.
  transferee: MemberId = nobody;
  /** Somebody was told to begin an election in this term: no lease holds against it. */
  handedOver = false;
  /** No configuration change may be proposed before this index is applied. */
  pendingChangeIndex = 0;
  uncommittedBytes = 0;
  /** A member needs a snapshot, and there is none with it among the members. */
  snapshotWanted = false;
  reads = new ReadRounds();
  /** Reads that wait until this leader has committed an entry of its term (section 6.4, step 1). */
  earlyReads: ReadIndexRequest[] = [];
  /** Never falls, also over terms, so that no session is named twice. */
  #session = 0;

  constructor(config: RaftConfig, storage: LogStorage) {
    this.config = fullConfig(config);
    this.id = config.id;
    this.priority = config.priority;
    this.log = new RaftLog(storage, this.config);
    this.tracker = new Tracker(this.config);
    const { term, votedFor, commitIndex } = storage.hardState;
    this.tracker.reconfigure(storage.configuration, this.log.lastIndex, this.nextSession);
    this.term = term;
    this.votedFor = votedFor;
    // Only what is committed is applied: a commit index that was written later, and lost, is known again by it.
    const { applied } = this.config;
    const isStored = this.log.commitTo(Math.max(commitIndex, applied));
    assert(isStored, 'what was committed is still stored');
    if (applied > 0) this.log.appliedTo(applied, 0);
    // In term 0 nobody was ever followed, so nothing was promised.
    this.silentUntilTick = this.config.reads === 'lease' && term > 0 ? this.config.electionTicks : 0;
    this.becomeFollower(term, nobody);
  }

  readonly nextSession = (): number => (this.config.sessions ? ++this.#session : 0);

  get isVoter(): boolean {
    return this.tracker.voters.includes(this.id);
  }
  get isLearner(): boolean {
    return this.tracker.progress.get(this.id)?.isLearner === true;
  }
  /** Whether this member may lead: it is a voter, and its log is not about to be replaced. */
  get promotable(): boolean {
    const own = this.tracker.progress.get(this.id);
    return own !== undefined && !own.isLearner && this.log.unstable.snapshot === undefined;
  }

  send(message: Message): void {
    assert(message.to !== this.id, 'a member sends nothing to itself');
    this.messages.push(message);
  }
  sendAfterPersist(message: Message): void {
    this.afterPersist.push(message);
  }

  becomeFollower(term: number, leaderId: MemberId): void {
    this.#enter('follower', term);
    this.leaderId = leaderId;
  }
  becomeCandidate(): void {
    assert(this.role !== 'leader', 'a leader does not stand for election');
    this.#enter('candidate', this.term + 1);
    this.votedFor = this.id;
  }
  /** Asks first: neither term nor vote change, so that nothing is disturbed when the answer is no. */
  becomePreCandidate(): void {
    assert(this.role !== 'leader', 'a leader does not stand for election');
    this.role = 'pre-candidate';
    this.tracker.forgetVotes();
    this.leaderId = nobody;
  }
  becomeLeader(): void {
    assert(this.role !== 'follower', 'who leads was elected');
    this.#enter('leader', this.term);
    this.leaderId = this.id;
    const own = this.tracker.progress.get(this.id);
    assert(own !== undefined, 'who leads is a member');
    own.matchIndex = this.log.lastIndex;
    own.becomeReplicate();
    own.recentlyActive = true;
    // Some of what earlier leaders left may be a configuration change: none is proposed before all of it is applied.
    this.pendingChangeIndex = this.log.lastIndex;
    this.appendOwn([emptyProposal]);
  }

  #enter(role: Role, term: number): void {
    if (term !== this.term) {
      assert(term > this.term, 'terms never fall');
      this.term = term;
      this.votedFor = nobody;
    }
    this.role = role;
    this.leaderId = nobody;
    this.electionElapsed = 0;
    this.heartbeatElapsed = 0;
    this.drawElectionTimeout();
    this.transferee = nobody;
    this.handedOver = false;
    this.tracker.renew(this.log.lastIndex + 1, this.nextSession);
    this.pendingChangeIndex = 0;
    this.uncommittedBytes = 0;
    this.snapshotWanted = false;
    this.reads = new ReadRounds();
    this.earlyReads = [];
  }

  /** Random, so that two seldom stand at once (section 3.4); later, the less a member should lead. */
  drawElectionTimeout(): void {
    const { electionTicks, random } = this.config;
    const patience = this.priority === undefined ? 0 : Math.max(0, priorityMax - this.priority);
    this.randomizedElectionTicks = electionTicks * (1 + patience) + random.below(electionTicks);
  }

  /** Appends proposals in the leader's term. False when too much is uncommitted already. */
  appendOwn(proposals: readonly Proposal[]): boolean {
    const bytes = sumBytes(proposals, payloadBytes);
    const { uncommittedBytesMax } = this.config;
    // With nothing uncommitted anything is taken, or what is larger than the limit could never be.
    if (this.uncommittedBytes > 0 && bytes > 0 && this.uncommittedBytes + bytes > uncommittedBytesMax)
      return false;
    this.uncommittedBytes += bytes;
    const { term } = this;
    let index = this.log.lastIndex;
    this.log.append(proposals.map((proposal): Entry => ({ ...proposal, term, index: ++index })));
    this.sendAfterPersist({ type: 'append-response', from: this.id, to: this.id, term, index, session: 0 });
    return true;
  }
  /** These were committed and applied: as much may be proposed again. */
  releaseUncommitted(entries: readonly Entry[]): void {
    this.uncommittedBytes = Math.max(0, this.uncommittedBytes - sumBytes(entries, payloadBytes));
  }
}
