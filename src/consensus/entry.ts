/**
 * What a replicated log is made of: entries, each at one index with the term of the leader that made it, and the
 * snapshot that stands for all entries up to an index (Ongaro's thesis, figure 3.1 and chapter 5).
 *
 * Entries are values: whoever holds one may keep it, nobody changes it. So a message, the unstable part of the log and
 * the store share the very same objects, and nothing is copied between a proposal and its application.
 */
import type { Configuration, ConfigurationChange } from './configuration.ts';

/** A voter or learner: a replica with its storage incarnation, as a number above 0 that is never given twice. */
export type MemberId = number;
/** Stands where a leader, a vote or a transferee is absent. */
export const nobody: MemberId = 0;

/** `(term, index)` name one entry in all logs: Raft's log matching property. */
export interface EntryId {
  readonly term: number;
  readonly index: number;
}

/** What a proposal asks for: the entry before a leader gave it its place. */
export type Proposal =
  | { readonly type: 'normal'; readonly data: Uint8Array }
  | { readonly type: 'configuration'; readonly change: ConfigurationChange };

export type Entry = Proposal & EntryId;

/** The state after all entries up to `index`, as the state machine wrote it. */
export interface Snapshot extends EntryId {
  readonly configuration: Configuration;
  readonly data: Uint8Array;
}

/** What must be on disk before a message that builds on it leaves (thesis, section 3.8), and the commit index for a quicker start. */
export interface HardState {
  readonly term: number;
  readonly votedFor: MemberId;
  readonly commitIndex: number;
}

const noData = new Uint8Array(0);
/** A leader's first entry: it commits what earlier leaders left (thesis, section 3.6.2). */
export const emptyProposal: Proposal = { type: 'normal', data: noData };

/** Bytes a proposal adds to a log, for limits: the payload alone. The empty entry and leaving a joint configuration are 0, and so never refused. */
export function payloadBytes(entry: Proposal): number {
  if (entry.type === 'normal') return entry.data.length;
  const { changes, context } = entry.change;
  return 8 * changes.length + (context?.length ?? 0);
}

/** Term, index, type and lengths, about as the codec writes them. */
const entryOverheadBytes = 16;

/** Bytes an entry takes in a message or in the store, for limits. */
export function entryBytes(entry: Entry): number {
  return entryOverheadBytes + payloadBytes(entry);
}

/** The longest prefix within `bytesMax`, and at least one entry: what is too large alone must still get through. */
export function limitBytes(
  entries: readonly Entry[],
  bytesMax: number,
  bytesOf: (entry: Entry) => number,
): readonly Entry[] {
  if (bytesMax === Infinity) return entries;
  let bytes = 0;
  for (let n = 0; n < entries.length; n++) {
    bytes += bytesOf(entries[n] as Entry);
    if (bytes > bytesMax && n > 0) return entries.slice(0, n);
  }
  return entries;
}

export function sumBytes<T>(entries: readonly T[], bytesOf: (entry: T) => number): number {
  let bytes = 0;
  for (const entry of entries) bytes += bytesOf(entry);
  return bytes;
}
