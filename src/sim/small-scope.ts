/**
 * Small scopes, tried out: most bugs of a protocol show with a few operations on three replicas (Jackson's small scope
 * hypothesis), if they come in the right order, so all orders are played.
 *
 * What a replica shows hangs on the order of events at that replica alone, so it is enough to go through the orders of each
 * replica's own few events, and to leave out those that no run can have (each waiting for what the other writes later).
 * That is some hundreds of combinations instead of some thousands of interleavings of the same few events.
 */
import { assert } from '../base/assert.ts';
import type { BatchId, DocumentId, ReplicaId, SpaceId } from '../base/ids.ts';
import { nextHybridTime } from '../clocks/hybrid-logical-clock.ts';
import { documentEngine } from '../replica/document-engine.ts';
import { Documents } from '../replica/documents.ts';
import { BatchLog } from '../sync/batch-log.ts';
import type { Batch } from '../sync/batch.ts';
import { must } from './checker.ts';
import { play } from './play.ts';
import type { Plan } from './plan.ts';
import { violationOf } from './world.ts';

const space = '0'.repeat(32) as SpaceId;
const page = 'd'.repeat(32) as DocumentId;
const noStamp = { wallMs: 0, logical: 0 };

/** What a replica may do once, to a page that begins as `ab`. */
const edits = ['first', 'between', 'last', 'delete', 'replace'] as const;
type Edit = (typeof edits)[number];

/** `own`: the next own edit. Otherwise the arrival of one batch. */
type Step = 'own' | { readonly from: number; readonly sequence: number };

class SmallReplica {
  readonly log = new BatchLog();
  readonly documents: Documents;
  readonly #id: ReplicaId;
  #written = 0;

  constructor(index: number) {
    this.#id = String(index + 1).repeat(32) as ReplicaId;
    this.documents = new Documents(this.#id, documentEngine, overwritten =>
      nextHybridTime(overwritten ?? { wallMs: 0, logical: 0 }),
    );
  }

  get text(): string {
    return this.documents.text(page).toString();
  }

  edit(edit: Edit): Batch {
    const { length } = this.text;
    const insert = edit === 'delete' ? '' : this.#id.slice(0, 1);
    const from = edit === 'last' ? length : edit === 'between' ? Math.min(1, length) : 0;
    const to = edit === 'delete' || edit === 'replace' ? Math.min(length, from + 2) : from;
    this.documents.edit(page, [{ from, to, insert }]);
    return this.close();
  }

