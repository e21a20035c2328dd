/**
 * What is measured, in the process of one library. Every time ends with the final text in hand, so that nobody is
 * fast by putting the work off, and every text is compared with what it should be.
 */
import type { Library, Replica, Replicating } from './library.ts';
import { isLow } from '../../src/crdt/text/surrogates.ts';
import type { Trace, Transaction } from './traces.ts';

/** What a run gives: milliseconds or bytes, by measure. */
export type Result = Readonly<Record<string, number>>;

/** What a library made of a trace once, for the runs that begin with bytes. */
export interface Artifacts {
  /** In the order of the trace's transactions, one an edit. */
  readonly updates: readonly Uint8Array[];
  readonly merged: Uint8Array;
  readonly state: Uint8Array | undefined;
  readonly history: Uint8Array | undefined;
}

/** The trace as `library` counts. */
export function transactionsFor(library: Library, trace: Trace): readonly Transaction[] {
  return library.counts === 'characters' ? (trace.inCharacters ?? trace.transactions) : trace.transactions;
}

export function check(text: string, expected: string): void {
  if (text !== expected)
    throw new Error(`the text is wrong: ${text.length} code units, expected ${expected.length}`);
}

/** Who else there is: those that write come first, then whoever typed what the history starts with. */
const starterOf = (trace: Trace): number => trace.replicas;
const readerOf = (trace: Trace): number => trace.replicas + 1;

const now = (): number => performance.now();

/** Begins to measure: what reading the trace has left behind is cleared away first, or whoever comes next would pay for it. */
function start(): number {
  globalThis.gc?.();
  return now();
}

/** One replica types the whole history. */
export function local(library: Library, trace: Trace): Result {
  const history = columnsOf(library, trace);
  const replica = 'openAlone' in library ? library.openAlone() : library.open(0);
  if (trace.start !== '') replica.edit(0, 0, trace.start);
  const { positions, deleted, inserted } = history;
  const began = start();
  for (let i = 0; i < positions.length; i++)
    replica.edit(positions[i] as number, deleted[i] as number, inserted[i] as string);
  const text = replica.text();
  const ms = now() - began;
  check(text, history.end);
  return { local: ms };
}

/** The same, with one encoded update an edit. */
export function localWithUpdates(library: Replicating, trace: Trace): Result {
  const history = columnsOf(library, trace);
  const replica = library.open(0);
  if (trace.start !== '') replica.editAndEncode(0, 0, trace.start);
  const { positions, deleted, inserted } = history;
  const updates = new Array<Uint8Array>(positions.length);
  const began = start();
  for (let i = 0; i < positions.length; i++)
    updates[i] = replica.editAndEncode(positions[i] as number, deleted[i] as number, inserted[i] as string);
  const text = replica.text();
  const ms = now() - began;
  check(text, history.end);
  return { 'local with updates': ms };
}

/** A second replica takes in all updates, one after the other. */
export function remote(library: Replicating, trace: Trace, { updates }: Artifacts): Result {
  const replica = library.open(readerOf(trace));
  const began = start();
  for (const update of updates) replica.apply(update);
  const text = replica.text();
  const ms = now() - began;
  check(text, trace.end);
  return { remote: ms };
}

/** A second replica takes in everything as one update. */
export function merged(library: Replicating, trace: Trace, artifacts: Artifacts): Result {
  const replica = library.open(readerOf(trace));
  const began = start();
  replica.applyMerged(artifacts.merged);
  const text = replica.text();
  const ms = now() - began;
  check(text, trace.end);
  return { merged: ms };
}

/** Everybody of a concurrent history at once: fetching, editing, telling, and in the end all have everything. */
export function session(library: Replicating, trace: Trace): Result {
  return { session: sessionOnce(library, trace) };
}

/** Sessions before the one that counts. */
const warmUps = 3;

/** The same in a process that has already done it: what a page that is open for long pays. */
export function sessionWarm(library: Replicating, trace: Trace): Result {
  for (let i = 0; i < warmUps; i++) sessionOnce(library, trace);
  return { 'session warm': sessionOnce(library, trace) };
}

function sessionOnce(library: Replicating, trace: Trace): number {
  const transactions = transactionsFor(library, trace);
  const began = start();
  const { replicas } = replay(library, trace, transactions);
  const texts = replicas.map(replica => replica.text());
  const ms = now() - began;
  for (const text of texts) check(text, trace.end);
  return ms;
}

/** Bytes of the state (or the history where there is no state) to readable text, and to the first edit after it. */
export function load(library: Replicating, trace: Trace, { state, history }: Artifacts): Result {
  const stored = state ?? history;
  if (stored === undefined || library.load === undefined) return {};
  // In the middle, as the library counts.
  const places = library.counts === 'units' ? trace.end.length : Array.from(trace.end).length;
  const middle = places >> 1;
  // Not between the halves of a pair, where not every library lets one type.
  const cuts = library.counts === 'units' && isLow(trace.end.charCodeAt(middle));
  const at = cuts ? middle + 1 : middle;
  const began = start();
  const replica = library.load(stored, readerOf(trace));
  const text = replica.text();
  const read = now();
  replica.edit(at, 0, 'x');
  const edited = now();
  check(text, trace.end);
  if (replica.text().length !== text.length + 1) throw new Error('the first edit is not there');
  return { 'load to text': read - began, 'first edit after load': edited - read };
}

