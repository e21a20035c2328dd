/**
 * The one derived sync state. The pill, the People panel and (later) the Lab read this value; no second path
 * computes it, so no two places on a screen can disagree.
 *
 * Counted in devices, never in tabs: two tabs of one browser are one disk.
 */
import type { DeviceId, ReplicaId } from '../base/ids.ts';
import type { SignalingState } from '../net/transport.ts';

/** Whether this device's disk has what was typed here. */
export type Keeping =
  | { readonly type: 'kept' }
  /** Written but not yet confirmed by the disk. */
  | { readonly type: 'keeping'; readonly changes: number }
  /** The disk refuses: these changes live in this tab's memory only and are sent to nobody. */
  | { readonly type: 'not-kept'; readonly reason: 'full' | 'closed' | 'failed'; readonly changes: number };

/** `connected`: heard lately. `silent`: the link is open but nothing came for a while. `gone`: no link. */
export type PeerState = 'connected' | 'silent' | 'gone';

export interface PeerStatus {
  readonly replicaId: ReplicaId;
  /** Unknown until its certificate has arrived. */
  readonly deviceId: DeviceId | undefined;
  /** Another tab of this very device. */
  readonly sameDevice: boolean;
  readonly state: PeerState;
  /** Changes we have that it has not acknowledged. */
  readonly behind: number;
  /** Since anything was heard from it, at the time of the status. */
  readonly silentMs: number;
  /** Round trip of the last heartbeat, once there was one. */
  readonly roundTripMs: number | undefined;
  /** False while its link is switched off here. */
  readonly linkOn: boolean;
}

/** What the pill says: the most important true thing, in this order. */
export type Pill =
  | { readonly type: 'not-kept'; readonly reason: 'full' | 'closed' | 'failed'; readonly changes: number }
  /** The network switch or the browser says offline; `changes` of this device no other device has. */
  | { readonly type: 'offline'; readonly changes: number }
  /** No other device of this space was ever seen. */
  | { readonly type: 'only-here'; readonly keeping: boolean; readonly signaling: SignalingState }
  /** Others exist, none is reachable now. */
  | { readonly type: 'alone'; readonly changes: number; readonly signaling: SignalingState }
  /** Connected: `holding` of `known` devices (this one included) have every change made here. */
  | {
      readonly type: 'together';
      readonly holding: number;
      readonly known: number;
      readonly keeping: boolean;
      readonly signaling: SignalingState;
    };

export interface SyncStatus {
  readonly pill: Pill;
  readonly keeping: Keeping;
  /** False while the switch in the app is off or the browser is offline. */
  readonly online: boolean;
  readonly signaling: SignalingState;
  readonly peers: readonly PeerStatus[];
}
