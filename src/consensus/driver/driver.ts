/**
 * One member of a group at work: the Raft core, the state machine on it, and what lies between them and the world. Milliseconds become
 * ticks, `ready()` becomes writes and messages, committed entries become answers. Pure, as all cores are: inputs in, effects out, so that
 * the simulator, a tab and a Node process drive the very same code, and a crash is to stop between two inputs.
 *
 * **Group commit.** One write is under way at a time. What has to be written meanwhile is written together next: the slower the disk, the
 * larger its transactions, and a follower acknowledges them all with one message.
 *
 * **Time.** Ticks follow the monotonic clock. After a long pause only a few of them pass: whoever slept has heard nothing, and should hear who
 * leads before it concludes anything from the silence. A leader tells the machine how much time passed while it led (`advance`).
 */
import { assert } from '../../base/assert.ts';
import { advanceMsMax, counterMax, raftUncommittedBytesMax, snapshotBytesMax } from '../../base/limits.ts';
import type { Random } from '../../base/ports.ts';
import { concatBytes, equalBytes } from '../../base/bytes.ts';
import { Writer } from '../../base/codec.ts';
import { decodeMessage, encodeMessage } from '../codec.ts';
import type { RaftConfig } from '../config.ts';
import type { Configuration, ConfigurationChange } from '../configuration.ts';
import { nobody, type Entry, type MemberId, type Snapshot } from '../entry.ts';
import { MemoryLogStorage, type StoredLog } from '../log-storage.ts';
import type { Command } from '../machine/commands.ts';
import { encodeEntry } from '../machine/entries-codec.ts';
import { Machine } from '../machine/machine.ts';
import type { Message } from '../messages.ts';
import { Raft } from '../raft.ts';
import type { PersistWork } from '../ready.ts';
import type { ProposeResult } from '../results.ts';
import type { Status } from '../status.ts';
import type { DriverEffect } from './effects.ts';
import { changeLog, type LogChange } from './log-change.ts';
import { Reads } from './reads.ts';
import { Requests } from './requests.ts';
import { decodePiece, encodePiece, PieceReceiver, PieceSender, type PieceFrame } from './snapshot-pieces.ts';

export interface DriverConfig {
  readonly id: MemberId;
  readonly random: Random;
  readonly tickMs: number;
  readonly electionTicks: number;
  /** See `RaftConfig.priority`. */
  readonly priority?: number;
  /** Of the group: 0, or what a recovery made it (voters/epoch.ts). Members of two epochs do not hear each other. */
  readonly epoch?: number;
  /** A snapshot is taken when so many entries have been applied since the last. */
  readonly snapshotEveryEntries: number;
}

/** Ticks that pass at once after a pause, as a part of an election timeout. */
const pauseShare = 2;
/** How often a leader tells the time while a lease or a reservation counts on it, and while only sessions do. */
const advanceEveryMs = 250;
const advanceSlowlyEveryMs = advanceMsMax;
/** Entries kept behind a snapshot, as a part of those that make one: a follower that is a little behind needs no snapshot then. */
const keptShare = 2;

/** After the epoch, the first byte of a message of the core. Snapshots have frames of their own: snapshot-pieces.ts. */
const wholeFrame = Uint8Array.of(0);

interface Work {
  readonly change: LogChange;
  readonly persist?: PersistWork;
}

export class Driver {
  readonly id: MemberId;
  readonly #raft: Raft;
  readonly #log: MemoryLogStorage;
  #machine: Machine;
  /** As of the last entry that was applied. */
  #configuration: Configuration;
  readonly #config: DriverConfig;
  readonly #requests: Requests;
  readonly #reads: Reads;
  readonly #sender: PieceSender;
  readonly #receiver = new PieceReceiver();
  #effects: DriverEffect[] = [];
  #waiting: Work[] = [];
  #writing: { readonly token: number; readonly work: readonly Work[] } | undefined = undefined;
  #tokens = 0;
  #nowMs: number;
  #tickedMs: number;
  #leaderId: MemberId = nobody;
  #ledTerm = 0;
  /** Up to when, on our clock, the machine has been told that time passed. */
  #toldMs = 0;
  #lastSnapshotIndex: number;
  #isLost = false;
  #isFrozen = false;
  /** Stands before every frame. */
  readonly #epoch: Uint8Array;

