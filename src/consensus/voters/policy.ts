/**
 * Who should vote, as the leader sees it. Servers are few and stay; tabs are many and go. So voters are chosen among those who have shown
 * that they stay, a stand-by learns before it votes, and one that has gone is swapped, in one joint change, before the next one goes
 * (Consul's autopilot and dqlite's roles have the idea; here a member is a device's store, and the founder is never left out).
 *
 * The obvious rule, everyone votes, needs a majority of tabs that are closed. The next one, remove whoever is silent, ends with the
 * last tab deciding alone, while the others, cut off, are many: it shrinks only onto a replica that is always on.
 */
import { isJoint, membersOf, type Configuration, type ConfigurationChange } from '../configuration.ts';
import type { MemberId } from '../entry.ts';

/** What the leader knows of a member, or of one that might become one. */
export interface Candidate {
  readonly member: MemberId;
  readonly device: string;
  readonly isUp: boolean;
  /** Entries of the leader's log that it has not stored; of one that is no member yet, Infinity. */
  readonly lag: number;
  readonly isAlwaysOn: boolean;
  readonly isVisible: boolean;
  /** Its browser promised to keep its store. */
  readonly isPersisted: boolean;
  readonly isInstalled: boolean;
  readonly isMobile: boolean;
}

export interface PolicyBounds {
  readonly stableMs: number;
  readonly lagMax: number;
  readonly goneMs: number;
  readonly windowMs: number;
  readonly manyDevices: number;
  readonly betterFor: number;
  readonly learnersMax: number;
}
/** Tuned on the rough model of twelve devices with a median life of eight minutes: swaps after ten seconds. */
export const policyBoundsDefault: PolicyBounds = {
  stableMs: 45_000,
  lagMax: 64,
  goneMs: 10_000,
  windowMs: 30_000,
  manyDevices: 7,
  betterFor: 3,
  learnersMax: 8,
};

/** Higher votes sooner. */
export function classOf(candidate: Candidate): number {
  if (candidate.isAlwaysOn) return 5;
  if (candidate.isMobile) return candidate.isVisible ? 1 : 0;
  if (candidate.isVisible) return candidate.isPersisted ? 4 : 3;
  return candidate.isInstalled ? 2 : 1;
}

export class VoterPolicy {
  readonly #founder: MemberId;
  readonly #bounds: PolicyBounds;
  /** Since when each has been up, and near, without a break. */
  readonly #upSinceMs = new Map<MemberId, number>();
  readonly #goneSinceMs = new Map<MemberId, number>();
  /** Of members, also of those that are gone. */
  readonly #deviceOf = new Map<MemberId, string>();
  #removedAtMs: number[] = [];

  constructor(founder: MemberId, bounds: PolicyBounds = policyBoundsDefault) {
    this.#founder = founder;
    this.#bounds = bounds;
  }

  /** What the leader should propose now, if anything. `isPending`: a change is in its log that is not applied. */
  decide(
    nowMs: number,
    configuration: Configuration,
    candidates: readonly Candidate[],
    isPending: boolean,
  ): ConfigurationChange | undefined {
    const known = new Map(candidates.map(candidate => [candidate.member, candidate]));
    this.#observe(nowMs, configuration, known);
    if (isPending || isJoint(configuration)) return undefined;
    return (
      this.#grow(nowMs, configuration, candidates) ??
      this.#replaceGone(nowMs, configuration, candidates) ??
      this.#replaceWorse(nowMs, configuration, candidates) ??
      this.#learn(configuration, candidates)
    );
  }

