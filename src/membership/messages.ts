/**
 * What members say to each other over a link. docs/protocols/membership.md has the table and the bytes.
 *
 * Every message but `share` may carry rumours behind its own fields: news needs no frame of its own.
 */
import type { ReplicaId } from '../base/ids.ts';
import type { MemberRecord } from './record.ts';

export type Rumour =
  /** What a member says of itself. `bytes`: the whole signed record, a view into the message. */
  | {
      readonly type: 'record';
      readonly replicaId: ReplicaId;
      readonly incarnation: number;
      /** False in a farewell. */
      readonly present: boolean;
      readonly bytes: Uint8Array;
    }
  /** `accuser` hears nothing of it. */
  | {
      readonly type: 'suspect';
      readonly replicaId: ReplicaId;
      readonly incarnation: number;
      readonly accuser: ReplicaId;
    }
  /** It did not answer in time, `ageS` seconds ago. */
  | {
      readonly type: 'dead';
      readonly replicaId: ReplicaId;
      readonly incarnation: number;
      readonly ageS: number;
    };

export type GossipMessage =
  /**
   * Once a second and link. `stateHash`: 8 bytes over what the replica holds, whatever sync takes for that; `tableHash`: over the
   * members that the sender believes to be there.
   */
  | {
      readonly type: 'heartbeat';
      readonly sequence: number;
      readonly stateHash: Uint8Array;
      readonly tableHash: number;
    }
  | { readonly type: 'probe'; readonly nonce: number }
  /** Please probe `target` for me; `hops`: how often it may be passed on, to one who has a link with it. */
  | {
      readonly type: 'probe-request';
      readonly nonce: number;
      readonly target: ReplicaId;
      readonly hops: number;
    }
  /** `heard`: the answer came. False: I have your request, and no answer. */
  | { readonly type: 'ack'; readonly nonce: number; readonly heard: boolean }
  | { readonly type: 'gossip' }
  /** Sums over parts of the sender's table: by the first bits of the ids, a power of two of them. */
  | { readonly type: 'compare'; readonly sums: readonly number[] }
  /** All that the sender knows of members in parts that differed: of `parts` parts, `of` these numbers. */
  | { readonly type: 'share'; readonly parts: number; readonly of: readonly number[] }
  /** Wants to be a neighbour, is taken as one, is not, or is one no more. `urgent`: it has too few. */
  | { readonly type: 'neighbour'; readonly word: NeighbourWord };

export const neighbourWords = ['ask', 'ask-urgently', 'accept', 'refuse', 'part'] as const;
export type NeighbourWord = (typeof neighbourWords)[number];

export interface Gossip {
  readonly message: GossipMessage;
  readonly rumours: readonly Rumour[];
}

export function recordRumour({
  record,
  bytes,
}: {
  readonly record: MemberRecord;
  readonly bytes: Uint8Array;
}): Rumour {
  const { replicaId, incarnation, present } = record;
  return { type: 'record', replicaId, incarnation, present, bytes };
}
