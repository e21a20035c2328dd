/**
 * One member of a Raft group: ticks, messages and proposals in; what to write, send and apply out (Ongaro, *Consensus: Bridging Theory and
 * Practice*, 2014; shaped after etcd's raft, whose own scripts it replays).
 *
 * The obvious way, a member that sends and writes by itself, cannot be played: here nothing happens but what `ready()` gives out, so the
 * simulator, a browser tab and etcd's scripts drive the very same code, and "crash between any two effects" is just to stop there.
 *
 * Each file has one concern: state.ts the roles, election.ts, follower.ts, leader.ts and replicate.ts what they do, step.ts who is
 * asked, reconfigure.ts changes of the members; log.ts, progress.ts, quorum.ts and configuration.ts what they stand on. SPEC.md has the rules.
 */
import { assert } from '../base/assert.ts';
import type { RaftConfig } from './config.ts';
import type { Configuration, ConfigurationChange } from './configuration.ts';
import { nobody, sumBytes, type Entry, type HardState, type MemberId, type Proposal } from './entry.ts';
import { beginElection } from './election.ts';
import { onProposals, onRead, transferTo } from './leader.ts';
import type { LogStorage } from './log-storage.ts';
import { isResponse, type Message } from './messages.ts';
import type { ApplyDone, ApplyWork, PersistDone, PersistWork, Ready, SoftState } from './ready.ts';
import { applyChange, onApplied } from './reconfigure.ts';
import type { ProposeResult, StepResult } from './results.ts';
import { RaftState } from './state.ts';
import { statusOf, type Status } from './status.ts';
import { step, tick } from './step.ts';

type Draft<T> = { -readonly [K in keyof T]: T[K] };

export class Raft {
  readonly #state: RaftState;
  #softState: SoftState;
  #hardState: HardState;
  /** What `advance` brings back to this member itself. */
  #outstanding: (() => void)[] | undefined = undefined;

  constructor(config: RaftConfig, storage: LogStorage) {
    this.#state = new RaftState(config, storage);
    this.#softState = this.#currentSoftState();
    this.#hardState = this.#currentHardState();
  }

