/**
 * Every sentence about state is here or in the two files beside it (`evidence.ts`: why the pill says what it says;
 * `announcements.ts`: what is said aloud), and pure. Words are verbs people use; each says what is true now, never more.
 */
import type { CatalogueEntry } from './documents/catalogue.ts';
import { assertNever } from '../base/assert.ts';
import type { Keeping, PeerStatus, SyncStatus } from '../replica/status.ts';
import type { IconName } from './icons.ts';

/** The hue of a state. `calm` is ink: nothing to worry about, nothing to promise. */
export type Tone = 'safe' | 'waiting' | 'broken' | 'calm';

export interface PillWords {
  readonly icon: IconName;
  readonly tone: Tone;
  readonly word: string;
  /** What follows the dot, quieter; empty when the word says it all. */
  readonly detail: string;
}

export function countOf(count: number, one: string, many = `${one}s`): string {
  return `${String(count)} ${count === 1 ? one : many}`;
}
export const changesOf = (count: number): string => countOf(count, 'change');

/** A length of time as one says it: `0.4 s`, `12 s`, `3 min`, `2 h`, `5 days`. */
export function duration(ms: number): string {
  const seconds = Math.max(0, ms) / 1000;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  if (seconds < 89.5) return `${seconds.toFixed(0)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 90) return `${String(minutes)} min`;
  const hours = Math.round(minutes / 60);
  if (hours < 48) return `${String(hours)} h`;
  return `${String(Math.round(hours / 24))} days`;
}

/** The same without tenths, for what lasts. */
export function wholeDuration(ms: number): string {
  return ms < 9950 ? `${Math.max(1, ms / 1000).toFixed(0)} s` : duration(ms);
}

/** `joining`: opened by an invitation, nothing here yet, nobody reached yet. */
export function pillWords(status: SyncStatus, joining = false): PillWords {
  const { pill } = status;
  if (joining && (pill.type === 'only-here' || pill.type === 'alone')) {
    return { icon: 'search', tone: 'calm', word: 'Looking for the others…', detail: '' };
  }
  switch (pill.type) {
    case 'not-kept':
      return {
        icon: 'warning',
        tone: 'broken',
        word: `Not being kept: ${notKeptReason(pill.reason)}`,
        detail: '',
      };
    case 'offline':
      return pill.changes === 0
        ? { icon: 'offline', tone: 'waiting', word: 'Offline', detail: 'nothing waits to be passed on' }
        : {
            icon: 'offline',
            tone: 'waiting',
            word: `Offline, ${changesOf(pill.changes)} kept here`,
            detail: '',
          };
    case 'only-here':
      if (pill.keeping) return keepingWords;
      return { icon: 'single', tone: 'safe', word: 'Kept on this device', detail: '' };
    case 'alone':
      if (status.keeping.type === 'keeping') return keepingWords;
      return pill.changes === 0
        ? { icon: 'alone', tone: 'calm', word: 'Only you are here', detail: 'nothing waits to be passed on' }
        : {
            icon: 'alone',
            tone: 'waiting',
            word: 'Only you are here',
            detail: `${changesOf(pill.changes)} not yet on another device`,
          };
    case 'together':
      if (pill.keeping) return keepingWords;
      return {
        icon: 'kept',
        tone: 'safe',
        word: 'Kept here',
        detail: `on ${String(pill.holding)} of ${countOf(pill.known, 'device')}`,
      };
    default:
      return assertNever(pill);
  }
}

const keepingWords: PillWords = { icon: 'keeping', tone: 'calm', word: 'Keeping…', detail: '' };

/**
 * Whether `next` is only a passing dip of what `shown` says: a keystroke is on one device for the blink it takes
 * to reach the others. The pill waits a moment before it shows such a dip, so that it does not flicker.
 */
export function isDip(shown: SyncStatus, next: SyncStatus): boolean {
  const [a, b] = [shown.pill, next.pill];
  if (a.type === 'together' && b.type === 'together') {
    return (b.keeping && !a.keeping) || (b.holding < a.holding && b.known === a.known);
  }
  if (a.type === 'only-here' && b.type === 'only-here') return b.keeping && !a.keeping;
  if (a.type === 'alone' && b.type === 'alone') {
    return next.keeping.type === 'keeping' && shown.keeping.type !== 'keeping';
  }
  return false;
}

export type NotKeptReason = Extract<Keeping, { type: 'not-kept' }>['reason'];

export function notKeptReason(reason: NotKeptReason): string {
  switch (reason) {
    case 'full':
      return 'this disk is full';
    case 'closed':
      return 'the store was closed';
    case 'failed':
      return 'the disk does not answer';
    default:
      return assertNever(reason);
  }
}

/** The banner: what happened, what it means for what was typed, what to do. `since`: a time of day. */
export function notKeptSentences(
  reason: NotKeptReason,
  since: string,
): { readonly title: string; readonly body: string } {
  const title = 'Not being kept.';
  const lives = `what you typed since ${since} lives in this tab only.`;
  switch (reason) {
    case 'full':
      return {
        title,
        body: `This device’s disk is full: ${lives} Free some space; Peerloom tries again by itself.`,
      };
    case 'closed':
      return {
        title,
        body: `The browser closed this device’s store: ${lives} Copy it, then reload this tab.`,
      };
    case 'failed':
      return {
        title,
        body: `This device’s disk does not answer: ${lives} Peerloom tries again by itself.`,
      };
    default:
      return assertNever(reason);
  }
}

/** What a peer's line in People says. `away`: its page is hidden. */
export function peerLine(peer: PeerStatus, away = false): string {
  if (!peer.linkOn) return peer.behind === 0 ? 'Link off' : `Link off; ${lacks(peer.behind)}`;
  if (peer.sameDevice)
    return peer.state === 'gone' ? 'Another tab of this device, not reached' : 'Another tab of this device';
  switch (peer.state) {
    case 'connected':
      if (away) return 'Here, but looking elsewhere';
      // Said so that it changes seldom: a line that counts tenths would repaint every page all the time.
      return peer.roundTripMs === undefined ? 'Here' : `Here, ${roundTrip(peer.roundTripMs)} away`;
    case 'silent':
      return `Silent for ${wholeDuration(peer.silentMs)}${peer.behind === 0 ? '' : `; ${lacks(peer.behind)}`}`;
    case 'gone': {
      const since = Number.isFinite(peer.silentMs)
        ? `Not reached for ${wholeDuration(peer.silentMs)}`
        : 'Not reached yet';
      return `${since}; ${peer.behind === 0 ? 'has everything' : lacks(peer.behind)}`;
    }
    default:
      return assertNever(peer.state);
  }
}
/** Enough to tell the next room from the next continent, and steady: each change of the words paints the panel anew. */
function roundTrip(ms: number): string {
  const bound = [5, 20, 50, 100, 200, 500].find(bound => ms < bound);
  return bound === undefined ? duration(ms) : `under ${String(bound)} ms`;
}
const lacks = (behind: number): string => `lacks ${changesOf(behind)}`;

/** What is shown for a person who has not said a name. */
export function nameOf(name: string): string {
  const trimmed = name.trim();
  return trimmed === '' ? 'Someone' : trimmed;
}

/** Two letters: the first of two words, or the first two of one. */
export function initialsOf(name: string): string {
  const [first = [], second] = nameOf(name)
    .split(/\s+/u)
    .map(word => Array.from(word));
  const [head = '', next = ''] = first;
  return (
    head.toLocaleUpperCase() +
    (second === undefined ? next.toLocaleLowerCase() : (second[0] ?? '').toLocaleUpperCase())
  );
}

/** The first heading or line, without its Markdown marks. Reads no further than it must. */
export function titleOf(lines: Iterable<string>): string {
  for (const line of lines) {
    const plain = line
      .replace(/^\s*(?:#{1,6}\s+|>\s*|[-*+]\s+(?:\[[ xX]\]\s+)?|\d+[.)]\s+)*/u, '')
      .replace(/\s+#+\s*$/u, '')
      .replace(/[*_`~]{1,3}(\S(?:.*?\S)?)[*_`~]{1,3}/gu, '$1')
      .trim();
    if (/[\p{L}\p{N}]/u.test(plain)) return plain.length > 80 ? `${plain.slice(0, 79).trimEnd()}…` : plain;
  }
  return 'Untitled';
}

/** What a document is called where it has no name of its own yet. */
export const untitled: Readonly<Record<CatalogueEntry['kind'], string>> = {
  page: 'Untitled',
  board: 'Untitled board',
  poll: 'Untitled poll',
  unknown: 'Made by a newer version',
};

/** A size as people say it. */
export function bytesOf(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  let at = 0;
  let size = bytes;
  for (; size >= 1000 && at < units.length - 1; at++) size /= 1000;
  return `${size >= 10 || at === 0 ? String(Math.round(size)) : size.toFixed(1)} ${units[at] ?? ''}`;
}

/** When something was, as people say it. `atMs`: milliseconds since 1970. */
export function dayOf(atMs: number, nowMs = Date.now()): string {
  const days = Math.round(
    (new Date(nowMs).setHours(0, 0, 0, 0) - new Date(atMs).setHours(0, 0, 0, 0)) / 86_400_000,
  );
  if (days <= 0) return 'today';
  if (days === 1) return 'yesterday';
  return new Intl.DateTimeFormat(undefined, days < 7 ? { weekday: 'long' } : { dateStyle: 'medium' }).format(
    atMs,
  );
}
