/** A few members in one process for tests that name each message: nothing is delivered but what the test lets through. */
import { utf8 } from '../base/bytes.ts';
import { SeededRandom } from '../base/random.ts';
import type { RaftConfig } from './config.ts';
import { emptyConfiguration, type Configuration } from './configuration.ts';
import type { Entry, MemberId } from './entry.ts';
import { MemoryLogStorage } from './log-storage.ts';
import type { Message } from './messages.ts';
import { Raft } from './raft.ts';
import type { ReadState } from './state.ts';

export interface GroupMember {
  raft: Raft;
  storage: MemoryLogStorage;
  readonly applied: Entry[];
  readonly reads: ReadState[];
}

export class Group {
  readonly members = new Map<MemberId, GroupMember>();
  /** Sent, and not let through yet. */
  sent: Message[] = [];
  readonly #config: Partial<RaftConfig>;

  constructor(
    voters: readonly MemberId[],
    config: Partial<RaftConfig> = {},
    learners: readonly MemberId[] = [],
  ) {
    this.#config = config;
    const configuration: Configuration = { ...emptyConfiguration, incoming: voters, learners };
    for (const id of [...voters, ...learners]) this.add(id, configuration);
  }
  add(id: MemberId, configuration: Configuration = emptyConfiguration): Raft {
    const storage = new MemoryLogStorage();
    if (configuration.incoming.length > 0) {
      storage.applySnapshot({ index: 1, term: 1, configuration, data: new Uint8Array(0) });
    }
    const raft = this.#started(id, storage);
    this.members.set(id, { raft, storage, applied: [], reads: [] });
    return raft;
  }
  /** Only what is on its disk is left. */
  restart(id: MemberId): Raft {
    const member = this.member(id);
    member.applied.length = 0;
    return (member.raft = this.#started(id, member.storage));
  }
  #started(id: MemberId, storage: MemoryLogStorage): Raft {
    const random = new SeededRandom(id);
    const applied = storage.snapshot()?.index ?? 0;
    return new Raft({ electionTicks: 10, heartbeatTicks: 1, random, ...this.#config, id, applied }, storage);
  }
  member(id: MemberId): GroupMember {
    const member = this.members.get(id);
    if (member === undefined) throw new Error(`no member ${id}`);
    return member;
  }
  raft(id: MemberId): Raft {
    return this.member(id).raft;
  }

  /** Writes, applies and sends all there is to do for these, or all. */
  work(...ids: readonly MemberId[]): void {
    for (const [id, member] of this.members) {
      if (ids.length > 0 && !ids.includes(id)) continue;
      while (member.raft.hasReady()) {
        const ready = member.raft.ready();
        if (ready.hardState !== undefined) member.storage.hardState = ready.hardState;
        if (ready.snapshot !== undefined) member.storage.applySnapshot(ready.snapshot);
        member.storage.append(ready.entries);
        this.sent.push(...ready.messages);
        member.reads.push(...ready.readStates);
        for (const entry of ready.committed) {
          if (entry.type === 'configuration') member.raft.applyChange(entry.change);
          member.applied.push(entry);
        }
        member.raft.advance();
      }
    }
  }
  /** What was sent and fits is taken out. */
  take(fits: (message: Message) => boolean): readonly Message[] {
    const taken = this.sent.filter(fits);
    this.sent = this.sent.filter(message => !fits(message));
    return taken;
  }
  deliver(messages: readonly Message[]): void {
    for (const message of messages) this.members.get(message.to)?.raft.step(message);
  }
  /** Until nothing happens any more; what does not fit is lost. */
  settle(fits: (message: Message) => boolean = () => true): void {
    this.work();
    while (this.sent.length > 0) {
      this.deliver(this.take(() => true).filter(fits));
      this.work();
    }
  }
  elect(id: MemberId): Raft {
    this.raft(id).campaign();
    this.settle();
    return this.raft(id);
  }
  propose(id: MemberId, ...texts: readonly string[]): void {
    for (const text of texts) this.raft(id).propose(utf8(text));
  }
  /** The data of what was applied; changes as `~`. */
  applied(id: MemberId): string {
    const text = (entry: Entry) => (entry.type === 'normal' ? new TextDecoder().decode(entry.data) : '~');
    return this.member(id).applied.map(text).join('');
  }
}

export const between =
  (...ids: readonly MemberId[]) =>
  ({ from, to }: Message): boolean =>
    ids.includes(from) && ids.includes(to);
