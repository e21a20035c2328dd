/**
 * The people of a space as devices: tabs of one browser are one disk, and one line. What a device's line says is what the best
 * of its tabs says; of a device that is not there it is said when it was met. Pure.
 */
import type { DeviceId, ReplicaId } from '../base/ids.ts';
import type { PeerState, PeerStatus, SyncStatus } from '../replica/status.ts';
import type { Met, Person, Profile } from './space-session.ts';

export interface DeviceView {
  readonly key: string;
  readonly profile: Profile;
  /** Tabs of it that were met since this one opened. */
  readonly tabs: readonly PeerStatus[];
  /** Of those the one that is heard best. */
  readonly best: PeerStatus | undefined;
  readonly away: boolean;
  /** As of `DeviceStatus`. */
  readonly lacks: number | undefined;
  readonly metMs: number | undefined;
}

export interface DevicesView {
  /** Other tabs of this device. */
  readonly ownTabs: readonly PeerStatus[];
  /** Those that are here first; the rest by when they were met last. */
  readonly others: readonly DeviceView[];
}

const order: Readonly<Record<PeerState, number>> = { connected: 0, silent: 1, gone: 2 };
const stranger: Profile = { name: '', colour: 1 };

export function devicesOf(
  { peers, devices }: Pick<SyncStatus, 'peers' | 'devices'>,
  people: readonly Person[],
  met: ReadonlyMap<DeviceId, Met>,
): DevicesView {
  const personOf = (replicaId: ReplicaId) => people.find(person => person.replicaId === replicaId);
  const lacks = new Map(devices.map(device => [device.deviceId, device.lacks]));
  const groups = new Map<string, PeerStatus[]>();
  for (const peer of peers) {
    if (peer.sameDevice) continue;
    const key = peer.deviceId ?? peer.replicaId;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [peer]);
    else group.push(peer);
  }
  for (const { deviceId } of devices) if (!groups.has(deviceId)) groups.set(deviceId, []);
  const others = [...groups].map(([key, group]): DeviceView => {
    const tabs = group.sort((a, b) => order[a.state] - order[b.state] || a.silentMs - b.silentMs);
    const [best] = tabs;
    const known = met.get(key as DeviceId);
    const here = tabs.filter(({ state }) => state === 'connected');
    return {
      key,
      profile: (best && personOf(best.replicaId)?.profile) ?? known?.profile ?? stranger,
      tabs,
      best,
      away: here.length > 0 && here.every(({ replicaId }) => personOf(replicaId)?.away === true),
      lacks: lacks.get(key as DeviceId) ?? best?.behind,
      metMs: known?.metMs,
    };
  });
  const rank = ({ best }: DeviceView): number => (best === undefined ? 1 : 0);
  others.sort((a, b) => rank(a) - rank(b) || (rank(a) === 0 ? compare(a.key, b.key) : metOf(b) - metOf(a)));
  return { ownTabs: peers.filter(peer => peer.sameDevice && peer.state !== 'gone'), others };
}

/** None of its tabs is heard. */
export function isGone({ best }: DeviceView): boolean {
  return best === undefined || best.state === 'gone';
}

const metOf = ({ metMs }: DeviceView): number => metMs ?? 0;
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
