/** What stands behind the pill, a line for each thing it rests on. Pure, like `words.ts`. */
import { assertNever } from '../base/assert.ts';
import type { Keeping, SyncStatus } from '../replica/status.ts';
import type { IconName } from './icons.ts';
import { changesOf, countOf, notKeptReason, type Tone } from './words.ts';

/** One line of evidence behind the pill. */
export interface Evidence {
  readonly icon: IconName;
  readonly tone: Tone;
  readonly label: string;
  readonly sentence: string;
}

/** `switchOn`: the network switch, as opposed to what the browser says of its network. */
export function evidence(status: SyncStatus, switchOn: boolean): readonly Evidence[] {
  return [
    diskEvidence(status.keeping),
    ...(status.lost > 0 ? [damageEvidence(status.lost)] : []),
    networkEvidence(status, switchOn),
    meetingEvidence(status),
    devicesEvidence(status),
  ];
}

function diskEvidence(keeping: Keeping): Evidence {
  const line = { icon: 'disk', label: 'This device' } as const;
  switch (keeping.type) {
    case 'kept':
      return { ...line, tone: 'safe', sentence: 'Its disk has everything that was typed here.' };
    case 'keeping':
      return { ...line, tone: 'calm', sentence: `Its disk is writing ${changesOf(keeping.changes)}.` };
    case 'not-kept':
      return {
        ...line,
        tone: 'broken',
        sentence: `Not kept, ${notKeptReason(keeping.reason)}: ${changesOf(keeping.changes)} live in this tab only and go to nobody.`,
      };
    default:
      return assertNever(keeping);
  }
}

/** Everything else is read and written as ever. */
function damageEvidence(lost: number): Evidence {
  return {
    icon: 'disk',
    tone: 'broken',
    label: 'Damage',
    sentence: `${changesOf(lost)} kept here can no longer be read, and nobody who is here has them. They come back with anybody who has.`,
  };
}

function networkEvidence(status: SyncStatus, switchOn: boolean): Evidence {
  const line = { label: 'Network' } as const;
  if (status.online) return { ...line, icon: 'online', tone: 'safe', sentence: 'On.' };
  const sentence = switchOn
    ? 'The browser says this device is offline. Go on writing; what you write goes out when it is back.'
    : 'You switched it off for this tab. Go on writing; what you write goes out when it is on again.';
  return { ...line, icon: 'offline', tone: 'waiting', sentence };
}

function meetingEvidence(status: SyncStatus): Evidence {
  const line = { icon: 'signaling', label: 'Meeting point' } as const;
  switch (status.signaling) {
    case 'connected':
      return { ...line, tone: 'safe', sentence: 'It answers, so people can find each other.' };
    case 'connecting':
      return { ...line, tone: 'calm', sentence: 'Asking it who is here…' };
    case 'unreachable':
      return {
        ...line,
        tone: 'waiting',
        sentence: 'The meeting point does not answer; trying again. People already connected go on.',
      };
    case 'off':
      return { ...line, tone: 'calm', sentence: 'Not asked while the network is off.' };
    default:
      return assertNever(status.signaling);
  }
}

function devicesEvidence(status: SyncStatus): Evidence {
  const line = { icon: 'devices', label: 'Other devices' } as const;
  const { pill } = status;
  switch (pill.type) {
    case 'only-here':
      return {
        ...line,
        tone: 'calm',
        sentence: 'None was ever seen in this space. Share the link to add one.',
      };
    case 'alone':
      return pill.changes === 0
        ? { ...line, tone: 'calm', sentence: 'None is reachable now. They have everything you wrote here.' }
        : {
            ...line,
            tone: 'waiting',
            sentence: `None is reachable now. ${changesOf(pill.changes)} of yours ${pill.changes === 1 ? 'is' : 'are'} on this device only; your copy is complete.`,
          };
    case 'together':
      return pill.holding === pill.known
        ? { ...line, tone: 'safe', sentence: allHold(pill.known) }
        : {
            ...line,
            tone: 'waiting',
            sentence: `${String(pill.holding)} of ${countOf(pill.known, 'device')}, this one included, ${pill.holding === 1 ? 'has' : 'have'} every change made here.`,
          };
    case 'offline':
      return pill.changes === 0
        ? { ...line, tone: 'calm', sentence: 'Nothing you wrote here waits for them.' }
        : {
            ...line,
            tone: 'waiting',
            sentence: `${changesOf(pill.changes)} of yours ${pill.changes === 1 ? 'is' : 'are'} on no other device yet.`,
          };
    case 'not-kept':
      return { ...line, tone: 'calm', sentence: 'Nothing is sent before this device’s disk has it.' };
    default:
      return assertNever(pill);
  }
}

function allHold(known: number): string {
  if (known === 1) return 'This device has every change made here.';
  return known === 2
    ? 'Both devices have every change made here.'
    : `All ${String(known)} devices have every change made here.`;
}