/** Bytes of memory that a loaded text keeps, WebAssembly's included. */
export function heap(library: Replicating, trace: Trace, { state, history }: Artifacts): Result {
  const stored = state ?? history;
  if (stored === undefined || library.load === undefined) return {};
  const before = memoryHeld();
  const replica = library.load(stored, readerOf(trace));
  check(replica.text(), trace.end);
  const held = memoryHeld() - before;
  // The text must still be alive when the memory is counted.
  if (replica.text().length !== trace.end.length) throw new Error('the text is gone');
  return { heap: held };
}

/** How many clients insert at the start of an empty text at the same time (crdt-benchmarks B3: 20 √6000, rounded). */
export const clients = 1540;

/** One replica hears of all of them. */
export function manyClients(library: Replicating): Result {
  const updates = Array.from({ length: clients }, (_, agent) =>
    library.open(agent).editAndEncode(0, 0, String(agent)),
  );
  const replica = library.open(clients);
  const began = start();
  for (const update of updates) replica.apply(update);
  const text = replica.text();
  const ms = now() - began;
  const another = library.open(clients + 1);
  for (const update of updates.toReversed()) another.apply(update);
  check(another.text(), text);
  const letters = (of: string): string => of.split('').sort().join('');
  check(letters(text), letters(Array.from({ length: clients }, (_, agent) => String(agent)).join('')));
  return { clients: ms };
}

/** Makes what the other measures begin with. Not timed. */
export function prepareArtifacts(library: Replicating, trace: Trace): Artifacts {
  const transactions = transactionsFor(library, trace);
  const { replicas, updates } = replay(library, trace, transactions);
  for (const replica of replicas) check(replica.text(), trace.end);
  const whole = replicas[0] as Replica;
  return {
    updates,
    merged: whole.merge(updates),
    state: whole.state?.(),
    history: whole.history?.(updates),
  };
}

/** Every replica does its part, telling the others by updates, and in the end all have everything. */
function replay(
  library: Replicating,
  trace: Trace,
  transactions: readonly Transaction[],
): { replicas: Replica[]; updates: Uint8Array[] } {
  const replicas = Array.from({ length: trace.replicas }, (_, agent) => library.open(agent));
  const written: (readonly Uint8Array[])[] = [];
  const all: Uint8Array[] = [];
  const fetch = (replica: Replica, from: readonly number[]): void => {
    for (const at of from) for (const update of written[at] ?? []) replica.apply(update);
  };
  if (trace.start !== '') {
    const first = library.open(starterOf(trace)).editAndEncode(0, 0, trace.start);
    all.push(first);
    for (const replica of replicas) replica.apply(first);
  }
  transactions.forEach((transaction, i) => {
    const replica = replicas[transaction.replica] as Replica;
    fetch(replica, transaction.fetch);
    const updates: Uint8Array[] = [];
    for (const [position, deleted, inserted] of transaction.patches) {
      const update = replica.editAndEncode(position, deleted, inserted);
      updates.push(update);
      all.push(update);
    }
    written[i] = updates;
  });
  replicas.forEach((replica, i) => fetch(replica, trace.fetchLast[i] ?? []));
  return { replicas, updates: all };
}

/** A sequential history, with no object a patch: those would be most of the heap, and collecting them part of the time. */
interface Columns {
  readonly positions: Int32Array;
  readonly deleted: Int32Array;
  readonly inserted: readonly string[];
  readonly end: string;
}

function columnsOf(library: Library, trace: Trace): Columns {
  const positions = new Int32Array(trace.patches);
  const deleted = new Int32Array(trace.patches);
  const inserted = new Array<string>(trace.patches).fill('');
  let at = 0;
  for (const { patches } of transactionsFor(library, trace)) {
    for (const patch of patches) {
      [positions[at], deleted[at], inserted[at]] = patch;
      at++;
    }
  }
  return { positions, deleted, inserted, end: trace.end };
}

const wasmMemories: WebAssembly.Memory[] = [];

/** Notes every WebAssembly memory that is made from now on: `process.memoryUsage` does not count them. */
export function watchWasmMemory(): void {
  const note = (instance: WebAssembly.Instance): void => {
    for (const exported of Object.values(instance.exports))
      if (exported instanceof WebAssembly.Memory) wasmMemories.push(exported);
  };
  WebAssembly.Instance = new Proxy(WebAssembly.Instance, {
    construct(target, args: ConstructorParameters<typeof WebAssembly.Instance>) {
      const instance = new target(...args);
      note(instance);
      return instance;
    },
  });
}

function memoryHeld(): number {
  globalThis.gc?.();
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external + wasmMemories.reduce((sum, { buffer }) => sum + buffer.byteLength, 0);
}
