/**
 * What must hold in every world, whatever happens to it (Ongaro's thesis, figure 3.2, and sections 4.1, 6.4 and 3.8). It sees all
 * members and all disks at once, as nobody in the world can.
 */
import { jointVote } from './quorum.ts';
import type { Entry, MemberId } from './entry.ts';
import type { Message } from './messages.ts';
import type { ReadState } from './state.ts';
import type { Status } from './status.ts';
import type { Member } from './world.model.ts';

export class Violation extends Error {
  override readonly name = 'Violation';
  readonly invariant: string;
  constructor(invariant: string, says: string) {
    super(`${invariant}: ${says}`);
    this.invariant = invariant;
  }
}

const key = (term: number, index: number): string => `${term}/${index}`;
function mix(hash: number, value: number): number {
  const mixed = Math.imul(hash ^ value, 0x85ebca6b);
  return (mixed ^ (mixed >>> 13)) | 0;
}

interface Seen {
  readonly term: number;
  readonly commitIndex: number;
  readonly applied: number;
  readonly role: string;
  readonly lastIndex: number;
}

export class Invariants {
  readonly #leaders = new Map<number, MemberId>();
  /** Hash over the log up to and with the entry that `term/index` names. */
  readonly #prefixes = new Map<string, number>();
  /** Term of the entry committed at each index, from 2 on. */
  readonly #committed: number[] = [0, 1];
  readonly #votes = new Map<string, MemberId>();
  readonly #durableTerms = new Map<MemberId, number>();
  readonly #seen = new Map<MemberId, Seen>();
  readonly #states = new Map<number, number>();
  readonly #reads = new Map<string, number>();
  #readNames = 0;

  constructor(members: readonly Member[]) {
    for (const { id } of members) this.#durableTerms.set(id, 0);
    this.#prefixes.set(key(1, 1), 0);
    this.#prefixes.set(key(0, 0), 0);
  }

