/**
 * Who decides, and how that changes: one voter at a time, or any number through a joint configuration in which both the
 * old and the new majority must agree (Ongaro's thesis, chapter 4).
 *
 * The obvious way, switching to the new set as soon as one hears of it, lets two disjoint majorities decide at once. A simple
 * change moves one voter, so any two majorities overlap; everything else goes `C_old` → `C_old,new` → `C_new`.
 *
 * A voter of the outgoing half that is to become a learner waits in `learnersNext`: nobody is a voter and a learner at once. As in
 * etcd, and other than in the thesis, a configuration counts from when its entry is **applied**, so a leader must not begin a
 * second change before it has applied the first, and a candidate must have applied what is committed.
 */
import type { MemberId } from './entry.ts';
import type { JointQuorum } from './quorum.ts';

export interface Configuration extends JointQuorum {
  /** They receive the log and have no say. Ascending, disjoint from the voters. */
  readonly learners: readonly MemberId[];
  /** Outgoing voters that become learners when the joint configuration is left. Ascending. */
  readonly learnersNext: readonly MemberId[];
  /** The leader leaves the joint configuration by itself as soon as it has applied it. */
  readonly autoLeave: boolean;
}

export type MemberChange =
  /** `add-voter` promotes a learner too, and `add-learner` demotes a voter. */
  | { readonly type: 'add-voter' | 'add-learner' | 'remove'; readonly id: MemberId }
  /** Changes nothing here: for what the application knows of a member. */
  | { readonly type: 'update'; readonly id: MemberId };

/**
 * `auto` goes through a joint configuration only when it has to, and leaves it by itself; `implicit` and `explicit` always
 * go through one, and leave it by themselves or when told. No changes at all, and `auto`, means: leave.
 */
export interface ConfigurationChange {
  readonly transition: 'auto' | 'implicit' | 'explicit';
  readonly changes: readonly MemberChange[];
  /** For the application. */
  readonly context?: Uint8Array;
}

export const leaveChange: ConfigurationChange = { transition: 'auto', changes: [] };

export const emptyConfiguration: Configuration = {
  incoming: [],
  outgoing: [],
  learners: [],
  learnersNext: [],
  autoLeave: false,
};

export type Changed =
  | {
      readonly ok: true;
      readonly configuration: Configuration;
      /** Removed on the way, and perhaps added again: what was known of their logs is void. */
      readonly forgotten: ReadonlySet<MemberId>;
    }
  | { readonly ok: false; readonly reason: string };

export function isJoint({ outgoing }: JointQuorum): boolean {
  return outgoing.length > 0;
}

/** Everyone who receives the log. */
export function membersOf(configuration: Configuration): ReadonlySet<MemberId> {
  const { incoming, outgoing, learners } = configuration;
  return new Set([...incoming, ...outgoing, ...learners]);
}

/** As `change` asks: leave, enter, or a simple change. */
export function changeConfiguration(from: Configuration, change: ConfigurationChange): Changed {
  const { transition, changes } = change;
  if (transition === 'auto' && changes.length === 0) return leaveJoint(from);
  if (transition !== 'auto' || changes.length > 1)
    return enterJoint(from, changes, transition !== 'explicit');
  return simpleChange(from, changes);
}

/** `C_new` → `C_new,old`, with the changes made to the incoming half. */
export function enterJoint(
  from: Configuration,
  changes: readonly MemberChange[],
  autoLeave: boolean,
): Changed {
  if (isJoint(from)) return refused('config is already joint');
  if (from.incoming.length === 0) return refused("can't make a zero-voter config joint");
  return new Draft({ ...from, outgoing: from.incoming }).apply(changes, autoLeave);
}

/** `C_new,old` → `C_new`. */
export function leaveJoint(from: Configuration): Changed {
  if (!isJoint(from)) return refused("can't leave a non-joint config");
  const learners = ascending(new Set([...from.learners, ...from.learnersNext]));
  const configuration = {
    incoming: from.incoming,
    outgoing: [],
    learners,
    learnersNext: [],
    autoLeave: false,
  };
  const stay = membersOf(configuration);
  return { ok: true, configuration, forgotten: new Set(from.outgoing.filter(id => !stay.has(id))) };
}

/** Any changes that, together, add or remove at most one voter. */
export function simpleChange(from: Configuration, changes: readonly MemberChange[]): Changed {
  if (isJoint(from)) return refused("can't apply simple config change in joint config");
  const changed = new Draft(from).apply(changes, false);
  if (!changed.ok) return changed;
  const { incoming } = changed.configuration;
  const moved =
    incoming.filter(id => !from.incoming.includes(id)).length +
    from.incoming.filter(id => !incoming.includes(id)).length;
  return moved > 1 ? refused('more than one voter changed without entering joint config') : changed;
}

function refused(reason: string): Changed {
  return { ok: false, reason };
}

function ascending(ids: ReadonlySet<MemberId>): readonly MemberId[] {
  return [...ids].sort((a, b) => a - b);
}

/** The sets while changes are made to them. */
class Draft {
  readonly #incoming: Set<MemberId>;
  readonly #outgoing: ReadonlySet<MemberId>;
  readonly #learners: Set<MemberId>;
  readonly #learnersNext: Set<MemberId>;
  readonly #forgotten = new Set<MemberId>();

  constructor({ incoming, outgoing, learners, learnersNext }: Configuration) {
    this.#incoming = new Set(incoming);
    this.#outgoing = new Set(outgoing);
    this.#learners = new Set(learners);
    this.#learnersNext = new Set(learnersNext);
  }

  apply(changes: readonly MemberChange[], autoLeave: boolean): Changed {
    for (const { type, id } of changes) {
      // What the application crossed out: it must be applied, and change nothing.
      if (id === 0 || type === 'update') continue;
      if (type === 'remove') this.#remove(id);
      else if (type === 'add-voter') this.#addVoter(id);
      else this.#addLearner(id);
    }
    if (this.#incoming.size === 0) return refused('removed all voters');
    return {
      ok: true,
      configuration: {
        incoming: ascending(this.#incoming),
        outgoing: ascending(this.#outgoing),
        learners: ascending(this.#learners),
        learnersNext: ascending(this.#learnersNext),
        autoLeave,
      },
      forgotten: this.#forgotten,
    };
  }

  #addVoter(id: MemberId): void {
    this.#learners.delete(id);
    this.#learnersNext.delete(id);
    this.#incoming.add(id);
  }
  #addLearner(id: MemberId): void {
    this.#incoming.delete(id);
    (this.#outgoing.has(id) ? this.#learnersNext : this.#learners).add(id);
  }
  #remove(id: MemberId): void {
    this.#incoming.delete(id);
    this.#learners.delete(id);
    this.#learnersNext.delete(id);
    if (!this.#outgoing.has(id)) this.#forgotten.add(id);
  }
}
