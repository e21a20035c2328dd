/**
 * A poll: a question, its answers, and a ballot a device; beside it tallies, which anybody counts up and down.
 *
 * One counter an answer would count whoever votes twice, and a changed mind as two votes. So a ballot is a set of answers under the
 * voter's own name (OR-Set): voting again is the same ballot, and two tabs of one device share it. Tallies are where every
 * touch counts, and are counters (PN-Counter). Answers are nodes of a tree, for their order and because a name may change.
 */
import type { DeviceId } from '../../base/ids.ts';
import { isId } from '../../base/ids.ts';
import type { OpId } from '../../crdt/context.ts';
import type { Document } from '../../crdt/document/document.ts';
import type { Value } from '../../crdt/value.ts';
import { cleanTitle, keyOf } from './values.ts';

export interface Voter {
  readonly deviceId: DeviceId;
  readonly name: string;
  readonly colour: number;
}

export interface Answer {
  readonly id: OpId;
  readonly key: string;
  readonly title: string;
  readonly voters: readonly Voter[];
  /** Of the tally. */
  readonly count: number;
}

export interface Poll {
  /** `votes`: a ballot each. `tally`: everyone counts. */
  readonly by: 'votes' | 'tally';
  /** May a ballot have several answers? */
  readonly several: boolean;
  readonly answers: readonly Answer[];
  /** Devices with a ballot that counts. */
  readonly voted: number;
  /** Devices whose tabs chose apart from each other where one answer is allowed: they count when they choose again. */
  readonly undecided: readonly Voter[];
}

const nodes = (document: Document) => document.tree('answers');

export function readPoll(document: Document): Poll {
  const tree = nodes(document);
  const several = document.root.get('several') === true;
  const ids = tree.children();
  const known = new Set(ids.map(keyOf));
  const ballots = document.map('ballots');
  const names = document.map('names');
  const voters = new Map<string, Voter[]>();
  const undecided: Voter[] = [];
  let voted = 0;
  for (const deviceId of ballots.keys()) {
    if (!isId(deviceId)) continue;
    const chosen = chosenBy(document, deviceId).filter(key => known.has(key));
    if (chosen.length === 0) continue;
    const voter = { deviceId: deviceId as DeviceId, ...profileOf(names.get(deviceId)) };
    if (chosen.length > 1 && !several) {
      undecided.push(voter);
      continue;
    }
    voted++;
    for (const key of chosen) voters.set(key, [...(voters.get(key) ?? []), voter]);
  }
  const answers = ids.map((id): Answer => {
    const key = keyOf(id);
    return {
      id,
      key,
      title: cleanTitle(tree.get(id, 'title')),
      voters: voters.get(key) ?? [],
      count: document.map('counts').counter(key).value,
    };
  });
  const by = document.root.get('by') === 'tally' ? 'tally' : 'votes';
  return { by, several, answers, voted, undecided };
}

function chosenBy(document: Document, deviceId: string): string[] {
  const values = document.map('ballots').orSet(deviceId).values();
  return values.filter(value => typeof value === 'string');
}

function profileOf(value: Value | undefined): { name: string; colour: number } {
  const [name, colour] = Array.isArray(value) ? (value as readonly Value[]) : [];
  const hue = typeof colour === 'number' && colour >= 1 && colour <= 12 ? Math.floor(colour) : 1;
  return { name: cleanTitle(name) || 'Someone', colour: hue };
}

export function beginPoll(document: Document, by: Poll['by'], answers: readonly string[]): void {
  document.root.set('by', by);
  for (const answer of answers) addAnswer(document, answer);
}

export function setBy(document: Document, by: Poll['by']): void {
  document.root.set('by', by);
}

export function setSeveral(document: Document, several: boolean): void {
  document.root.set('several', several);
}

export function addAnswer(document: Document, title: string): OpId {
  const tree = nodes(document);
  return tree.create({ parent: 'root', index: tree.children().length }, { title: cleanTitle(title) });
}

export function renameAnswer(document: Document, answer: OpId, title: string): void {
  const tree = nodes(document);
  if (!tree.isDeleted(answer)) tree.set(answer, 'title', cleanTitle(title));
}

/** Ballots for it are kept, and count again if somebody brings it back. */
export function deleteAnswer(document: Document, answer: OpId): void {
  const tree = nodes(document);
  if (!tree.isDeleted(answer)) tree.delete(answer);
}

/** Gives our ballot to `answer`, or takes it away when it has it. Where one answer is allowed it leaves the others. */
export function vote(document: Document, voter: Voter, answer: string): void {
  const ballot = document.map('ballots').orSet(voter.deviceId);
  const several = document.root.get('several') === true;
  const chosen = chosenBy(document, voter.deviceId);
  const takesBack = chosen.includes(answer) && (several || chosen.length === 1);
  if (takesBack) ballot.remove(answer);
  else {
    if (!several) for (const other of chosen) if (other !== answer) ballot.remove(other);
    if (!chosen.includes(answer)) ballot.add(answer);
  }
  const name: Value = [voter.name, voter.colour];
  if (JSON.stringify(document.map('names').get(voter.deviceId)) !== JSON.stringify(name))
    document.map('names').set(voter.deviceId, name);
}

/** `amount`: 1 or -1. */
export function count(document: Document, answer: string, amount: 1 | -1): void {
  const counter = document.map('counts').counter(answer);
  const room = amount > 0 ? counter.room.increments : counter.room.decrements;
  if (room > 0) counter.add(amount);
}
