/**
 * Majorities, and pairs of them: what decides elections, commits and reads (Ongaro's thesis, sections 3.4, 3.5 and 4.3).
 *
 * A joint quorum needs a majority of the incoming voters **and** one of the outgoing. An empty half agrees to everything, so
 * that a configuration that is not joint is the joint one whose outgoing half is empty, and one code path serves both.
 */
import type { MemberId } from './entry.ts';

/** A set of voters, ascending, none twice. */
export type Majority = readonly MemberId[];

export interface JointQuorum {
  readonly incoming: Majority;
  /** Empty unless the configuration is joint. */
  readonly outgoing: Majority;
}

export type VoteResult = 'won' | 'lost' | 'pending';

/**
 * The highest value that a majority has reached, each voter's being `reachedBy(id)` and 0 while unknown. `Infinity` for no voters.
 */
export function majorityReached(voters: Majority, reachedBy: (id: MemberId) => number | undefined): number {
  const { length } = voters;
  if (length === 0) return Infinity;
  const reached: number[] = [];
  for (const id of voters) {
    const value = reachedBy(id) ?? 0;
    // Insertion: there are three or five voters, and this runs at every acknowledgement.
    let at = reached.length;
    for (; at > 0 && (reached[at - 1] as number) > value; at--) reached[at] = reached[at - 1] as number;
    reached[at] = value;
  }
  return reached[length - (Math.floor(length / 2) + 1)] as number;
}

export function jointReached(quorum: JointQuorum, reachedBy: (id: MemberId) => number | undefined): number {
  const incoming = majorityReached(quorum.incoming, reachedBy);
  return quorum.outgoing.length === 0
    ? incoming
    : Math.min(incoming, majorityReached(quorum.outgoing, reachedBy));
}

/** `voteOf` is undefined for those who have not answered. An empty majority has won. */
export function majorityVote(voters: Majority, voteOf: (id: MemberId) => boolean | undefined): VoteResult {
  const needed = Math.floor(voters.length / 2) + 1;
  let granted = 0;
  let missing = 0;
  for (const id of voters) {
    const vote = voteOf(id);
    if (vote === undefined) missing++;
    else if (vote) granted++;
  }
  if (voters.length === 0 || granted >= needed) return 'won';
  return granted + missing >= needed ? 'pending' : 'lost';
}

/** Lost as soon as one half is lost, won when both are. */
export function jointVote(quorum: JointQuorum, voteOf: (id: MemberId) => boolean | undefined): VoteResult {
  const incoming = majorityVote(quorum.incoming, voteOf);
  const outgoing = majorityVote(quorum.outgoing, voteOf);
  if (incoming === outgoing) return incoming;
  return incoming === 'lost' || outgoing === 'lost' ? 'lost' : 'pending';
}

/** Everyone in either half, ascending. */
export function votersOf({ incoming, outgoing }: JointQuorum): Majority {
  if (outgoing.length === 0) return incoming;
  return [...new Set([...incoming, ...outgoing])].sort((a, b) => a - b);
}