  get id(): MemberId {
    return this.#state.id;
  }
  get term(): number {
    return this.#state.term;
  }
  get leaderId(): MemberId {
    return this.#state.leaderId;
  }
  get isLeader(): boolean {
    return this.#state.role === 'leader';
  }
  status(): Status {
    return statusOf(this.#state);
  }
  /** `[low, high)` of what is not compacted, stored or not: for checkers. */
  logEntries(low: number, high: number): readonly Entry[] {
    return low < high ? this.#state.log.slice(low, high, Infinity) : [];
  }

  /** One tick of time passes. */
  tick(): void {
    tick(this.#state);
  }
  /** A message came, from another member or from this one to itself. */
  step(message: Message): StepResult {
    if (isResponse(message) && !this.#state.tracker.progress.has(message.from)) {
      return { ok: false, reason: 'unknown-peer' };
    }
    return step(this.#state, message);
  }
  /** Passed on to the leader where this member is not it; then `index` is not known. */
  propose(data: Uint8Array): ProposeResult {
    return this.#propose({ type: 'normal', data });
  }
  proposeChange(change: ConfigurationChange): ProposeResult {
    return this.#propose({ type: 'configuration', change });
  }
  #propose(proposal: Proposal): ProposeResult {
    const { id, role } = this.#state;
    if (role === 'leader') return onProposals(this.#state, [proposal]);
    return step(this.#state, { type: 'propose', from: id, to: id, term: 0, proposals: [proposal] });
  }
  /** Asks for a read index, which comes as a read state with this context, or never: ask again with another one then. */
  readIndex(context: Uint8Array): StepResult {
    const { id, role } = this.#state;
    const request: Message = { type: 'read-index', from: id, to: id, term: 0, context };
    return role === 'leader' ? onRead(this.#state, request) : step(this.#state, request);
  }
  campaign(): void {
    beginElection(this.#state, this.#state.config.preVote ? 'pre-election' : 'election');
  }
  /** On the leader, or passed on to it. */
  transferLeadership(to: MemberId): void {
    const { id, role, term } = this.#state;
    if (role === 'leader') transferTo(this.#state, to);
    else step(this.#state, { type: 'transfer-leadership', from: id, to: id, term, transferee: to });
  }
  /**
   * A follower that knows its leader to be gone grants votes before its timeout. Not where reads rest on its promise not to. False when
   * there was nothing to forget, or it must not.
   */
  forgetLeader(): boolean {
    const { role, config, leaderId } = this.#state;
    if (role !== 'follower' || config.reads === 'lease' || leaderId === nobody) return false;
    this.#state.leaderId = nobody;
    return true;
  }
  /** Sending to `id` failed: appends in flight are probably lost. */
  reportUnreachable(id: MemberId): void {
    const progress = this.#state.tracker.progress.get(id);
    if (this.isLeader && progress?.state === 'replicate') progress.becomeProbe();
  }
  /** The snapshot sent to `id` arrived, or did not. Its next append waits for an answer or a heartbeat. */
  reportSnapshot(id: MemberId, arrived: boolean): void {
    const progress = this.#state.tracker.progress.get(id);
    if (!this.isLeader || progress?.state !== 'snapshot') return;
    if (!arrived) progress.pendingSnapshot = 0;
    progress.becomeProbe();
    progress.flowPaused = true;
  }
  /** See `RaftConfig.priority`. Counts from now on. */
  setPriority(priority: number | undefined): void {
    this.#state.priority = priority;
    this.#state.drawElectionTimeout();
  }
  /** A committed configuration change is applied. Returns the configuration, for the snapshot. */
  applyChange(change: ConfigurationChange): Configuration {
    return applyChange(this.#state, change);
  }
  /** For scripts and tests, which cannot wait for chance. Until the role changes. */
  setRandomizedElectionTicks(ticks: number): void {
    this.#state.randomizedElectionTicks = ticks;
  }

  hasReady(): boolean {
    const { log, messages, afterPersist, readStates } = this.#state;
    return (
      messages.length > 0 ||
      afterPersist.length > 0 ||
      log.unstable.hasNextEntries ||
      log.hasNextCommitted(this.#mayApplyUnstable) ||
      this.#changedHardState() !== undefined ||
      this.#changedSoftState() !== undefined ||
      log.unstable.nextSnapshot() !== undefined ||
      readStates.length > 0
    );
  }

  /** All there is to do, which counts as taken up. With synchronous writes, `advance()` comes before the next one. */
  ready(): Ready {
    assert(this.#outstanding === undefined, 'advance() comes before the next ready()');
    const { log, config, messages, afterPersist, readStates } = this.#state;
    const softState = this.#changedSoftState();
    const hardState = this.#changedHardState();
    const snapshot = log.unstable.nextSnapshot();
    const entries = log.unstable.nextEntries();
    const committed = log.nextCommitted(this.#mayApplyUnstable);
    const ready: Draft<Ready> = {
      readStates,
      entries,
      committed,
      messages,
      mustSync:
        entries.length > 0 ||
        (hardState !== undefined &&
          (hardState.term !== this.#hardState.term || hardState.votedFor !== this.#hardState.votedFor)),
    };
    if (softState !== undefined) ready.softState = this.#softState = softState;
    if (hardState !== undefined) ready.hardState = hardState;
    if (snapshot !== undefined) ready.snapshot = snapshot;

    const persisted = this.#persistDone(ready);
    const applied: ApplyDone | undefined = committed.length > 0 ? { entries: committed } : undefined;
    if (config.asyncWrites) {
      const persist = persistWork(ready, afterPersist, persisted);
      if (persist !== undefined) ready.persist = persist;
      if (applied !== undefined) ready.apply = { entries: committed, done: applied } satisfies ApplyWork;
    } else {
      const toItself = afterPersist.filter(({ to }) => to === this.id);
      if (afterPersist.length > 0) {
        ready.messages = [...messages, ...afterPersist.filter(({ to }) => to !== this.id)];
      }
      this.#outstanding = toItself.map(message => () => step(this.#state, message));
      if (persisted !== undefined) this.#outstanding.push(() => this.persisted(persisted));
      if (applied !== undefined) this.#outstanding.push(() => this.applied(applied));
    }
    if (hardState !== undefined) this.#hardState = hardState;
    this.#state.messages = [];
    this.#state.afterPersist = [];
    this.#state.readStates = [];
    log.unstable.accept();
    log.acceptApplying(committed, this.#mayApplyUnstable);
    return ready;
  }

  /** With synchronous writes: what the last `ready()` asked for has been done. */
  advance(): void {
    const outstanding = this.#outstanding;
    assert(outstanding !== undefined, 'advance() answers a ready() with synchronous writes');
    this.#outstanding = undefined;
    for (const happen of outstanding) happen();
  }
  /** With asynchronous writes: one of them is on disk, and so are all before it. */
  persisted({ term, last, snapshot }: PersistDone): void {
    const { log } = this.#state;
    if (last !== undefined && term === this.#state.term) log.unstable.stableTo(last);
    // What a snapshot holds is committed, whatever the term.
    if (snapshot === undefined) return;
    log.unstable.stableSnapshotTo(snapshot.index);
    onApplied(this.#state, snapshot.index, 0);
  }
  /** With asynchronous writes: these entries have been applied. */
  applied({ entries }: ApplyDone): void {
    const last = entries.at(-1);
    if (last === undefined) return;
    onApplied(this.#state, last.index, sumBytes(entries, this.#state.config.bytesOf));
    this.#state.releaseUncommitted(entries);
  }

  /**
   * The end of the log, whether or not this write contains it: in case an answer of an earlier term, which did, is passed over. Without
   * that, entries could stay in memory for good.
   */
  #persistDone({ snapshot }: Ready): PersistDone | undefined {
    const { log, term } = this.#state;
    if (log.unstable.isEmpty && snapshot === undefined) return undefined;
    const persisted: Draft<PersistDone> = { term };
    if (!log.unstable.isEmpty) persisted.last = log.last;
    if (snapshot !== undefined) persisted.snapshot = snapshot;
    return persisted;
  }

  /** Entries may be applied before they are stored here, when a quorum has them and `advance` comes after both. */
  get #mayApplyUnstable(): boolean {
    return !this.#state.config.asyncWrites;
  }
  #currentSoftState(): SoftState {
    return { leaderId: this.#state.leaderId, role: this.#state.role };
  }
  #changedSoftState(): SoftState | undefined {
    const { leaderId, role } = this.#softState;
    const same = leaderId === this.#state.leaderId && role === this.#state.role;
    return same ? undefined : this.#currentSoftState();
  }
  #currentHardState(): HardState {
    const { term, votedFor, log } = this.#state;
    return { term, votedFor, commitIndex: log.committed };
  }
  #changedHardState(): HardState | undefined {
    const { term, votedFor, commitIndex } = this.#hardState;
    const state = this.#state;
    const same = term === state.term && votedFor === state.votedFor && commitIndex === state.log.committed;
    return same ? undefined : this.#currentHardState();
  }
}

function persistWork(
  { hardState, entries, snapshot }: Ready,
  responses: readonly Message[],
  persisted: PersistDone | undefined,
): PersistWork | undefined {
  if (hardState === undefined && entries.length === 0 && snapshot === undefined && responses.length === 0) {
    return undefined;
  }
  const work: Draft<PersistWork> = { entries, responses };
  if (hardState !== undefined) work.hardState = hardState;
  if (snapshot !== undefined) work.snapshot = snapshot;
  if (persisted !== undefined) work.done = persisted;
  return work;
}
