/**
 * What must hold of logs, terms and leaders (Ongaro's thesis, figure 3.2, and sections 3.8, 4.1 and 6.4): looked at after every event at
 * a member, with all members and all disks in sight, as nobody in the world has them.
 */
import type { Entry, MemberId } from '../../consensus/entry.ts';
import {
  changeConfiguration,
  isJoint,
  membersOf,
  type Configuration,
} from '../../consensus/configuration.ts';
import type { LogChange } from '../../consensus/driver/log-change.ts';
import type { LogStorage } from '../../consensus/log-storage.ts';
import { jointVote } from '../../consensus/quorum.ts';
import type { Status } from '../../consensus/status.ts';
import { must } from '../checker.ts';
import type { Device } from './device.ts';
import { LogMirror } from './mirror.ts';

/** Terms and indexes of a simulated day stay far below. */
const key = (term: number, index: number): number => term * 2 ** 28 + index;

interface View {
  readonly mirror: LogMirror;
  readonly life: number;
  status: Status;
  lastTerm: number;
}
export interface Committed {
  readonly term: number;
  readonly hash: number;
  readonly entry: Entry | undefined;
}

export class LogChecker {
  readonly #devices: readonly Device[];
  readonly #onCommitted: (entry: Entry) => void;
  /** By index; what the group was founded with has none. */
  readonly #committed: Committed[] = [
    { term: 0, hash: 0, entry: undefined },
    { term: 1, hash: 0, entry: undefined },
  ];
  readonly #prefixes = new Map<number, number>([
    [key(0, 0), 0],
    [key(1, 1), 0],
  ]);
  readonly #leaders = new Map<number, MemberId>();
  readonly #views = new Map<MemberId, View>();
  readonly #votes = new Map<string, MemberId>();
  readonly #durable = new Map<MemberId, { term: number; commitIndex: number }>();

  /** As all committed changes leave it. */
  #configuration: Configuration;
  /** What those had whose stores are lost: they told of it before, and will not vote again. */
  readonly #lost = new Map<MemberId, LogStorage>();

  constructor(devices: readonly Device[], founded: Configuration, onCommitted: (entry: Entry) => void) {
    this.#devices = devices;
    this.#configuration = founded;
    this.#onCommitted = onCommitted;
  }
  get committedIndex(): number {
    return this.#committed.length - 1;
  }
  get leaders(): number {
    return this.#leaders.size;
  }
  isMember(member: MemberId): boolean {
    return membersOf(this.#configuration).has(member);
  }

  opened(device: Device): void {
    const { disk, member, life, driver } = device;
    if (driver === undefined) return;
    const base = disk.firstIndex - 1;
    const mirror = new LogMirror(base, this.#prefixes.get(key(disk.term(base), base)));
    const status = driver.status();
    this.#views.set(member, { mirror, life, status, lastTerm: disk.term(base) });
    const { term } = this.#durable.get(member) ?? { term: 0 };
    must(status.term >= term, 'terms never fall', () => `${member} begins in ${status.term} after ${term}`);
    this.#bringUpTo(device, status, true);
  }

  /** The disk has it for good. */
  written(device: Device, changes: readonly LogChange[]): void {
    const { member, disk } = device;
    for (const { hardState } of changes) {
      if (hardState === undefined) continue;
      const { term, votedFor, commitIndex } = hardState;
      const before = this.#durable.get(member) ?? { term: 0, commitIndex: 0 };
      must(term >= before.term, 'terms never fall', () => `${member} wrote ${term} after ${before.term}`);
      this.#durable.set(member, { term, commitIndex });
      if (votedFor === 0) continue;
      const vote = `${member}/${term}`;
      const earlier = this.#votes.get(vote) ?? votedFor;
      must(
        earlier === votedFor,
        'one durable vote a term',
        () => `${member} voted for ${earlier} and ${votedFor} in ${term}`,
      );
      this.#votes.set(vote, votedFor);
    }
    must(
      disk.hardState.commitIndex <= disk.lastIndex,
      'applied is durably committed',
      () => `${member} stored commit ${disk.hardState.commitIndex} and no such entry`,
    );
    const snapshot = disk.snapshot();
    if (snapshot === undefined) return;
    must(
      snapshot.index <= this.committedIndex,
      'applied is durably committed',
      () => `${member} stored a snapshot at ${snapshot.index}, which is not committed`,
    );
    must(
      this.#committed[snapshot.index]?.term === snapshot.term,
      'state-machine safety',
      () => `${member} has a snapshot of another ${snapshot.index}`,
    );
  }
  cleared(member: MemberId): void {
    this.#views.delete(member);
  }
  lost({ member, disk }: Device): void {
    this.#views.delete(member);
    this.#lost.set(member, disk);
  }

  after(device: Device): void {
    if (device.driver !== undefined) this.#bringUpTo(device, device.driver.status(), false);
  }

  #bringUpTo(device: Device, status: Status, isNew: boolean): void {
    const view = this.#views.get(device.member);
    if (view === undefined || device.driver === undefined) return;
    const { driver, member } = device;
    const { term, commitIndex, applied, role, lastIndex, firstIndex } = status;
    const before = view.status;
    if (!isNew) {
      must(term >= before.term, 'terms never fall', () => `${member} went from ${before.term} to ${term}`);
      must(commitIndex >= before.commitIndex, 'commit never falls', () => `of ${member}`);
      must(applied >= before.applied, 'applied never falls', () => `of ${member}`);
    }
    must(
      applied <= commitIndex && driver.machine.index <= commitIndex,
      'applied is committed',
      () => `of ${member}`,
    );
    view.status = status;
    const lastTerm = driver.logEntries(Math.max(firstIndex, lastIndex), lastIndex + 1)[0]?.term ?? 0;
    if (isNew || lastIndex !== view.mirror.lastIndex || lastTerm !== view.lastTerm)
      this.#bringLog(device, view, before);
    view.lastTerm = lastTerm;
    if (role === 'leader') {
      if (isNew || before.role !== 'leader' || before.term !== term) this.#onElected(member, view);
      this.#checkLeader(member, view);
    }
    if (isNew || commitIndex > before.commitIndex)
      this.#onCommit(device, view, isNew ? 1 : before.commitIndex, before);
  }

  #bringLog({ driver, member }: Device, view: View, before: Status): void {
    if (driver === undefined) return;
    const { mirror, status } = view;
    const { firstIndex, lastIndex, role, term } = status;
    let at = Math.min(mirror.lastIndex, lastIndex);
    const termHere = (index: number): number | undefined => driver.logEntries(index, index + 1)[0]?.term;
    while (at >= firstIndex && mirror.at(at)?.entry.term !== termHere(at)) at--;
    if (role === 'leader' && before.role === 'leader' && before.term === term)
      must(at >= before.lastIndex, 'leader append-only', () => `${member} cut its log to ${at}`);
    // A snapshot took the place of all, and what was here before it may have been something else.
    const base = this.#committed[firstIndex - 1]?.hash;
    if (mirror.baseIndex < firstIndex && mirror.hashAt(firstIndex - 1) !== base) {
      this.#views.set(member, { ...view, mirror: new LogMirror(firstIndex - 1, base) });
      this.#extend(member, driver.logEntries(firstIndex, lastIndex + 1));
      return;
    }
    mirror.cutTo(at);
    this.#extend(member, driver.logEntries(Math.max(firstIndex, at + 1), lastIndex + 1));
  }
  #extend(member: MemberId, entries: readonly Entry[]): void {
    const mirror = this.#views.get(member)?.mirror;
    for (const entry of entries) {
      const hash = mirror?.push(entry)?.hash;
      if (hash === undefined) continue;
      const name = key(entry.term, entry.index);
      const known = this.#prefixes.get(name);
      must(
        known === undefined || known === hash,
        'log matching',
        () => `${member} has another log up to ${entry.term}/${entry.index}`,
      );
      this.#prefixes.set(name, hash);
    }
  }

  #onElected(member: MemberId, { mirror, status }: View): void {
    const { term } = status;
    const other = this.#leaders.get(term) ?? member;
    must(other === member, 'election safety', () => `${other} and ${member} led in ${term}`);
    this.#leaders.set(term, member);
    const last = this.#committed[this.committedIndex] as Committed;
    const own = this.#views.get(member)?.mirror.at(this.committedIndex) ?? mirror.at(this.committedIndex);
    must(
      status.lastIndex >= this.committedIndex,
      'a newer leader is up to date',
      () =>
        `${member} leads in ${term} with ${status.lastIndex} entries, ${this.committedIndex} are committed`,
    );
    must(
      own === undefined || own.hash === last.hash,
      'leader completeness',
      () => `${member} leads in ${term} without what is committed up to ${this.committedIndex}`,
    );
  }
  #checkLeader(member: MemberId, { mirror, status }: View): void {
    const { commitIndex, lastIndex, progress } = status;
    let changes = 0;
    for (let index = commitIndex + 1; index <= lastIndex; index++)
      if (mirror.at(index)?.entry.type === 'configuration') changes++;
    must(changes <= 1, 'one uncommitted configuration', () => `${member} has ${changes}`);
    for (const [to, { matchIndex, nextIndex, inflightCount, inflightBytes }] of progress) {
      must(matchIndex < nextIndex, 'match before next', () => `${member} of ${to}`);
      must(inflightCount > 0 || inflightBytes === 0, 'inflight bytes are freed', () => `${member} of ${to}`);
    }
  }

  #onCommit(device: Device, view: View, from: number, before: Status): void {
    const { member } = device;
    const { status } = view;
    const mirror = this.#views.get(member)?.mirror ?? view.mirror;
    const known = this.committedIndex;
    for (let index = from + 1; index <= status.commitIndex; index++) {
      const own = mirror.at(index);
      if (own === undefined) continue;
      if (index === this.#committed.length) {
        this.#committed.push({ term: own.entry.term, hash: own.hash, entry: own.entry });
        this.#commit(own.entry);
        continue;
      }
      must(
        this.#committed[index]?.hash === own.hash,
        'state-machine safety',
        () => `${member} committed another entry at ${index}`,
      );
    }
    must(
      status.commitIndex <= this.committedIndex,
      'commits are seen',
      () => `${member} committed ${status.commitIndex} and nobody has it`,
    );
    if (this.committedIndex > known && status.role === 'leader') {
      must(
        mirror.at(this.committedIndex)?.entry.term === status.term,
        'a leader counts copies of its own term only',
        () => `${member} committed ${this.committedIndex}`,
      );
      const durable =
        this.#isOnQuorum(before.configuration, this.committedIndex) ||
        this.#isOnQuorum(status.configuration, this.committedIndex);
      must(durable, 'a commit is durable on a quorum', () => `${member} committed ${this.committedIndex}`);
    }
    mirror.forgetTo(status.commitIndex - 256);
  }
  #commit(entry: Entry): void {
    if (entry.type === 'configuration') {
      const changed = changeConfiguration(this.#configuration, entry.change);
      if (changed.ok) this.#configuration = changed.configuration;
    }
    this.#onCommitted(entry);
  }
  #isOnQuorum(configuration: Configuration, index: number): boolean {
    const term = this.#committed[index]?.term;
    const has = (voter: MemberId): boolean => {
      const disk = this.#lost.get(voter) ?? this.#devices.find(({ member }) => member === voter)?.disk;
      if (disk === undefined || index > disk.lastIndex) return false;
      return index < disk.firstIndex - 1 || disk.term(index) === term;
    };
    return jointVote(configuration, has) === 'won';
  }

  /** Whether any member that may still count goes by a configuration that `says` so. */
  anyConfiguration(says: (configuration: Configuration) => boolean): boolean {
    return this.#devices.some(({ driver, disk }) => {
      const running =
        driver === undefined ? undefined : [driver.configuration, driver.status().configuration];
      return [disk.configuration, ...(running ?? [])].some(says);
    });
  }
  get isChanging(): boolean {
    return this.anyConfiguration(isJoint);
  }
}
