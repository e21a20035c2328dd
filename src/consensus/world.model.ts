/**
 * A small world for one Raft group: members with disks, a network that loses, doubles and reorders, crashes that leave only what was
 * written, members that come and go. Everything is drawn from one seed, and the invariants are checked after every step.
 *
 * It plays the core alone, without documents, sync and links, so that thousands of elections fit into a second. Members that are
 * removed may come back with an empty log under the same number, as a replica whose store was cleared, but not its vote.
 */
import { SeededRandom } from '../base/random.ts';
import { utf8 } from '../base/bytes.ts';
import type { RaftConfig } from './config.ts';
import { membersOf, emptyConfiguration, type MemberChange } from './configuration.ts';
import type { Entry, HardState, MemberId, Snapshot } from './entry.ts';
import { Invariants } from './invariants.model.ts';
import { MemoryLogStorage } from './log-storage.ts';
import type { Message } from './messages.ts';
import { Raft } from './raft.ts';
import type { ApplyWork, PersistWork } from './ready.ts';

export class Member {
  disk = new MemoryLogStorage();
  /** What of the hard state is certain to survive. */
  durable: HardState = this.disk.hardState;
  /** Undefined while it is down. */
  raft: Raft | undefined = undefined;
  /** The state machine: a hash over all it has applied. */
  state: { hash: number; index: number; configuration: Snapshot['configuration'] } = {
    hash: 0,
    index: 0,
    configuration: emptyConfiguration,
  };
  readonly appendWork: PersistWork[] = [];
  readonly applyWork: ApplyWork[] = [];
  readonly id: MemberId;
  constructor(id: MemberId) {
    this.id = id;
  }
}

const membersMax = 6;

const isBusy = ({ raft, appendWork, applyWork }: Member): boolean =>
  raft !== undefined && (raft.hasReady() || appendWork.length + applyWork.length > 0);

export class World {
  readonly members: readonly Member[];
  readonly #random: SeededRandom;
  readonly #config: Omit<RaftConfig, 'id' | 'random'>;
  readonly #invariants: Invariants;
  #sent: Message[] = [];
  #cut = new Set<string>();
  #proposed = 0;
  #calm = false;
  /** Who is cut off, and its clock throttled. */
  #slow: MemberId = 0;
  /** How much time passes between other things. */
  readonly #haste: number;

