/**
 * The configuration in force and what is known of each of its members: progress while leading, votes while campaigning
 * (Ongaro's thesis, sections 3.4, 3.5 and 4.2).
 */
import { membersOf, emptyConfiguration, type Configuration } from './configuration.ts';
import type { MemberId } from './entry.ts';
import { Progress, type ProgressLimits } from './progress.ts';
import { jointReached, jointVote, votersOf, type Majority, type VoteResult } from './quorum.ts';

const noneForgotten: ReadonlySet<MemberId> = new Set();

export class Tracker {
  configuration: Configuration = emptyConfiguration;
  /** By ascending id, so that what is sent to all is sent in one order everywhere. */
  progress: ReadonlyMap<MemberId, Progress> = new Map<MemberId, Progress>();
  voters: Majority = [];
  readonly #limits: ProgressLimits;
  readonly #votes = new Map<MemberId, boolean>();

  constructor(limits: ProgressLimits) {
    this.#limits = limits;
  }

  /**
   * Takes another configuration into force. A new member is probed from the end of the log: a leader does not know what it has, and
   * its first answer tells. It counts as heard of, or checking the quorum could end a leader before the newcomer had a chance.
   */
  reconfigure(
    configuration: Configuration,
    lastIndex: number,
    nextSession: () => number,
    forgotten: ReadonlySet<MemberId> = noneForgotten,
  ): void {
    const progress = new Map<MemberId, Progress>();
    for (const id of [...membersOf(configuration)].sort((a, b) => a - b)) {
      const isLearner = configuration.learners.includes(id);
      const known = forgotten.has(id) ? undefined : this.progress.get(id);
      if (known !== undefined) known.isLearner = isLearner;
      progress.set(
        id,
        known ??
          new Progress(Math.max(lastIndex, 1), this.#limits, {
            isLearner,
            recentlyActive: true,
            session: nextSession(),
          }),
      );
    }
    this.configuration = configuration;
    this.progress = progress;
    this.voters = votersOf(configuration);
  }

  /** A term began: no votes, and nothing known of anybody's log. */
  renew(nextIndex: number, nextSession: () => number): void {
    this.#votes.clear();
    const renewed = new Map<MemberId, Progress>();
    for (const [id, progress] of this.progress) renewed.set(id, progress.renewed(nextIndex, nextSession()));
    this.progress = renewed;
  }

  /** The highest index stored on a quorum. */
  committed(): number {
    return jointReached(this.configuration, id => this.progress.get(id)?.matchIndex);
  }
  /** Whether a quorum was heard of since everyone was last marked silent. */
  quorumActive(): boolean {
    const active = (id: MemberId): boolean => this.progress.get(id)?.recentlyActive === true;
    return jointVote(this.configuration, active) === 'won';
  }

  forgetVotes(): void {
    this.#votes.clear();
  }
  /** The first answer of a voter counts: a second one is a duplicate. */
  recordVote(id: MemberId, granted: boolean): void {
    if (!this.#votes.has(id)) this.#votes.set(id, granted);
  }
  voteResult(): VoteResult {
    return jointVote(this.configuration, id => this.#votes.get(id));
  }

  /** One voter, and nobody to ask. */
  get isSingleton(): boolean {
    const { incoming, outgoing } = this.configuration;
    return incoming.length === 1 && outgoing.length === 0;
  }
}
