/** What a replica knows of each link and of each peer. Plain records: replica.ts and exchange.ts change them. */
import type { ReplicaId } from '../base/ids.ts';
import type { VectorClock } from '../clocks/vector-clock.ts';
import type { LinkId } from '../net/transport.ts';

/** Heartbeats: the look of a living link. */
export const heartbeatEveryMs = 1000;
/** Nothing for this long: the link is shown as silent. Three heartbeats and some jitter. */
export const silentAfterMs = 3500;
/** Nothing for this long: the link is half open (a closed laptop, a killed tab) and is dropped. */
export const dropAfterMs = 10_000;
/** A hello is repeated until it is answered: a cut or lossy link may have swallowed it. */
export const helloEveryMs = 500;

export interface Link {
  readonly linkId: LinkId;
  readonly openedMs: number;
  /** Who the link's own handshake has shown the other end to be; undefined where links have none. */
  readonly proven: ReplicaId | undefined;
  /** Known once its hello came; only then is the link up. */
  peer: ReplicaId | undefined;
  helloSentMs: number;
  heartbeatSentMs: number;
  heardMs: number;
  roundTripMs: number | undefined;
  /** The peer's last heartbeat stamp and when it came, to be echoed. */
  theirSentMs: number;
  theirSentAtMs: number;
  /** What the peer's disk holds, as it last said. */
  readonly clock: VectorClock;
  /** Its first whole clock since the link came up has not arrived yet. */
  resyncing: boolean;
  /** Heartbeats in a row whose clock differed from ours while somebody wrote. */
  disagreements: number;
  /** When to ask it for what its clock showed us, unless that came by itself. */
  askAtMs: number | undefined;
  /** How far down our order of delivery its last request was answered. */
  servedTo: number;
}

export function openLink(linkId: LinkId, nowMs: number, proven?: ReplicaId): Link {
  return {
    linkId,
    proven,
    openedMs: nowMs,
    peer: undefined,
    helloSentMs: -Infinity,
    heartbeatSentMs: -Infinity,
    heardMs: nowMs,
    roundTripMs: undefined,
    theirSentMs: 0,
    theirSentAtMs: 0,
    clock: new Map(),
    resyncing: true,
    disagreements: 0,
    askAtMs: undefined,
    servedTo: 0,
  };
}

/** A peer we meet or met in this session; outlives its links. */
export interface PeerRecord {
  readonly replicaId: ReplicaId;
  /** Its session's link, also while that is down: switches stay on it. */
  linkId: LinkId;
  heardMs: number;
  readonly acknowledged: VectorClock;
  linkOn: boolean;
}