  constructor(seed: number) {
    const random = new SeededRandom(seed);
    this.#random = random;
    const odds = (one: number): boolean => random.below(one) === 0;
    this.#config = {
      electionTicks: 6,
      heartbeatTicks: 1,
      asyncWrites: odds(2),
      preVote: odds(2),
      checkQuorum: true,
      reads: odds(3) ? 'lease' : 'safe',
      sessions: true,
      stepDownOnRemoval: odds(2),
      inflightCountMax: 1 + random.below(8),
      inflightBytesMax: odds(2) ? 64 : Infinity,
      messageBytesMax: odds(2) ? 64 : Infinity,
      applyingBytesMax: odds(2) ? 64 : Infinity,
      uncommittedBytesMax: odds(2) ? 256 : Infinity,
    };
    this.#haste = [20, 60, 150][random.below(3)] ?? 60;
    this.members = Array.from({ length: membersMax }, (_, at) => new Member(at + 1));
    this.#invariants = new Invariants(this.members);
    const voters = this.members.slice(0, 3 + random.below(3)).map(({ id }) => id);
    const first: Snapshot = {
      index: 1,
      term: 1,
      configuration: { ...emptyConfiguration, incoming: voters },
      data: utf8('0'),
    };
    for (const member of this.members) {
      if (voters.includes(member.id)) member.disk.applySnapshot(first);
      this.#start(member);
    }
  }

  /** `steps` of anything at all, then a time in which nothing fails, at the end of which something must have been agreed on. */
  play(steps: number): void {
    for (let step = 0; step < steps; step++) this.#anything();
    this.#settle();
  }

  #pick<T>(of: readonly T[]): T | undefined {
    return of.length === 0 ? undefined : of[this.#random.below(of.length)];
  }
  /** One that believes to lead, mostly: what is asked of others is passed on, or dropped. */
  #leaderOr(member: Member): Member {
    if (this.#random.below(4) === 0) return member;
    return this.#pick(this.members.filter(({ raft }) => raft?.isLeader === true)) ?? member;
  }
  #anything(): void {
    const known = this.members.filter(({ disk }) => disk.lastIndex > 0);
    const member = this.#pick(known) as Member;
    const anyone = (): MemberId => 1 + this.#random.below(membersMax);
    let drawn = this.#random.below(1040 + this.#haste);
    const is = (share: number): boolean => (drawn -= share) < 0;
    if (is(this.#haste)) this.#pass(member);
    else if (is(480)) this.#deliverOne();
    else if (is(400)) this.#work(this.#pick(this.members.filter(isBusy)) ?? member);
    else if (is(40)) this.#propose(this.#leaderOr(member));
    else if (is(35)) this.#read(this.#leaderOr(member));
    else if (is(25)) this.#change(this.#leaderOr(member));
    else if (is(6)) member.raft?.transferLeadership(anyone());
    else if (is(14)) this.#compact(member);
    else if (is(4)) this.#crash(member);
    else if (is(8)) this.#start(this.#pick(this.members.filter(({ raft }) => raft === undefined)) ?? member);
    else if (is(3)) this.#cutSome(member);
    else if (is(2)) this.#heal();
    else if (is(8)) this.#clearStore(this.#pick(this.members) as Member);
    else if (is(5)) member.raft?.reportUnreachable(anyone());
    else if (is(10)) member.raft?.reportSnapshot(anyone(), this.#random.below(2) === 0);
    else member.raft?.forgetLeader();
    this.#invariants.check(this.members);
  }

  /** Leases stand on clocks that run alike, so then everybody's ticks; else anybody's, and a tab in the background has few. */
  #pass(member: Member): void {
    if (this.#config.reads === 'lease') for (const { raft } of this.members) raft?.tick();
    else if (member.id !== this.#slow || this.#random.below(6) === 0)
      for (let ticks = this.#random.below(4); ticks >= 0; ticks--) member.raft?.tick();
  }
  #deliverOne(): void {
    if (this.#sent.length === 0) return;
    // The oldest mostly; and at times any, however old.
    const among = this.#random.below(8) === 0 ? this.#sent.length : Math.min(4, this.#sent.length);
    const at = this.#random.below(among);
    const message = this.#sent[at] as Message;
    const fate = this.#random.below(20);
    // Kept: it will come again. Lost otherwise, or delivered.
    if (fate > 1) this.#sent.splice(at, 1);
    if (fate === 2 || this.#cut.has(`${message.from}/${message.to}`)) return;
    this.#deliver(message);
  }
  #deliver(message: Message): void {
    this.members[message.to - 1]?.raft?.step(message);
  }
  #send(member: Member, messages: readonly Message[]): void {
    for (const message of messages) {
      this.#invariants.onSent(member, message);
      if (message.to === member.id) member.raft?.step(message);
      else this.#sent.push(message);
    }
    // An endless backlog would only be noise of long ago.
    if (this.#sent.length > 200) this.#sent.splice(0, this.#sent.length - 200);
  }

  #work(member: Member): void {
    const { raft, appendWork, applyWork } = member;
    if (raft === undefined) return;
    const drawn = this.#random.below(3);
    if (drawn === 1 && appendWork.length > 0) {
      this.#finishWrite(member, appendWork.shift() as PersistWork);
      return;
    }
    if (drawn === 2 && applyWork.length > 0) {
      const { entries, done } = applyWork.shift() as ApplyWork;
      this.#apply(member, entries);
      raft.applied(done);
      return;
    }
    if (!raft.hasReady()) return;
    const ready = raft.ready();
    for (const read of ready.readStates) this.#invariants.onReadState(member, read);
    if (this.#config.asyncWrites === true) {
      if (ready.persist !== undefined) appendWork.push(ready.persist);
      if (ready.apply !== undefined) applyWork.push(ready.apply);
      this.#send(member, ready.messages);
      return;
    }
    this.#write(member, ready, ready.mustSync || ready.snapshot !== undefined);
    // Written, and nobody knows.
    if (!this.#calm && this.#random.below(50) === 0) {
      this.#crash(member);
      return;
    }
    this.#send(member, ready.messages);
    this.#apply(member, ready.committed);
    raft.advance();
  }
  #finishWrite(member: Member, work: PersistWork): void {
    this.#write(member, work, true);
    this.#send(member, work.responses);
    if (work.done !== undefined) member.raft?.persisted(work.done);
  }
  #write(
    member: Member,
    { hardState, entries, snapshot }: Omit<PersistWork, 'responses'>,
    synced: boolean,
  ): void {
    const { disk } = member;
    if (hardState !== undefined) disk.hardState = hardState;
    if (snapshot !== undefined) {
      disk.applySnapshot(snapshot);
      const hash = Number(new TextDecoder().decode(snapshot.data));
      member.state = { hash, index: snapshot.index, configuration: snapshot.configuration };
      this.#invariants.onState(member);
    }
    disk.append(entries);
    if (synced) member.durable = disk.hardState;
    this.#invariants.onWritten(member);
  }
  #apply(member: Member, entries: readonly Entry[]): void {
    const { raft } = member;
    for (const entry of entries) {
      // What a snapshot brought meanwhile is applied already.
      if (raft === undefined || entry.index <= member.state.index) continue;
      const configuration =
        entry.type === 'configuration' ? raft.applyChange(entry.change) : member.state.configuration;
      member.state = {
        hash: this.#invariants.hashAfter(member.state.hash, entry),
        index: entry.index,
        configuration,
      };
      this.#invariants.onState(member);
    }
  }

  #propose({ raft }: Member): void {
    raft?.propose(utf8(`${++this.#proposed}`));
  }
  #read(member: Member): void {
    const name = this.#invariants.beginRead(member);
    member.raft?.readIndex(utf8(`${name}`));
  }
  #change({ raft }: Member): void {
    if (raft === undefined) return;
    const { configuration } = raft.status();
    if (configuration.outgoing.length > 0 && this.#random.below(2) === 0) {
      raft.proposeChange({ transition: 'auto', changes: [] });
      return;
    }
    const one = (): MemberChange => {
      const type = this.#pick(['add-voter', 'add-voter', 'add-learner', 'remove'] as const) ?? 'remove';
      return { type, id: 1 + this.#random.below(membersMax) };
    };
    const changes = Array.from({ length: 1 + this.#random.below(2) }, one);
    const voters = new Set(configuration.incoming);
    for (const { type, id } of changes) {
      if (type === 'add-voter') voters.add(id);
      else voters.delete(id);
    }
    // Nobody proposes to leave nobody, or two, which cannot lose one.
    if (voters.size < 3) return;
    const transition = this.#pick(['auto', 'implicit', 'explicit'] as const) ?? 'auto';
    raft.proposeChange({ transition, changes });
  }
  #compact({ raft, disk, state }: Member): void {
    if (raft === undefined || state.index < disk.firstIndex || state.index > disk.lastIndex) return;
    const { hash, index, configuration } = state;
    disk.keepSnapshot({ index, term: disk.term(index), configuration, data: utf8(`${hash}`) });
    if (this.#random.below(2) === 0)
      disk.compact(disk.firstIndex + this.#random.below(index - disk.firstIndex + 1));
  }

  #crash(member: Member): void {
    if (member.raft === undefined) return;
    member.raft = undefined;
    member.appendWork.length = 0;
    member.applyWork.length = 0;
    if (this.#random.below(2) === 0) member.disk.hardState = member.durable;
    this.#invariants.onDown(member);
  }
  #start(member: Member): void {
    if (member.raft !== undefined) return;
    const { disk, id } = member;
    const snapshot = disk.snapshot();
    if (snapshot !== undefined) {
      const hash = Number(new TextDecoder().decode(snapshot.data));
      member.state = { hash, index: snapshot.index, configuration: snapshot.configuration };
    }
    const applied = snapshot?.index ?? 0;
    member.raft = new Raft({ ...this.#config, id, applied, random: this.#random }, disk);
    this.#invariants.onUp(member);
  }
  #heal(): void {
    this.#cut.clear();
    this.#slow = 0;
  }
  #cutSome(member: Member): void {
    // One that is alone, or two that are; at times it is heard and hears nothing, or the other way round.
    // Whoever leads, mostly: what it goes on to append alone is what later leaders must overwrite.
    this.#slow = this.#leaderOr(member).id;
    const alone = [this.#slow, 1 + this.#random.below(membersMax)];
    const [hears, isHeard] = [this.#random.below(4) === 0, this.#random.below(4) === 0];
    for (const { id } of this.members) {
      if (alone.includes(id)) continue;
      for (const lonely of alone) {
        if (!isHeard) this.#cut.add(`${lonely}/${id}`);
        if (!hears) this.#cut.add(`${id}/${lonely}`);
      }
    }
  }
  /**
   * A member that was removed loses its log, though not its vote. Only when all others know, for good, that it is none: else its empty log
   * would speak for what it once stored.
   */
  #clearStore(member: Member): void {
    const others = this.members.filter(other => other !== member);
    const counts = (configuration: Snapshot['configuration']): boolean =>
      membersOf(configuration).has(member.id);
    if (member.disk.lastIndex === 0 || others.some(({ state }) => counts(state.configuration))) return;
    for (const other of others) this.#compact(other);
    if (others.some(({ disk }) => counts(disk.configuration))) return;
    this.#crash(member);
    const { durable } = member;
    member.disk = new MemoryLogStorage();
    member.durable = member.disk.hardState = { ...durable, commitIndex: 0 };
    member.state = { hash: 0, index: 0, configuration: emptyConfiguration };
    this.#invariants.onCleared(member);
    this.#start(member);
  }

  /** Everything works from here on: so something must be agreed on soon, and everybody learn of it. */
  #settle(): void {
    this.#calm = true;
    this.#heal();
    for (const member of this.members) this.#start(member);
    const before = this.#invariants.committedIndex;
    for (let tick = 0; tick < 400; tick++) {
      for (const { raft } of this.members) raft?.tick();
      for (const member of this.members) if (member.raft?.isLeader === true) this.#lead(member);
      for (let busy = true; busy;) {
        busy = false;
        for (const member of this.members) busy = this.#drain(member) || busy;
        const sent = this.#sent;
        this.#sent = [];
        for (const message of sent) this.#deliver(message);
        busy ||= sent.length > 0;
        this.#invariants.check(this.members);
      }
      if (this.#invariants.committedIndex >= before + 3 && this.#invariants.allCaughtUp(this.members)) return;
    }
    this.#invariants.fail('progress', 'nothing was agreed on, or not by all, in a time without faults');
  }
  /** The transport tells which snapshots did not arrive: here, whichever are not on their way. */
  #lead(member: Member): void {
    this.#propose(member);
    if (member.raft?.status().wantsSnapshot === true) this.#compact(member);
    for (const [id, { state }] of member.raft?.status().progress ?? []) {
      const isOnItsWay = this.#sent.some(({ type, to }) => type === 'install-snapshot' && to === id);
      if (state === 'snapshot' && !isOnItsWay) member.raft?.reportSnapshot(id, false);
    }
  }
  #drain(member: Member): boolean {
    const busy = isBusy(member);
    for (let turns = 0; turns < 3 && isBusy(member); turns++) this.#work(member);
    return busy;
  }
}
