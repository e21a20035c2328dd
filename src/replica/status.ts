/**
 * The one derived sync state. The pill, the People panel and (later) the Lab read this value; no second path
 * computes it, so no two places on a screen can disagree.
 *
 * Counted in devices, never in tabs: two tabs of one browser are one disk.
 */
import type { DeviceId, ReplicaId } from '../base/ids.ts';
import { countAhead, covers, type ReadonlyVectorClock } from '../clocks/vector-clock.ts';
import type { SignalingState } from '../net/transport.ts';
import { silentAfterMs, type Link, type PeerRecord } from './peers.ts';

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
  /** Changes it said its disk holds that we lack. */
  readonly ahead: number;
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

/** Another device of the space: whoever has a certificate in some log, met or not. */
export interface DeviceStatus {
  readonly deviceId: DeviceId;
  /** Its tabs' replicas, past ones too. */
  readonly replicaIds: readonly ReplicaId[];
  /** Of the changes we have, how many its disk is not known to hold; undefined while it has not said since we opened. */
  readonly lacks: number | undefined;
}

export interface SyncStatus {
  readonly pill: Pill;
  readonly keeping: Keeping;
  /** False while the switch in the app is off or the browser is offline. */
  readonly online: boolean;
  readonly signaling: SignalingState;
  readonly peers: readonly PeerStatus[];
  /** The other ones, ascending. */
  readonly devices: readonly DeviceStatus[];
  /** Whether this device's disk holds every change that is shown here. */
  readonly whole: boolean;
  /** Batches that this device's disk held, that are damaged there, and that nobody has sent again so far. */
  readonly lost: number;
}

/** Everything the status is derived from. */
export interface StatusFacts {
  readonly replicaId: ReplicaId;
  readonly deviceId: DeviceId;
  readonly nowMs: number;
  readonly online: boolean;
  readonly signaling: SignalingState;
  readonly failure: 'full' | 'closed' | 'failed' | undefined;
  /** Own changes the disk has not confirmed. */
  readonly unkept: number;
  readonly lost: number;
  readonly clock: ReadonlyVectorClock;
  readonly durable: ReadonlyVectorClock;
  readonly settled: ReadonlyVectorClock;
  readonly devices: ReadonlyMap<ReplicaId, DeviceId>;
  readonly ackedByDevice: ReadonlyMap<DeviceId, ReadonlyVectorClock>;
  readonly links: Iterable<Link>;
  readonly peers: Iterable<PeerRecord>;
}

export function deriveStatus(facts: StatusFacts): SyncStatus {
  const { online, signaling } = facts;
  const peers = peersOf(facts);
  const keeping = keepingOf(facts);
  const ours: ReadonlyVectorClock = new Map(
    [...facts.clock].filter(([replicaId]) => facts.devices.get(replicaId) === facts.deviceId),
  );
  const changes = unsettledChanges(facts) + facts.unkept;
  const busy = keeping.type === 'keeping';
  const known = new Set(facts.devices.values()).add(facts.deviceId).size;
  const together = peers.some(peer => peer.state === 'connected' && !peer.sameDevice);
  const pill = ((): Pill => {
    if (keeping.type === 'not-kept') return keeping;
    if (!online) return { type: 'offline', changes };
    if (together)
      return { type: 'together', holding: holdingOf(facts, ours), known, keeping: busy, signaling };
    if (known === 1) return { type: 'only-here', keeping: busy, signaling };
    return { type: 'alone', changes, signaling };
  })();
  const whole = facts.unkept === 0 && covers(facts.durable, facts.clock);
  return { pill, keeping, online, signaling, peers, devices: devicesOf(facts), whole, lost: facts.lost };
}

function devicesOf({ devices, deviceId: own, clock, ackedByDevice }: StatusFacts): DeviceStatus[] {
  const replicas = new Map<DeviceId, ReplicaId[]>();
  for (const [replicaId, deviceId] of devices) {
    if (deviceId === own) continue;
    const known = replicas.get(deviceId);
    if (known === undefined) replicas.set(deviceId, [replicaId]);
    else known.push(replicaId);
  }
  return [...replicas]
    .map(([deviceId, replicaIds]): DeviceStatus => {
      const acked = ackedByDevice.get(deviceId);
      return { deviceId, replicaIds, lacks: acked && countAhead(clock, acked) };
    })
    .sort((a, b) => (a.deviceId < b.deviceId ? -1 : 1));
}

function keepingOf({ failure, unkept }: StatusFacts): Keeping {
  if (failure !== undefined && unkept > 0) return { type: 'not-kept', reason: failure, changes: unkept };
  return unkept > 0 ? { type: 'keeping', changes: unkept } : { type: 'kept' };
}

/** Kept changes of this device, its other tabs' too, that no other device is known to hold. */
function unsettledChanges({ durable, devices, deviceId, settled }: StatusFacts): number {
  let changes = 0;
  for (const [replicaId, count] of durable) {
    // The certificate is no change of a person's.
    const elsewhere = Math.max(1, settled.get(replicaId) ?? 0);
    if (devices.get(replicaId) === deviceId) changes += Math.max(0, count - elsewhere);
  }
  return changes;
}

/** Devices known to hold every change made on this one, itself included. */
function holdingOf({ ackedByDevice }: StatusFacts, ours: ReadonlyVectorClock): number {
  let holding = 1;
  for (const acked of ackedByDevice.values()) if (covers(acked, ours)) holding++;
  return holding;
}

function peersOf(facts: StatusFacts): PeerStatus[] {
  const links = new Map<ReplicaId, Link>();
  for (const link of facts.links) if (link.peer !== undefined) links.set(link.peer, link);
  return [...facts.peers]
    .map(({ replicaId, heardMs, acknowledged, linkOn }): PeerStatus => {
      const link = links.get(replicaId);
      const deviceId = facts.devices.get(replicaId);
      const silentMs = facts.nowMs - heardMs;
      const connected = link !== undefined && silentMs <= silentAfterMs && linkOn && facts.online;
      return {
        replicaId,
        deviceId,
        sameDevice: deviceId === facts.deviceId,
        state: connected ? 'connected' : link !== undefined && facts.online ? 'silent' : 'gone',
        behind: countAhead(facts.clock, acknowledged),
        ahead: countAhead(acknowledged, facts.clock),
        silentMs,
        roundTripMs: link?.roundTripMs,
        linkOn,
      };
    })
    .sort((a, b) => (a.replicaId < b.replicaId ? -1 : 1));
}
