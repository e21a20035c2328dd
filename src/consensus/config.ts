/** What a member is started with. Time is in ticks: the driver decides how long one is, by round trips and by how a tab is throttled. */
import { assert } from '../base/assert.ts';
import type { Random } from '../base/ports.ts';
import { entryBytes, type Entry, type MemberId } from './entry.ts';

export interface RaftConfig {
  readonly id: MemberId;
  /** A follower that hears of no leader for this long, up to twice as long, begins an election. */
  readonly electionTicks: number;
  /** Between two heartbeats of a leader; several times shorter than an election timeout. */
  readonly heartbeatTicks: number;
  readonly random: Random;
  /** Applied already by the state machine that was restored; entries up to here are not handed out again. */
  readonly applied?: number;
  /** What is to be written and applied comes as work with an answer each, so that it may go on while new work arrives. */
  readonly asyncWrites?: boolean;
  /** Bytes of entries in one append. 0: one entry each. */
  readonly messageBytesMax?: number;
  /** Bytes of entries handed out to be applied and not applied yet. */
  readonly applyingBytesMax?: number;
  /** Payload bytes a leader takes on before any of them is committed; proposals beyond are dropped. */
  readonly uncommittedBytesMax?: number;
  readonly inflightCountMax?: number;
  readonly inflightBytesMax?: number;
  /** A candidate asks before it raises its term, so that a member that was cut off does not disturb (thesis, section 9.6). */
  readonly preVote?: boolean;
  /** A leader that hears of no quorum for an election timeout steps down, and members that hear of a leader refuse to vote (section 6.4.1). */
  readonly checkQuorum?: boolean;
  /** `lease`: reads need no round of heartbeats while a quorum's promise not to vote holds. Asks for `checkQuorum`. */
  readonly reads?: 'safe' | 'lease';
  /** How much faster another member's ticks may run during one lease, in ticks. */
  readonly leaseDriftTicks?: number;
  /** Followers drop proposals instead of passing them on. */
  readonly forwardProposals?: boolean;
  /** A leader that is removed or demoted steps down at once. */
  readonly stepDownOnRemoval?: boolean;
  /** Whether a configuration change that cannot be applied where the leader stands now is replaced by an empty entry. */
  readonly validateChanges?: boolean;
  /**
   * How much this member should lead: 0 never begins an election by itself, `priorityMax` waits the shortest. Only time is
   * changed by it, so no choice can be unsafe. Undefined: all are alike.
   */
  readonly priority?: number;
  /** Replication sessions: see `Progress.session`. */
  readonly sessions?: boolean;
  readonly bytesOf?: (entry: Entry) => number;
}

/** Always-on, visible and persisted, visible, hidden: more classes would be noise. */
export const priorityMax = 3;

export type FullConfig = Required<Omit<RaftConfig, 'priority'>> & { priority: number | undefined };

/** Fills in what was left open. A combination that cannot work is a programmer's error. */
export function fullConfig(config: RaftConfig): FullConfig {
  const full: FullConfig = {
    applied: 0,
    asyncWrites: false,
    messageBytesMax: Infinity,
    applyingBytesMax: config.messageBytesMax ?? Infinity,
    uncommittedBytesMax: Infinity,
    inflightCountMax: 256,
    inflightBytesMax: Infinity,
    preVote: false,
    checkQuorum: false,
    reads: 'safe',
    leaseDriftTicks: 1,
    forwardProposals: true,
    stepDownOnRemoval: false,
    validateChanges: true,
    priority: undefined,
    sessions: false,
    bytesOf: entryBytes,
    ...config,
  };
  assert(Number.isSafeInteger(full.id) && full.id > 0, 'a member has a number above 0');
  assert(full.heartbeatTicks > 0, 'a heartbeat takes at least one tick');
  assert(full.electionTicks > full.heartbeatTicks, 'an election timeout is longer than a heartbeat');
  assert(full.inflightCountMax > 0, 'one append at least may be in flight');
  assert(
    full.inflightBytesMax >= full.messageBytesMax || full.messageBytesMax === Infinity,
    'a message fits into the window',
  );
  assert(
    full.reads === 'safe' || full.checkQuorum,
    'leases rest on members that refuse to vote: checkQuorum',
  );
  assert(full.leaseDriftTicks < full.electionTicks, 'a lease that drift uses up is none');
  return full;
}
