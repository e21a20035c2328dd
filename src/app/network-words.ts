/** What the network view says of a link and of a copy, and in which hue. Pure, like `words.ts`. */
import { assertNever } from '../base/assert.ts';
import type { PeerStatus } from '../replica/status.ts';
import { changesOf, wholeDuration, type Tone } from './words.ts';

/** `cut`: switched off here. `off`: the whole tab is. */
export type LinkLook = 'connected' | 'silent' | 'gone' | 'cut' | 'off';

export function lookOf(peer: PeerStatus, online: boolean): LinkLook {
  if (!online) return 'off';
  return peer.linkOn ? peer.state : 'cut';
}

export interface LinkWords {
  readonly look: LinkLook;
  readonly tone: Tone;
  readonly words: string;
}

export function linkWords(peer: PeerStatus, online: boolean): LinkWords {
  const look = lookOf(peer, online);
  switch (look) {
    case 'connected':
      return { look, tone: 'safe', words: 'Connected' };
    case 'silent':
      return { look, tone: 'waiting', words: `Silent ${wholeDuration(peer.silentMs)}` };
    case 'gone':
      return {
        look,
        tone: 'broken',
        words: Number.isFinite(peer.silentMs) ? `No link, ${wholeDuration(peer.silentMs)}` : 'No link',
      };
    case 'cut':
      return { look, tone: 'calm', words: 'Cut here' };
    case 'off':
      return { look, tone: 'calm', words: 'Tab is off' };
    default:
      return assertNever(look);
  }
}

/** A peer's copy beside ours, as it said last. */
export function copyWords({ ahead, behind }: Pick<PeerStatus, 'ahead' | 'behind'>): string {
  if (ahead === 0) return behind === 0 ? 'Same as here' : `Lacks ${changesOf(behind)}`;
  return behind === 0 ? `Has ${changesOf(ahead)} more` : `Lacks ${String(behind)}, has ${String(ahead)} more`;
}

/** The whole picture in one sentence, for whoever does not see it. */
export function meshSentence(peers: readonly PeerStatus[], online: boolean): string {
  if (peers.length === 0) return 'Nobody else has been met.';
  if (!online) return 'This tab is off: no link passes anything.';
  const connected = peers.filter(peer => lookOf(peer, online) === 'connected').length;
  return `${String(connected)} of ${String(peers.length)} links connected.`;
}

/** `0 B`, `950 B`, `1.2 kB`, `31 kB`, `2.4 MB`. */
export function bytesOf(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB'];
  let amount = bytes;
  let unit = 0;
  while (amount >= 999.5 && unit < units.length - 1) {
    amount /= 1000;
    unit++;
  }
  const digits = unit > 0 && amount < 9.95 ? 1 : 0;
  return `${amount.toFixed(digits)} ${units[unit] ?? ''}`;
}
