/** What is said aloud, for whoever does not watch the screen. Pure, like `words.ts`. */
import type { SyncStatus } from '../replica/status.ts';
import type { Person } from './space-session.ts';
import { nameOf } from './words.ts';

/** What changed enough to be said aloud; undefined for everything else. */
export interface Presence {
  readonly online: boolean;
  /** Names of those one can talk to, by replica. Other tabs of this device are nobody new. */
  readonly here: ReadonlyMap<string, string>;
}

export function presenceOf(status: SyncStatus, people: readonly Person[]): Presence {
  const here = new Map<string, string>();
  for (const peer of status.peers) {
    if (peer.sameDevice || peer.state === 'gone') continue;
    const person = people.find(one => one.replicaId === peer.replicaId);
    if (person !== undefined) here.set(peer.replicaId, nameOf(person.profile.name));
  }
  return { online: status.online, here };
}

export function announcement(before: Presence, now: Presence): string | undefined {
  if (before.online && !now.online) return 'Offline. Go on writing; it goes out when you are back.';
  const arrived = [...now.here].filter(([replicaId]) => !before.here.has(replicaId)).map(([, name]) => name);
  const arrivals =
    arrived.length === 0 ? undefined : `${listOf(arrived)} ${arrived.length === 1 ? 'is' : 'are'} here.`;
  if (!before.online && now.online)
    return arrivals === undefined ? 'Online again.' : `Online again. ${arrivals}`;
  return arrivals;
}

function listOf(names: readonly string[]): string {
  if (names.length > 3) return `${names.slice(0, 2).join(', ')} and ${String(names.length - 2)} others`;
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}`;
}