  #observe(nowMs: number, configuration: Configuration, known: ReadonlyMap<MemberId, Candidate>): void {
    for (const [member, { isUp, lag }] of known) {
      // One that does not learn yet has nothing to be near to.
      const isNear = lag <= this.#bounds.lagMax || lag === Infinity;
      if (!isUp || !isNear) this.#upSinceMs.delete(member);
      else if (!this.#upSinceMs.has(member)) this.#upSinceMs.set(member, nowMs);
    }
    const members = membersOf(configuration);
    for (const [member, { device }] of known) if (members.has(member)) this.#deviceOf.set(member, device);
    for (const member of this.#deviceOf.keys()) if (!members.has(member)) this.#deviceOf.delete(member);
    for (const member of this.#upSinceMs.keys()) if (!known.has(member)) this.#upSinceMs.delete(member);
    for (const member of members) {
      if (known.get(member)?.isUp === true) this.#goneSinceMs.delete(member);
      else if (!this.#goneSinceMs.has(member)) this.#goneSinceMs.set(member, nowMs);
    }
    for (const member of this.#goneSinceMs.keys()) if (!members.has(member)) this.#goneSinceMs.delete(member);
    this.#removedAtMs = this.#removedAtMs.filter(atMs => nowMs - atMs < this.#bounds.windowMs);
  }
  #stableForMs(nowMs: number, member: MemberId): number {
    return nowMs - (this.#upSinceMs.get(member) ?? nowMs);
  }
  #isGone(nowMs: number, member: MemberId): boolean {
    const sinceMs = this.#goneSinceMs.get(member);
    return sinceMs !== undefined && nowMs - sinceMs >= this.#bounds.goneMs;
  }
  /** Learners that may vote, the best first: of a device that has no voter but `leaving`. */
  #standBys(
    nowMs: number,
    configuration: Configuration,
    candidates: readonly Candidate[],
    leaving?: MemberId,
  ): readonly Candidate[] {
    const voters = configuration.incoming.filter(member => member !== leaving);
    const taken = new Set(voters.map(member => this.#deviceOf.get(member)));
    const best: Candidate[] = [];
    const stable = candidates.filter(
      ({ member, lag, isUp }) =>
        isUp &&
        configuration.learners.includes(member) &&
        lag <= this.#bounds.lagMax &&
        this.#stableForMs(nowMs, member) >= this.#bounds.stableMs,
    );
    for (const candidate of [...stable].sort((a, b) => classOf(b) - classOf(a) || a.member - b.member)) {
      if (taken.has(candidate.device)) continue;
      taken.add(candidate.device);
      best.push(candidate);
    }
    return best;
  }

  #grow(
    nowMs: number,
    configuration: Configuration,
    candidates: readonly Candidate[],
  ): ConfigurationChange | undefined {
    const voters = configuration.incoming.length;
    const standBys = this.#standBys(nowMs, configuration, candidates);
    // A set that is even, left so by a change of someone else's, becomes odd.
    const wanted = voters % 2 === 0 ? 1 : 2;
    const isMany = voters < 3 || standBys.length + voters >= this.#bounds.manyDevices;
    if (voters >= 5 || !isMany || standBys.length < wanted) return undefined;
    const changes = standBys.slice(0, wanted).map(({ member: id }) => ({ type: 'add-voter', id }) as const);
    return { transition: 'auto', changes };
  }

  #replaceGone(
    nowMs: number,
    configuration: Configuration,
    candidates: readonly Candidate[],
  ): ConfigurationChange | undefined {
    const { incoming, learners } = configuration;
    const goneLearner = learners.find(member => this.#isGone(nowMs, member));
    if (goneLearner !== undefined)
      return { transition: 'auto', changes: [{ type: 'remove', id: goneLearner }] };
    const gone = incoming.filter(member => member !== this.#founder && this.#isGone(nowMs, member));
    const [first] = gone;
    if (first === undefined || !this.#mayRemove(incoming.length)) return undefined;
    const [standBy] = this.#standBys(nowMs, configuration, candidates, first);
    if (standBy !== undefined) {
      this.#removedAtMs.push(nowMs);
      return swap(first, standBy.member);
    }
    const alone = candidates.find(
      ({ member, isAlwaysOn, isUp }) => isAlwaysOn && isUp && incoming.includes(member),
    );
    const others = incoming.filter(member => member !== alone?.member);
    // Onto it alone, or not at all; a founder that is here stays.
    if (
      alone === undefined ||
      others.some(member => !this.#isGone(nowMs, member) && member === this.#founder)
    )
      return undefined;
    const stay = others.filter(member => !this.#isGone(nowMs, member));
    if (stay.length % 2 === 0 && stay.length > 0) return undefined;
    this.#removedAtMs.push(nowMs);
    // The founder comes back as a voter when it is there again: it stays known as a learner.
    const changes = others.map(id =>
      id === this.#founder ? ({ type: 'add-learner', id } as const) : ({ type: 'remove', id } as const),
    );
    return { transition: 'auto', changes };
  }
  #mayRemove(voters: number): boolean {
    return this.#removedAtMs.length < Math.max(1, Math.floor((voters - 1) / 2));
  }

  #replaceWorse(
    nowMs: number,
    configuration: Configuration,
    candidates: readonly Candidate[],
  ): ConfigurationChange | undefined {
    const { incoming } = configuration;
    if (incoming.length < 3 || !this.#mayRemove(incoming.length)) return undefined;
    const [standBy] = this.#standBys(nowMs, configuration, candidates);
    const needMs = this.#bounds.betterFor * this.#bounds.stableMs;
    if (standBy === undefined || this.#stableForMs(nowMs, standBy.member) < needMs) return undefined;
    const worst = candidates
      .filter(({ member }) => incoming.includes(member) && member !== this.#founder)
      .sort((a, b) => classOf(a) - classOf(b) || b.member - a.member)[0];
    if (worst === undefined || classOf(worst) >= classOf(standBy)) return undefined;
    this.#removedAtMs.push(nowMs);
    return swap(worst.member, standBy.member);
  }

  #learn(configuration: Configuration, candidates: readonly Candidate[]): ConfigurationChange | undefined {
    const members = membersOf(configuration);
    if (configuration.learners.length >= this.#bounds.learnersMax) return undefined;
    // Another tab of a device that is a member learns only when that member is away.
    const devices = new Set(
      candidates.filter(({ member, isUp }) => isUp && members.has(member)).map(({ device }) => device),
    );
    const next = candidates
      .filter(({ member, device, isUp }) => isUp && !members.has(member) && !devices.has(device))
      .sort((a, b) => classOf(b) - classOf(a) || a.member - b.member)[0];
    if (next === undefined) return undefined;
    return { transition: 'auto', changes: [{ type: 'add-learner', id: next.member }] };
  }
}

function swap(gone: MemberId, comes: MemberId): ConfigurationChange {
  const changes = [
    { type: 'remove', id: gone },
    { type: 'add-voter', id: comes },
  ] as const;
  return { transition: 'auto', changes };
}

/** How many voters a group can lose and still decide. */
export type Protection =
  /** One device decides. */
  | { readonly type: 'alone'; readonly decides: MemberId }
  /** All of them are needed. */
  | { readonly type: 'unprotected' }
  | { readonly type: 'protected'; readonly spare: number };

export function protectionOf({ incoming }: Configuration): Protection {
  const [only] = incoming;
  if (incoming.length === 1 && only !== undefined) return { type: 'alone', decides: only };
  const spare = Math.floor((incoming.length - 1) / 2);
  return spare > 0 ? { type: 'protected', spare } : { type: 'unprotected' };
}
