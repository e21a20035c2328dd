/** One run: a workload on one library. What comes of it is compared everywhere before a time counts. */
import type { Replica, Shared } from './library.ts';
import type { Workload } from './workload.ts';

interface Viewable {
  view(): unknown;
}

/** What a run gives: milliseconds or bytes, by measure. */
export type Result = Readonly<Record<string, number>>;

const now = (): number => performance.now();

/** Begins to measure: what came before is cleared away first, or this would pay for it. */
function start(): number {
  globalThis.gc?.();
  return now();
}

export function measure<V extends Viewable>(library: Shared<V>, workload: Workload<V>): Result {
  const replicas = Array.from({ length: workload.clients }, (_, agent) => library.open(agent));
  // Nobody who writes: where all wrote apart, it hears of everything at once.
  const reader = library.open(workload.clients);
  const before = workload.before.map(edit => (replicas[0] as Replica<V>).edit(edit));
  for (const update of before) tell(update, [...replicas.slice(1), reader]);
  const { ms, updateBytes } = workload.apart
    ? exchanged(replicas, reader, hasBefore(library.open(workload.clients + 2), before), workload)
    : written(replicas, reader, workload);
  return { ...ms, 'update bytes': updateBytes, ...stored(library, reader, workload.clients + 1) };
}

interface Timed {
  readonly ms: Result;
  readonly updateBytes: number;
}

/** Every edit is made, told and heard before the next. Ends with everybody's value in hand. */
function written<V extends Viewable>(
  replicas: readonly Replica<V>[],
  reader: Replica<V>,
  { edits, wrong }: Workload<V>,
): Timed {
  const others = replicas.map(replica => replicas.filter(other => other !== replica));
  const updates: Uint8Array[] = [];
  const began = start();
  for (const { client, edit } of edits) {
    const update = (replicas[client] as Replica<V>).edit(edit);
    updates.push(update);
    tell(update, others[client] ?? []);
  }
  const views = replicas.map(({ value }) => value.view());
  const time = now() - began;
  for (const update of updates) reader.apply(update);
  for (const view of views) check(view, reader, wrong);
  return { ms: { time }, updateBytes: sum(updates) };
}

/** All make their edits, and then one who made none hears of them: that is what is timed. Two also hear of each other. */
function exchanged<V extends Viewable>(
  replicas: readonly Replica<V>[],
  reader: Replica<V>,
  another: Replica<V>,
  { edits, clients, wrong }: Workload<V>,
): Timed {
  const updates: Uint8Array[][] = replicas.map(() => []);
  for (const { client, edit } of edits) updates[client]?.push((replicas[client] as Replica<V>).edit(edit));
  const few = clients === 2;
  const [a = [], b = []] = updates;
  const began = start();
  if (few) {
    for (const update of b) replicas[0]?.apply(update);
    for (const update of a) replicas[1]?.apply(update);
  } else for (const update of updates.flat()) reader.apply(update);
  const views = (few ? replicas : [reader]).map(({ value }) => value.view());
  const time = now() - began;
  if (few) for (const update of [...a, ...b]) reader.apply(update);
  // Whoever heard of it the other way round has the same.
  for (const update of updates.toReversed().flat()) another.apply(update);
  for (const view of [...views, another.value.view()]) check(view, reader, wrong);
  return { ms: { time }, updateBytes: updates.reduce((all, some) => all + sum(some), 0) };
}

/** To bytes, and from bytes to the value. */
function stored<V extends Viewable>(library: Shared<V>, replica: Replica<V>, agent: number): Result {
  const expected = JSON.stringify(replica.value.view());
  const began = start();
  const bytes = replica.save();
  const saved = now();
  const view = library.load(bytes, agent).value.view();
  const loaded = now();
  if (JSON.stringify(view) !== expected) throw new Error('what was saved is not what is loaded');
  return { 'document bytes': bytes.length, save: saved - began, load: loaded - saved };
}

function hasBefore<V>(replica: Replica<V>, before: readonly Uint8Array[]): Replica<V> {
  for (const update of before) replica.apply(update);
  return replica;
}

function tell<V>(update: Uint8Array, replicas: readonly Replica<V>[]): void {
  for (const replica of replicas) replica.apply(update);
}

function check<V extends Viewable>(view: unknown, reader: Replica<V>, wrong: Workload<V>['wrong']): void {
  const reason = wrong(view);
  if (reason !== undefined) throw new Error(reason);
  if (JSON.stringify(view) !== JSON.stringify(reader.value.view())) throw new Error('two replicas differ');
}

const sum = (updates: readonly Uint8Array[]): number => updates.reduce((all, { length }) => all + length, 0);
