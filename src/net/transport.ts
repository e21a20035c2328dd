/**
 * The transport port: links to peers, whatever carries them (WebRTC in browsers; the simulator's network).
 *
 * A link is point to point. It has two lanes: `control` is unordered and may lose (heartbeats, clocks,
 * presence), `data` is ordered and reliable while the link lives (batches). A message on either lane may be
 * lost when a link is cut, so nothing above may rely on arrival: sync exchanges clocks again.
 */
import type { ReplicaId } from '../base/ids.ts';

export type LinkId = string;
export type Lane = 'control' | 'data';

export type TransportEvent =
  /** `replicaId`: who the other end has proven to be, where links prove that; whatever names itself otherwise lies. */
  | { readonly type: 'link-up'; readonly linkId: LinkId; readonly replicaId?: ReplicaId }
  | { readonly type: 'link-down'; readonly linkId: LinkId; readonly reason: string }
  | { readonly type: 'message'; readonly linkId: LinkId; readonly lane: Lane; readonly bytes: Uint8Array }
  /**
   * Part of a long message came: the peer is there, though nothing is whole yet. Now and then while that goes on; control may
   * have to wait for it below, since not every implementation lets one channel pass another.
   */
  | { readonly type: 'alive'; readonly linkId: LinkId }
  /** The link's queue, which had refused a message as `full`, has room again. */
  | { readonly type: 'drained'; readonly linkId: LinkId }
  | { readonly type: 'signaling'; readonly state: SignalingState };

export type SignalingState = 'connecting' | 'connected' | 'unreachable' | 'off';

export type SendResult = { readonly ok: true } | { readonly ok: false; readonly reason: 'closed' | 'full' };

export interface Transport {
  send(linkId: LinkId, lane: Lane, bytes: Uint8Array): SendResult;
  /** Closes one link with a goodbye; the peer may dial again. */
  drop(linkId: LinkId, reason: string): void;
  subscribe(notify: (event: TransportEvent) => void): () => void;
  close(): void;
}