  constructor(config: DriverConfig, stored: StoredLog, nowMs: number) {
    const { id, random, electionTicks, priority } = config;
    this.id = id;
    this.#config = config;
    this.#epoch = new Writer().varUint(config.epoch ?? 0).finish();
    this.#log = MemoryLogStorage.restored(stored);
    const { snapshot } = stored;
    this.#machine = snapshot === undefined ? new Machine() : restoredMachine(snapshot);
    this.#configuration = this.#log.configuration;
    this.#lastSnapshotIndex = snapshot?.index ?? 0;
    const raftConfig: RaftConfig = {
      id,
      random,
      electionTicks,
      heartbeatTicks: 1,
      applied: this.#lastSnapshotIndex,
      asyncWrites: true,
      preVote: true,
      checkQuorum: true,
      sessions: true,
      stepDownOnRemoval: true,
      messageBytesMax: 256 * 1024,
      inflightBytesMax: 1024 * 1024,
      uncommittedBytesMax: raftUncommittedBytesMax,
      ...(priority === undefined ? {} : { priority }),
    };
    this.#raft = new Raft(raftConfig, this.#log);
    // A start has a nonce above those of all starts before, as far as 48 bits of chance go.
    const nonce = random.below(counterMax / 2);
    this.#requests = new Requests(id, nonce);
    this.#reads = new Reads(nonce);
    this.#sender = new PieceSender(nonce);
    this.#nowMs = this.#tickedMs = nowMs;
  }

  get machine(): Machine {
    return this.#machine;
  }
  get configuration(): Configuration {
    return this.#configuration;
  }
  get isLost(): boolean {
    return this.#isLost;
  }
  get isFrozen(): boolean {
    return this.#isFrozen;
  }
  /** A later epoch of the group is known: what this member agreed on may still be read, and nothing is agreed on any more. */
  freeze(): void {
    this.#isFrozen = true;
  }
  status(): Status {
    return this.#raft.status();
  }
  get isLeader(): boolean {
    return this.#raft.isLeader;
  }
  /** For checkers. */
  logEntries(low: number, high: number): readonly Entry[] {
    return this.#raft.logEntries(low, high);
  }

