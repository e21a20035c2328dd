/** How many full copies of a space there are, in words, and what each device is known to have. Pure, like `words.ts`. */
import type { SyncStatus } from '../replica/status.ts';
import type { DeviceView } from './devices.ts';
import type { Tone } from './words.ts';
import { changesOf, countOf, nameOf, peerLine } from './words.ts';

export interface CopiesWords {
  /** Of all that is here; ours is one of them once the disk has it. */
  readonly full: number;
  readonly count: string;
  /** Goes on from `count`. */
  readonly rest: string;
}

const numbers = ['No', 'One', 'Two', 'Three', 'Four', 'Five', 'Six', 'Seven', 'Eight', 'Nine', 'Ten'];

export function copiesWords(
  { devices, whole }: Pick<SyncStatus, 'devices' | 'whole'>,
  isProtected: boolean,
): CopiesWords {
  const full = Number(whole) + devices.filter(({ lacks }) => lacks === 0).length;
  const count = `${numbers[full] ?? String(full)} full ${full === 1 ? 'copy' : 'copies'}`;
  const known = devices.length + 1;
  const where =
    known === 1
      ? 'on this device, the only one so far'
      : full === known
        ? `one on each of ${countOf(known, 'device')}`
        : `of ${countOf(known, 'device')}`;
  const ours = isProtected ? 'yours is protected' : 'the browser may evict yours when space runs short';
  return { full, count, rest: `${where}; ${ours}.` };
}

export interface CopyEvidence {
  readonly key: string;
  readonly name: string;
  readonly tone: Tone;
  readonly sentence: string;
}

/** A line a device, ours first. */
export function copyEvidence(whole: boolean, others: readonly DeviceView[]): readonly CopyEvidence[] {
  const own: CopyEvidence = whole
    ? { key: '', name: 'You', tone: 'safe', sentence: 'This disk has confirmed every change shown here.' }
    : { key: '', name: 'You', tone: 'calm', sentence: 'This disk is still writing.' };
  return [
    own,
    ...others.map(({ key, profile, lacks }): CopyEvidence => {
      const name = nameOf(profile.name);
      if (lacks === undefined)
        return { key, name, tone: 'calm', sentence: 'Has not said what it has since this tab opened.' };
      return lacks === 0
        ? { key, name, tone: 'safe', sentence: 'Said that its disk has every change.' }
        : { key, name, tone: 'waiting', sentence: `As it said last, its disk lacks ${changesOf(lacks)}.` };
    }),
  ];
}

/** What a device's line in People says. `nowMs`: since 1970. */
export function deviceLine({ best, tabs, away, lacks, metMs }: DeviceView, nowMs: number): string {
  if (best === undefined) {
    const met = metMs === undefined ? 'Not met from here yet' : `Last met ${metWords(metMs, nowMs)}`;
    if (lacks === undefined) return met;
    return `${met}; ${lacks === 0 ? 'has everything' : `lacks ${changesOf(lacks)}`}`;
  }
  const line = peerLine({ ...best, behind: lacks ?? best.behind }, away);
  const here = tabs.filter(({ state }) => state === 'connected').length;
  return here > 1 ? `${line}; in ${countOf(here, 'tab')}` : line;
}

const dayMs = 24 * 60 * 60 * 1000;

/** `today 18:40`, `Tuesday 18:40`, `3 November 2026`. */
export function metWords(metMs: number, nowMs: number): string {
  const [met, now] = [new Date(metMs), new Date(nowMs)];
  const time = met.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });
  if (met.toDateString() === now.toDateString()) return `today ${time}`;
  if (nowMs - metMs < 6 * dayMs) return `${met.toLocaleDateString('en-GB', { weekday: 'long' })} ${time}`;
  return met.toLocaleDateString('en-GB', { day: 'numeric', month: 'long', year: 'numeric' });
}
