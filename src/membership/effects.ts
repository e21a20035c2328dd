/** What goes into the membership of one replica and what comes out of it. Nothing else crosses its boundary. */
import type { ReplicaId, SpaceId } from '../base/ids.ts';
import type { Clock, Crypto, Random } from '../base/ports.ts';
import type { TraceEvent } from '../base/trace.ts';
import type { decodeRecord, MemberRecord, Profile } from './record.ts';
import type { MemberState } from './table.ts';

export interface MembershipConfig {
  readonly spaceId: SpaceId;
  readonly replicaId: ReplicaId;
  readonly deviceKey: Uint8Array;
  readonly slot: number;
  readonly logIncarnation: number;
  /** Protocol versions that this replica speaks, ascending. */
  readonly versions: readonly number[];
  readonly profile: Profile;
  readonly crypto: Crypto;
  readonly clock: Clock;
  readonly random: Random;
  /** 8 bytes over what this replica holds: they go with each heartbeat. */
  readonly stateHash: () => Uint8Array;
  /** Whether trace events are wanted. */
  readonly traced?: boolean;
  /** `decodeRecord`, where a thousand members in one process would each keep a copy of the same record. */
  readonly decodeRecord?: typeof decodeRecord;
}

/** Names one question to the outside; its answer carries the same token. */
export type MembershipToken = number;

export type MembershipInput =
  /** Time has passed. Comes about four times a second; the gaps between ticks are how we know whether it is we who are slow. */
  | { readonly type: 'tick' }
  | { readonly type: 'signed'; readonly token: MembershipToken; readonly signature: Uint8Array }
  | { readonly type: 'verified'; readonly token: MembershipToken; readonly holds: boolean }
  /** A link to `peer`, who has proven to be that. */
  | { readonly type: 'link-up'; readonly peer: ReplicaId }
  | { readonly type: 'link-down'; readonly peer: ReplicaId }
  | { readonly type: 'message'; readonly peer: ReplicaId; readonly bytes: Uint8Array }
  /** Something else came from it, which is a sign of life all the same. */
  | { readonly type: 'alive'; readonly peer: ReplicaId }
  /** Whoever lets peers meet names this one, or names it no more. */
  | { readonly type: 'met'; readonly peer: ReplicaId }
  | { readonly type: 'unmet'; readonly peer: ReplicaId }
  | { readonly type: 'profile'; readonly profile: Profile }
  /** We go. What is to be said was signed before: a page that closes waits for nobody. */
  | { readonly type: 'leave' };

export type MembershipEffect =
  | { readonly type: 'sign'; readonly token: MembershipToken; readonly message: Uint8Array }
  | {
      readonly type: 'verify';
      readonly token: MembershipToken;
      readonly deviceKey: Uint8Array;
      readonly message: Uint8Array;
      readonly signature: Uint8Array;
    }
  /** `control` may lose it. */
  | {
      readonly type: 'send';
      readonly peer: ReplicaId;
      readonly lane: 'control' | 'data';
      readonly bytes: Uint8Array;
    }
  | { readonly type: 'dial'; readonly peer: ReplicaId }
  | { readonly type: 'drop-link'; readonly peer: ReplicaId; readonly reason: string }
  /** The active view has this one now, or no more. */
  | { readonly type: 'neighbour'; readonly peer: ReplicaId; readonly active: boolean }
  /** Somebody came, is doubted, answered, left or died, or says something else of itself. */
  | {
      readonly type: 'member-changed';
      readonly replicaId: ReplicaId;
      readonly state: MemberState;
      readonly record: MemberRecord | undefined;
    }
  /** A neighbour's state is another than ours: its 8 bytes came with a heartbeat. */
  | { readonly type: 'state-hash'; readonly peer: ReplicaId; readonly hash: Uint8Array }
  /** Built only while traced. */
  | { readonly type: 'trace'; readonly event: TraceEvent };