  /** When `pass` has something to do next, on the monotonic clock. */
  get nextTickMs(): number {
    return this.#tickedMs + this.#config.tickMs;
  }
  /** Time has passed, on the monotonic clock. */
  pass(nowMs: number): readonly DriverEffect[] {
    const { tickMs, electionTicks } = this.#config;
    this.#nowMs = Math.max(this.#nowMs, nowMs);
    const ticks = Math.floor((this.#nowMs - this.#tickedMs) / tickMs);
    if (ticks > 0) {
      this.#tickedMs += ticks * tickMs;
      if (this.#isLost || this.#isFrozen) return [];
      for (let n = Math.min(ticks, Math.max(1, Math.floor(electionTicks / pauseShare))); n > 0; n--)
        this.#raft.tick();
      this.#pieces();
    }
    return this.#work();
  }
  /** `from` is who the link says it is. */
  receive(from: MemberId, bytes: Uint8Array): readonly DriverEffect[] {
    const epochBytes = this.#epoch.length;
    if (this.#isLost || this.#isFrozen || !equalBytes(bytes.subarray(0, epochBytes), this.#epoch)) return [];
    const frame = bytes.subarray(epochBytes);
    if (frame[0] === 0) {
      const decoded = decodeMessage(frame.subarray(1));
      if (decoded.ok && decoded.value.type !== 'install-snapshot') this.#step(from, decoded.value);
    } else {
      const decoded = decodePiece(frame);
      if (decoded.ok) this.#onPiece(from, decoded.value);
    }
    return this.#work();
  }
  /** What was written under this token is on disk. */
  persisted(token: number): readonly DriverEffect[] {
    if (this.#writing?.token !== token) return [];
    const { work } = this.#writing;
    this.#writing = undefined;
    for (const { change, persist } of work) {
      changeLog(this.#log, change);
      if (change.snapshot !== undefined) this.#restore(change.snapshot);
      if (persist === undefined) continue;
      for (const message of persist.responses) this.#send(message);
      if (persist.done !== undefined) this.#raft.persisted(persist.done);
    }
    return this.#work();
  }
  /** Undefined where too many wait already. */
  request(command: Command): {
    readonly request: number | undefined;
    readonly effects: readonly DriverEffect[];
  } {
    const request = this.#requests.ask(command);
    return { request, effects: this.#work() };
  }
  read(): { readonly read: number | undefined; readonly effects: readonly DriverEffect[] } {
    const read = this.#reads.begin();
    return { read, effects: this.#work() };
  }
  proposeChange(change: ConfigurationChange): {
    readonly result: ProposeResult;
    readonly effects: readonly DriverEffect[];
  } {
    const result = this.#raft.proposeChange(change);
    return { result, effects: this.#work() };
  }
  /** Leads no longer if another can: this tab is hidden, or about to freeze. */
  handOver(): readonly DriverEffect[] {
    if (!this.#raft.isLeader) return [];
    const { progress, configuration } = this.#raft.status();
    let [best, matchIndex] = [nobody, -1];
    for (const [id, member] of progress) {
      const votes = configuration.incoming.includes(id) && id !== this.id;
      if (votes && member.recentlyActive && member.matchIndex > matchIndex)
        [best, matchIndex] = [id, member.matchIndex];
    }
    if (best !== nobody) this.#raft.transferLeadership(best);
    return this.#work();
  }
  setPriority(priority: number | undefined): void {
    this.#raft.setPriority(priority);
  }

  // ── In ────────────────────────────────────────────────────────────────────────────────────────────────────

  #step(from: MemberId, message: Message): void {
    // Whoever speaks for another is not heard; what a member passes on for itself names itself.
    if (message.from !== from || message.to !== this.id) return;
    const result = this.#raft.step(message);
    if (result.ok || result.reason !== 'log-lost') return;
    this.#isLost = true;
    this.#effects.push({ type: 'store-lost' });
  }
  #onPiece(from: MemberId, frame: PieceFrame): void {
    if (frame.type === 'got') {
      const { frames, done } = this.#sender.got(from, frame, this.#nowMs);
      for (const next of frames) this.#sendFrame(from, encodePiece(next));
      if (done) this.#raft.reportSnapshot(from, true);
      return;
    }
    const { got, whole } = this.#receiver.take(from, frame);
    this.#sendFrame(from, encodePiece(got));
    if (whole === undefined) return;
    const decoded = decodeMessage(whole, snapshotBytesMax);
    if (decoded.ok && decoded.value.type === 'install-snapshot' && isReadable(decoded.value.snapshot))
      this.#step(from, decoded.value);
  }
  #pieces(): void {
    if (this.#sender.isIdle) return;
    if (!this.#raft.isLeader) {
      this.#sender.clear();
      return;
    }
    const { frames, lost } = this.#sender.due(this.#nowMs, this.#retryMs);
    for (const [to, frame] of frames) this.#sendFrame(to, encodePiece(frame));
    for (const to of lost) this.#raft.reportSnapshot(to, false);
  }
  get #retryMs(): number {
    return this.#config.tickMs * this.#config.electionTicks;
  }

  // ── Out ───────────────────────────────────────────────────────────────────────────────────────────────────

  /** Until there is nothing to do but to wait. */
  #work(): readonly DriverEffect[] {
    if (!this.#isLost && !this.#isFrozen) {
      do {
        this.#onLeader();
        this.#tellTime();
        this.#ask();
        while (this.#raft.hasReady()) this.#takeReady();
        this.#takeSnapshot();
      } while (this.#raft.hasReady());
      this.#write();
    }
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }
  #onLeader(): void {
    const { leaderId } = this.#raft;
    if (leaderId === this.#leaderId) return;
    this.#leaderId = leaderId;
    if (leaderId === nobody) return;
    this.#requests.hurry();
    this.#reads.hurry();
  }
  #tellTime(): void {
    const { isLeader, term } = this.#raft;
    if (!isLeader) return;
    if (this.#ledTerm !== term) {
      this.#ledTerm = term;
      this.#toldMs = this.#nowMs;
    }
    const passedMs = Math.floor(this.#nowMs - this.#toldMs);
    if (passedMs < (this.#machine.expiresSoon ? advanceEveryMs : advanceSlowlyEveryMs)) return;
    const byMs = Math.min(passedMs, advanceMsMax);
    const told = this.#raft.propose(encodeEntry({ type: 'advance', byMs }));
    // What one entry cannot tell is left out: leases last longer then, which harms nobody.
    if (told.ok) this.#toldMs = this.#nowMs;
  }
  #ask(): void {
    if (this.#raft.leaderId === nobody) return;
    for (const entry of this.#requests.due(this.#nowMs, this.#retryMs)) this.#raft.propose(entry);
    const context = this.#reads.due(this.#nowMs, this.#retryMs);
    if (context !== undefined) this.#raft.readIndex(context);
  }
  #takeReady(): void {
    const { readStates, messages, persist, apply } = this.#raft.ready();
    for (const { context, index } of readStates) this.#reads.confirmed(context, index);
    for (const message of messages) this.#send(message);
    if (persist !== undefined) {
      const { hardState, snapshot, entries } = persist;
      const change: LogChange = {
        entries,
        ...(hardState === undefined ? {} : { hardState }),
        ...(snapshot === undefined ? {} : { snapshot }),
      };
      this.#waiting.push({ change, persist });
    }
    if (apply !== undefined) {
      for (const entry of apply.entries) this.#apply(entry);
      this.#raft.applied(apply.done);
    }
    this.#effects.push(...this.#reads.onApplied(this.#machine.index));
  }
  #apply(entry: Entry): void {
    // A snapshot that came meanwhile has it.
    if (entry.index <= this.#machine.index) return;
    const soon = this.#machine.expiresSoon;
    if (entry.type === 'configuration') {
      this.#configuration = this.#raft.applyChange(entry.change);
      this.#machine.apply(entry.index, new Uint8Array(0));
    } else this.#effects.push(...this.#requests.onApplied(this.#machine.apply(entry.index, entry.data)));
    // What passed before anything counted on it is of no interest, and would only shorten what begins now.
    if (!soon && this.#machine.expiresSoon) this.#toldMs = this.#nowMs;
  }
  #restore(snapshot: Snapshot): void {
    if (snapshot.index <= this.#machine.index) return;
    this.#machine = restoredMachine(snapshot);
    this.#configuration = snapshot.configuration;
    this.#lastSnapshotIndex = snapshot.index;
    this.#requests.onRestored();
  }
  #takeSnapshot(): void {
    const { index } = this.#machine;
    const { snapshotEveryEntries } = this.#config;
    const wanted =
      this.#raft.isLeader && this.#raft.status().wantsSnapshot && index > this.#lastSnapshotIndex;
    if (!wanted && index < this.#lastSnapshotIndex + snapshotEveryEntries) return;
    // What is applied may not be stored here yet; then it will be, soon.
    if (index > this.#log.lastIndex) return;
    this.#lastSnapshotIndex = index;
    const snapshot: Snapshot = {
      index,
      term: this.#log.term(index),
      configuration: this.#configuration,
      data: this.#machine.snapshot(),
    };
    const compactTo = Math.max(0, index - Math.floor(snapshotEveryEntries / keptShare));
    this.#waiting.push({ change: { entries: [], kept: { snapshot, compactTo } } });
  }
  #write(): void {
    if (this.#writing !== undefined || this.#waiting.length === 0) return;
    const token = ++this.#tokens;
    this.#writing = { token, work: this.#waiting };
    this.#effects.push({ type: 'persist', token, changes: this.#waiting.map(({ change }) => change) });
    this.#waiting = [];
  }
  #send(message: Message): void {
    if (message.to === this.id) {
      this.#step(this.id, message);
      return;
    }
    const bytes = encodeMessage(message);
    if (message.type !== 'install-snapshot') {
      this.#sendFrame(message.to, concatBytes(wholeFrame, bytes));
      return;
    }
    for (const piece of this.#sender.start(message.to, bytes, this.#nowMs))
      this.#sendFrame(message.to, encodePiece(piece));
  }
  #sendFrame(to: MemberId, bytes: Uint8Array): void {
    this.#effects.push({ type: 'send', to, bytes: concatBytes(this.#epoch, bytes) });
  }
}

function restoredMachine({ index, data }: Snapshot): Machine {
  const restored = Machine.restore(data);
  assert(restored.ok, 'a snapshot that was stored can be read');
  assert(restored.value.index === index, 'a snapshot has the state at its index');
  return restored.value;
}
function isReadable({ index, data }: Snapshot): boolean {
  const restored = Machine.restore(data);
  return restored.ok && restored.value.index === index;
}

/** The store of a group's first voters: they begin with the same entry, and nobody has voted. */
export function foundingLog(voters: readonly MemberId[]): StoredLog {
  const machine = new Machine();
  machine.apply(1, new Uint8Array(0));
  const incoming = [...voters].sort((a, b) => a - b);
  const configuration = { incoming, outgoing: [], learners: [], learnersNext: [], autoLeave: false };
  const snapshot: Snapshot = { index: 1, term: 1, configuration, data: machine.snapshot() };
  const log = new MemoryLogStorage();
  log.applySnapshot(snapshot);
  return log.stored();
}
/** The store of a member that joins: the leader sends it everything. */
export const emptyLog = (): StoredLog => new MemoryLogStorage().stored();