  get committedIndex(): number {
    return this.#committed.length - 1;
  }
  fail(invariant: string, says: string): never {
    throw new Violation(invariant, says);
  }
  #require(holds: boolean, invariant: string, says: () => string): void {
    if (!holds) this.fail(invariant, says());
  }

  hashAfter(hash: number, entry: Entry): number {
    let after = mix(mix(hash, entry.term), entry.index);
    if (entry.type === 'normal') for (const byte of entry.data) after = mix(after, byte);
    else for (const { id, type } of entry.change.changes) after = mix(mix(after, id), type.length);
    return after;
  }

  onUp(member: Member): void {
    this.#seen.delete(member.id);
  }
  onDown(member: Member): void {
    this.#seen.delete(member.id);
  }
  onCleared(member: Member): void {
    this.#seen.delete(member.id);
  }

  /** Promises that leave a member are on its disk. */
  onSent(member: Member, message: Message): void {
    const { id, disk, durable } = member;
    if (message.type === 'request-vote-response' && message.granted) {
      const kept = durable.term === message.term && durable.votedFor === message.to;
      // A later term is later than that vote.
      this.#require(
        kept || durable.term > message.term,
        'durable vote',
        () => `${id} promised what it may forget`,
      );
    }
    if (message.type !== 'append-response' || message.refused !== undefined || message.index === 0) return;
    const stored = message.index <= disk.lastIndex || durable.term > message.term;
    this.#require(
      stored,
      'durable append',
      () => `${id} acknowledged ${message.index}, which is not on its disk`,
    );
  }
  onWritten({ id, durable }: Member): void {
    const before = this.#durableTerms.get(id) ?? 0;
    this.#require(
      durable.term >= before,
      'terms never fall',
      () => `${id} wrote ${durable.term} after ${before}`,
    );
    this.#durableTerms.set(id, durable.term);
    if (durable.votedFor === 0) return;
    const vote = key(durable.term, id);
    const earlier = this.#votes.get(vote) ?? durable.votedFor;
    this.#require(
      earlier === durable.votedFor,
      'one vote a term',
      () => `${id} voted twice in ${durable.term}`,
    );
    this.#votes.set(vote, durable.votedFor);
  }
  onState({ id, state }: Member): void {
    const known = this.#states.get(state.index) ?? state.hash;
    this.#require(known === state.hash, 'state machine safety', () => `${id} differs at ${state.index}`);
    this.#states.set(state.index, state.hash);
  }

  /** A name for a read, which must see everything committed anywhere by now. */
  beginRead(_member: Member): number {
    this.#reads.set(`${++this.#readNames}`, this.committedIndex);
    return this.#readNames;
  }
  onReadState({ id }: Member, { index, context }: ReadState): void {
    const name = new TextDecoder().decode(context);
    const atLeast = this.#reads.get(name) ?? Infinity;
    this.#require(
      index >= atLeast,
      'linearizable reads',
      () => `${id} reads at ${index}, ${atLeast} was committed`,
    );
  }

  check(members: readonly Member[]): void {
    let leases = 0;
    for (const member of members) {
      if (member.raft === undefined) continue;
      const status = member.raft.status();
      this.#checkMember(member, status, members);
      if (status.hasLease) leases++;
    }
    this.#require(leases <= 1, 'disjoint leases', () => 'two hold the lease');
  }

  #checkMember(member: Member, status: Status, members: readonly Member[]): void {
    const { id, term, commitIndex, applied, role, lastIndex } = status;
    const seen = this.#seen.get(id);
    if (
      seen?.term === term &&
      seen.commitIndex === commitIndex &&
      seen.applied === applied &&
      seen.role === role &&
      seen.lastIndex === lastIndex &&
      role !== 'leader'
    )
      return;
    if (seen !== undefined) {
      this.#require(term >= seen.term, 'terms never fall', () => `${id} went from ${seen.term} to ${term}`);
      this.#require(commitIndex >= seen.commitIndex, 'commit never falls', () => `of ${id}`);
      this.#require(applied >= seen.applied, 'applied never falls', () => `of ${id}`);
      if (role === 'leader' && seen.role === 'leader' && seen.term === term) {
        this.#require(lastIndex >= seen.lastIndex, 'leader append-only', () => `${id} lost entries`);
      }
    }
    this.#require(applied <= commitIndex, 'applied is committed', () => `of ${id}`);
    this.#seen.set(id, { term, commitIndex, applied, role, lastIndex });
    const log = this.#readLog(member, status);
    this.#checkLog(id, log, status);
    if (role === 'leader') this.#checkLeader(member, log, status, seen, members);
    this.#checkCommitted(id, log, status);
  }

  /** The log as its disk and memory have it together, read through what a leader would send. */
  #readLog({ raft }: Member, { firstIndex, lastIndex }: Status): readonly Entry[] {
    return raft?.logEntries(firstIndex, lastIndex + 1) ?? [];
  }
  #checkLog(id: MemberId, log: readonly Entry[], { firstIndex }: Status): void {
    const [first] = log;
    if (first === undefined) return;
    this.#require(first.index === firstIndex, 'log matching', () => `${id} has a gap`);
    let hash: number | undefined;
    let last = 0;
    for (const [at, entry] of log.entries()) {
      this.#require(
        entry.index === firstIndex + at && entry.term >= last,
        'log matching',
        () => `${id} is out of order`,
      );
      last = entry.term;
      const known = this.#prefixes.get(key(entry.term, entry.index));
      if (hash === undefined) {
        hash = known ?? (entry.index === 2 ? this.hashAfter(0, entry) : undefined);
        if (hash === undefined) continue;
      } else hash = this.hashAfter(hash, entry);
      const same = known === undefined || known === hash;
      const name = key(entry.term, entry.index);
      this.#require(same, 'log matching', () => `${id} has another log before ${name}`);
      this.#prefixes.set(name, hash);
    }
  }
  #checkLeader(
    member: Member,
    log: readonly Entry[],
    status: Status,
    seen: Seen | undefined,
    members: readonly Member[],
  ): void {
    const { id, term, firstIndex, commitIndex } = status;
    const other = this.#leaders.get(term) ?? id;
    this.#require(other === id, 'election safety', () => `${other} and ${id} led in ${term}`);
    const isNew = !this.#leaders.has(term);
    this.#leaders.set(term, id);
    if (isNew) {
      for (let index = Math.max(firstIndex, 2); index <= this.committedIndex; index++) {
        const has = log[index - firstIndex]?.term === this.#committed[index];
        this.#require(
          has,
          'leader completeness',
          () => `${id} leads in ${term} without ${index}, which is committed`,
        );
      }
    }
    const uncommitted = log.filter(({ type, index }) => type === 'configuration' && index > commitIndex);
    this.#require(uncommitted.length <= 1, 'one change at a time', () => `${id} has ${uncommitted.length}`);
    for (const [to, { matchIndex, nextIndex, inflightCount, inflightBytes }] of status.progress) {
      this.#require(matchIndex < nextIndex, 'match before next', () => `${id} of ${to}`);
      this.#require(inflightCount > 0 || inflightBytes === 0, 'inflight bytes', () => `${id} of ${to} leaks`);
    }
    const before = seen?.role === 'leader' && seen.term === term ? seen.commitIndex : commitIndex;
    if (commitIndex <= before) return;
    const ownTerm = log[commitIndex - firstIndex]?.term === term;
    this.#require(
      ownTerm,
      'commits by counting',
      () => `${id} counted copies of ${commitIndex}, of an older term`,
    );
    this.#checkQuorumHas(member, log, status, members);
  }
  /** What a leader commits is on the disks of a quorum, its own included. */
  #checkQuorumHas({ id }: Member, log: readonly Entry[], status: Status, members: readonly Member[]): void {
    const { commitIndex, firstIndex, configuration } = status;
    const term = log[commitIndex - firstIndex]?.term;
    if (term === undefined || this.#committed[commitIndex] !== undefined) return;
    const has = (voter: MemberId): boolean => {
      const disk = members[voter - 1]?.disk;
      if (disk === undefined || commitIndex > disk.lastIndex) return false;
      return commitIndex < disk.firstIndex - 1 || disk.term(commitIndex) === term;
    };
    this.#require(
      jointVote(configuration, has) === 'won',
      'commits are durable',
      () => `${id} committed ${commitIndex}, which no quorum has`,
    );
  }
  #checkCommitted(id: MemberId, log: readonly Entry[], { commitIndex, firstIndex }: Status): void {
    for (let index = Math.max(firstIndex, 2); index <= commitIndex; index++) {
      const term = log[index - firstIndex]?.term ?? 0;
      if (index > this.committedIndex) {
        // A member that was far behind and restored a snapshot skips nothing that others did not see.
        if (index === this.#committed.length) this.#committed.push(term);
        continue;
      }
      const known = this.#committed[index];
      this.#require(
        known === term,
        'state machine safety',
        () => `${id} committed another entry at ${index}`,
      );
    }
  }

  allCaughtUp(members: readonly Member[]): boolean {
    const leader = members.find(({ raft }) => raft?.isLeader === true)?.raft?.status();
    if (leader === undefined) return false;
    const behind = (id: MemberId): boolean => (members[id - 1]?.state.index ?? 0) + 8 < leader.commitIndex;
    return ![...leader.progress.keys()].some(behind);
  }
}