  close(): Batch {
    const sequence = this.#written++;
    const batch: Batch = {
      spaceId: space,
      replicaId: this.#id,
      incarnation: 0,
      sequence,
      previous: this.log.tailOf(this.#id)?.id,
      dependencies: this.log.dependenciesFor(this.#id),
      stamp: noStamp,
      id: `${this.#id}${String(sequence).padStart(32, '0')}` as BatchId,
      body: this.documents.takePending(),
      signature: new Uint8Array(),
      bytes: new Uint8Array(1),
    };
    assert(this.log.admit(batch, () => undefined) === 'delivered', 'an own batch is delivered');
    return batch;
  }

  take(batch: Batch): void {
    const refused: string[] = [];
    this.log.admit(batch, delivered => {
      this.documents.apply(
        delivered,
        () => undefined,
        reason => refused.push(reason),
      );
    });
    must(refused.length === 0, 'causal delivery', () => `a batch is refused: ${refused.join()}`);
  }
}

/** All orders of `steps` in which own edits keep theirs: arrivals may come in any. */
function* ordersOf(own: number, arrivals: readonly Step[]): Generator<Step[]> {
  if (own === 0 && arrivals.length === 0) {
    yield [];
    return;
  }
  if (own > 0) for (const rest of ordersOf(own - 1, arrivals)) yield ['own', ...rest];
  for (const [n, arrival] of arrivals.entries())
    for (const rest of ordersOf(own, [...arrivals.slice(0, n), ...arrivals.slice(n + 1)]))
      yield [arrival, ...rest];
}

/** Plays one order of events at each replica. False when no run can have it. */
function run(orders: readonly (readonly Step[])[], scripts: readonly (readonly Edit[])[]): boolean {
  const replicas = orders.map((_, index) => new SmallReplica(index));
  const [first] = replicas;
  assert(first !== undefined, 'there are replicas');
  first.documents.edit(page, [{ from: 0, to: 0, insert: 'ab' }]);
  const begin = first.close();
  for (const replica of replicas) replica.take(begin);

  const batches: Batch[][] = replicas.map(() => []);
  const next = orders.map(() => 0);
  for (let moved = true; moved;) {
    moved = false;
    for (const [index, order] of orders.entries()) {
      const step = order[next[index] ?? 0];
      const replica = replicas[index];
      if (step === undefined || replica === undefined) continue;
      const arriving = step === 'own' ? undefined : batches[step.from]?.[step.sequence];
      if (step !== 'own' && arriving === undefined) continue;
      const edit = scripts[index]?.[batches[index]?.length ?? 0];
      if (arriving !== undefined) replica.take(arriving);
      else if (edit !== undefined) batches[index]?.push(replica.edit(edit));
      next[index] = (next[index] ?? 0) + 1;
      moved = true;
    }
  }
  if (orders.some((order, index) => (next[index] ?? 0) < order.length)) return false;
  for (const [index, { text, log }] of replicas.entries()) {
    must(log.waitingCount === 0, 'causal delivery', () => `replica ${String(index)} still waits`);
    must(text === first.text, 'the same batches give the same text', () => `"${text}" and "${first.text}"`);
  }
  return true;
}

export interface Exhausted {
  readonly scope: string;
  /** Orders that a run can have. */
  readonly played: number;
  readonly invariant?: string;
  readonly message?: string;
}

function exhaustScope(scope: string, counts: readonly number[], kinds: readonly Edit[]): Exhausted {
  let played = 0;
  const violation = violationOf(() => {
    const orders = counts.map((own, index) => {
      const arrivals = counts.flatMap((count, from) =>
        from === index ? [] : Array.from({ length: count }, (_, sequence) => ({ from, sequence })),
      );
      return [...ordersOf(own, arrivals)];
    });
    for (const scripts of product(
      counts.map(count => [...product(Array.from({ length: count }, () => kinds))]),
    ))
      for (const combination of product(orders)) if (run(combination, scripts)) played++;
  });
  return violation === undefined
    ? { scope, played }
    : { scope, played, invariant: violation.invariant, message: violation.message };
}

function* product<T>(choices: readonly (readonly T[])[]): Generator<T[]> {
  const [first, ...others] = choices;
  if (first === undefined) {
    yield [];
    return;
  }
  for (const choice of first) for (const rest of product(others)) yield [choice, ...rest];
}

/** A replica is killed, or its power is cut, at each single event of a short run. */
function exhaustCrashes(power: boolean): Exhausted {
  const workload = { editsPerS: 4, burst: 3, place: 'end', deletes: 0.2, lengthMax: 100, pastes: 0 } as const;
  const plan: Plan = {
    seed: 'small scope',
    nodes: [0, 1].map(device => ({ device, workload })),
    strangers: [],
    latencyMs: [5, 10],
    weather: {},
    disk: { strictMs: 3, relaxedMs: 2, jitterMs: 5 },
    documents: 1,
    safetyMs: 3000,
    faults: [],
    core: undefined,
  };
  const scope = `${power ? 'power cut' : 'crash'} at each event of ${String(plan.safetyMs / 1000)} s`;
  const { counts } = play(plan);
  let played = 0;
  for (let at = 1; at < counts.events; at++) {
    const { violation } = play(plan, { crashAtEvent: { at, power } });
    played++;
    if (violation !== undefined)
      return {
        scope,
        played,
        invariant: violation.invariant,
        message: `at event ${String(at)}: ${violation.message}`,
      };
  }
  return { scope, played };
}

export function exhaust(): Exhausted[] {
  return [
    exhaustScope('three replicas, an edit each, of five kinds, arriving in any order', [1, 1, 1], edits),
    exhaustScope(
      'three replicas, two edits and one and one, of three kinds',
      [2, 1, 1],
      ['first', 'last', 'replace'],
    ),
    exhaustCrashes(false),
    exhaustCrashes(true),
  ];
}
