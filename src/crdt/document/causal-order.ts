/**
 * The one order in which every replica puts the same batches: of those whose causes have come, the one with the least
 * Lamport time, then with the least replica id. Where times are honest that is sorting by them. Times are what authors
 * say, though, and nobody can check them who has not kept everything; so the order is checked, and where somebody lied the
 * batches are taken one by one.
 */
import type { ReplicaId } from '../../base/ids.ts';
import type { ReadonlyVectorClock } from '../../clocks/vector-clock.ts';
import { countersOfBatch, type DocumentBatch } from './messages.ts';

/** A batch and its Lamport time. */
export interface Dated {
  readonly batch: DocumentBatch;
  readonly time: number;
}

/** `batches` in that order, for whoever knows `version`. What can never come in its turn stands at the end. */
export function inCausalOrder(
  batches: readonly Dated[],
  version: ReadonlyVectorClock = new Map(),
): readonly DocumentBatch[] {
  const sorted = [...batches].sort(compareDated);
  return inTurn(sorted, version) ?? oneByOne(sorted, version);
}

function compareDated(a: Dated, b: Dated): number {
  if (a.time !== b.time) return a.time - b.time;
  if (a.batch.replicaId !== b.batch.replicaId) return a.batch.replicaId < b.batch.replicaId ? -1 : 1;
  return a.batch.firstCounter - b.batch.firstCounter;
}

/** What is there after some batches. */
class Seen {
  readonly #ends: Map<ReplicaId, number>;

  constructor(version: ReadonlyVectorClock) {
    this.#ends = new Map(version);
  }

  isReady({ replicaId, firstCounter, dependencies }: DocumentBatch): boolean {
    return (
      firstCounter <= this.#endOf(replicaId) &&
      dependencies.every(id => id.counter < this.#endOf(id.replicaId))
    );
  }

  add(batch: DocumentBatch): void {
    const end = batch.firstCounter + countersOfBatch(batch);
    this.#ends.set(batch.replicaId, Math.max(end, this.#endOf(batch.replicaId)));
  }

  #endOf(replicaId: ReplicaId): number {
    return this.#ends.get(replicaId) ?? 0;
  }
}

/** `undefined` when a batch would come before what it depends on. */
function inTurn(
  sorted: readonly Dated[],
  version: ReadonlyVectorClock,
): readonly DocumentBatch[] | undefined {
  const seen = new Seen(version);
  const ordered: DocumentBatch[] = [];
  for (const { batch } of sorted) {
    if (!seen.isReady(batch)) return undefined;
    seen.add(batch);
    ordered.push(batch);
  }
  return ordered;
}

function oneByOne(sorted: readonly Dated[], version: ReadonlyVectorClock): readonly DocumentBatch[] {
  const seen = new Seen(version);
  const logs = new Map<ReplicaId, { readonly dated: Dated[]; next: number }>();
  for (const dated of sorted) {
    const log = logs.get(dated.batch.replicaId);
    if (log === undefined) logs.set(dated.batch.replicaId, { dated: [dated], next: 0 });
    else log.dated.push(dated);
  }
  // A log goes in the order of its counters: only the next batch of each can be in its turn.
  for (const log of logs.values()) log.dated.sort((a, b) => a.batch.firstCounter - b.batch.firstCounter);
  const ordered: DocumentBatch[] = [];
  while (ordered.length < sorted.length) {
    const ready = [...logs.values()]
      .map(log => log.dated[log.next])
      .filter(dated => dated !== undefined && seen.isReady(dated.batch))
      .sort((a, b) => compareDated(a as Dated, b as Dated))[0];
    if (ready === undefined) break;
    const log = logs.get(ready.batch.replicaId);
    if (log !== undefined) log.next++;
    seen.add(ready.batch);
    ordered.push(ready.batch);
  }
  const stuck = [...logs.values()].flatMap(log => log.dated.slice(log.next).map(({ batch }) => batch));
  return [...ordered, ...stuck];
}
