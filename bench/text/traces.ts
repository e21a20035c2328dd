/**
 * Editing histories (josephg/editing-traces), read from where they lie, and made ready for all libraries.
 *
 * The files count positions in Unicode characters, most libraries in UTF-16 code units; what differs is worked out
 * here, once, so that no library pays for it. Likewise who has to hear of what before each transaction: a concurrent
 * history says it by parents, the runs need it as a list of transactions to fetch.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { Text } from '../../src/crdt/text/text.ts';
import type { TextOp } from '../../src/crdt/text/messages.ts';
import { replicaIdOf } from '../replica-ids.ts';
import { CharacterIndex } from './character-index.ts';
import { planOf } from './plan.ts';

/** `deleted` characters at `position` make place for `inserted`. */
export type Patch = readonly [position: number, deleted: number, inserted: string];

interface RawTransaction {
  readonly patches: readonly Patch[];
  readonly parents?: readonly number[];
  readonly agent?: number;
}

/** A file as it is. */
export interface RawTrace {
  readonly kind?: string;
  readonly startContent?: string;
  readonly endContent: string;
  readonly txns: readonly RawTransaction[];
}

/** What one replica does in one go. */
export interface Transaction {
  readonly replica: number;
  /** Transactions of others to fetch before, each after those it builds on. */
  readonly fetch: readonly number[];
  readonly patches: readonly Patch[];
}

export interface Trace {
  readonly name: string;
  readonly concurrent: boolean;
  /** How many replicas write. */
  readonly replicas: number;
  readonly start: string;
  readonly end: string;
  readonly patches: number;
  /** Positions in UTF-16 code units. */
  readonly transactions: readonly Transaction[];
  /** The same with positions in Unicode characters; absent when there is no difference. */
  readonly inCharacters?: readonly Transaction[];
  /** What each replica has to fetch in the end to have everything. */
  readonly fetchLast: readonly (readonly number[])[];
}

const endings = /\.json(\.gz)?$/;

/** The traces of a folder, by name; none when there is no such folder. */
export function traceFiles(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter(name => endings.test(name))
    .sort()
    .map(name => join(folder, name));
}

export function nameOf(file: string): string {
  return basename(file).replace(endings, '');
}

/** Throws when the file is no trace, or one that does not end as it says. */
export function readTrace(file: string): Trace {
  const bytes = readFileSync(file);
  const json = bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes;
  const raw = JSON.parse(json.toString('utf8')) as RawTrace;
  try {
    return prepare(nameOf(file), raw);
  } catch (error) {
    throw new Error(`${file} is no editing trace that can be replayed: ${String(error)}`, { cause: error });
  }
}

export function prepare(name: string, raw: RawTrace): Trace {
  const concurrent = raw.kind === 'concurrent' || raw.txns.some(({ parents }) => parents !== undefined);
  const start = raw.startContent ?? '';
  const plan = concurrent
    ? planOf(raw.txns)
    : { replicas: 1, steps: raw.txns.map(() => ({ replica: 0, fetch: [] })), fetchLast: [[]] };
  const transactions = raw.txns.map(({ patches }, i): Transaction => {
    const { replica, fetch } = plan.steps[i] ?? { replica: 0, fetch: [] };
    return {
      replica,
      fetch,
      patches: patches.map(([position, deleted, inserted]) => [position, deleted, inserted]),
    };
  });
  const trace: Trace = {
    name,
    concurrent,
    replicas: plan.replicas,
    start,
    end: raw.endContent,
    patches: transactions.reduce((sum, { patches }) => sum + patches.length, 0),
    transactions,
    fetchLast: plan.fetchLast,
  };
  return hasAstral(trace) ? { ...trace, transactions: inUnits(trace), inCharacters: transactions } : trace;
}

/** The same history `times` times over: each time it begins before what the time before has left. */
export function repeated(trace: Trace, times: number): Trace {
  const over = (transactions: readonly Transaction[]): Transaction[] =>
    Array.from({ length: times }, () => transactions).flat();
  return {
    ...trace,
    name: `${trace.name} ×${times}`,
    end: trace.end.repeat(times),
    patches: trace.patches * times,
    transactions: over(trace.transactions),
    ...(trace.inCharacters === undefined ? {} : { inCharacters: over(trace.inCharacters) }),
  };
}

const surrogate = /[\ud800-\udfff]/;

/** Only characters beyond the first plane make characters and code units differ. */
function hasAstral({ start, transactions }: Trace): boolean {
  return (
    surrogate.test(start) ||
    transactions.some(({ patches }) => patches.some(([, , inserted]) => surrogate.test(inserted)))
  );
}

/** Replays the history, since what a position means depends on the text it is a position in. */
function inUnits(trace: Trace): Transaction[] {
  const writers = Array.from({ length: trace.replicas }, (_, agent) => ({
    text: new Text(replicaIdOf(agent), { next: 0 }),
    index: new CharacterIndex(trace.start),
  }));
  const first = new Text(replicaIdOf(trace.replicas), { next: 0 }).localInsert(0, trace.start);
  for (const { text } of writers) text.apply(first);
  const written: (readonly TextOp[])[] = [];
  const fetch = (replica: number, from: readonly number[]): void => {
    const writer = writers[replica];
    for (const at of from) {
      const applied = writer?.text.apply(written[at] ?? []);
      if (applied?.ok !== true) throw new Error(`transaction ${at} does not follow from its parents`);
      for (const { from, to, insert } of applied.changes) writer?.index.splice(from, to - from, insert);
    }
  };
  const translated = trace.transactions.map((transaction, i): Transaction => {
    const { replica, patches } = transaction;
    fetch(replica, transaction.fetch);
    const writer = writers[replica];
    if (writer === undefined) throw new Error('a plan names its replicas');
    const ops: TextOp[] = [];
    const inUnits = patches.map(([position, deleted, inserted]): Patch => {
      const { text, index } = writer;
      const from = index.unitsBefore(position);
      const length = index.unitsBefore(position + deleted) - from;
      if (length > 0) ops.push(...text.localDelete(from, length));
      if (inserted !== '') ops.push(...text.localInsert(from, inserted));
      index.splice(from, length, inserted);
      return [from, length, inserted];
    });
    written[i] = ops;
    return { ...transaction, patches: inUnits };
  });
  trace.fetchLast.forEach((from, replica) => fetch(replica, from));
  for (const { index } of writers)
    if (index.toString() !== trace.end) throw new Error('it does not end as recorded');
  return translated;
}
