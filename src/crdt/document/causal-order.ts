/**
 * The one order in which every replica puts the same batches: of those whose causes have come, the one with the least
 * Lamport time, then with the least replica id. Where times are honest that is sorting by them. Times are what authors
 * say, though, and nobody can check them who has not kept everything; so the order is checked, and where somebody lied the
 * batches are taken one by one.
 */
import type { ReplicaId } from '../../base/ids.ts';
import type { ReadonlyVectorClock } from '../../clocks/vector-clock.ts';
import type { OpId } from '../context.ts';
import { Heap } from './heap.ts';
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

  isReady(batch: DocumentBatch): boolean {
    return batch.firstCounter <= this.#endOf(batch.replicaId) && this.missing(batch) === undefined;
  }

  /** The first of what `batch` depends on that is not there. */
  missing({ dependencies }: DocumentBatch): OpId | undefined {
    return dependencies.find(id => id.counter >= this.#endOf(id.replicaId));
  }

  add(batch: DocumentBatch): void {
    const end = batch.firstCounter + countersOfBatch(batch);
    this.#ends.set(batch.replicaId, Math.max(end, this.#endOf(batch.replicaId)));
  }

  has({ replicaId, counter }: OpId): boolean {
    return counter < this.#endOf(replicaId);
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

/** One log's batches, and the next of them to be put in order. */
interface Log {
  readonly dated: Dated[];
  next: number;
}

/** A log whose next batch has to come after `dependency`. */
interface Waiting {
  readonly log: Log;
  readonly dependency: OpId;
}

/**
 * A log goes in the order of its counters, so only the next batch of each can be in its turn. Those whose causes have come
 * are in one heap; any other waits at the first cause it lacks, in a heap of the cause's author, and is looked at again when that is there.
 */
function oneByOne(sorted: readonly Dated[], version: ReadonlyVectorClock): readonly DocumentBatch[] {
  const seen = new Seen(version);
  const logs = logsOf(sorted);
  const ready = new Heap<Log>((a, b) => compareDated(nextOf(a), nextOf(b)));
  const waiting = new Map<ReplicaId, Heap<Waiting>>();
  const look = (log: Log): void => {
    const dated = log.dated[log.next];
    if (dated === undefined) return;
    const dependency = seen.missing(dated.batch);
    if (dependency === undefined) {
      // A gap in its own log is never filled: whoever fills it would stand before it here.
      if (seen.isReady(dated.batch)) ready.push(log);
      return;
    }
    let there = waiting.get(dependency.replicaId);
    if (there === undefined) waiting.set(dependency.replicaId, (there = new Heap<Waiting>(byCounter)));
    there.push({ log, dependency });
  };
  for (const log of logs.values()) look(log);
  const ordered: DocumentBatch[] = [];
  for (let log = ready.pop(); log !== undefined; log = ready.pop()) {
    const { batch } = nextOf(log);
    log.next++;
    seen.add(batch);
    ordered.push(batch);
    look(log);
    const freed = waiting.get(batch.replicaId);
    for (
      let first = freed?.peek();
      first !== undefined && seen.has(first.dependency);
      first = freed?.peek()
    ) {
      freed?.pop();
      look(first.log);
    }
  }
  const stuck = [...logs.values()].flatMap(log => log.dated.slice(log.next).map(({ batch }) => batch));
  return [...ordered, ...stuck];
}

function logsOf(sorted: readonly Dated[]): ReadonlyMap<ReplicaId, Log> {
  const logs = new Map<ReplicaId, Log>();
  for (const dated of sorted) {
    const log = logs.get(dated.batch.replicaId);
    if (log === undefined) logs.set(dated.batch.replicaId, { dated: [dated], next: 0 });
    else log.dated.push(dated);
  }
  for (const log of logs.values()) log.dated.sort((a, b) => a.batch.firstCounter - b.batch.firstCounter);
  return logs;
}

function nextOf(log: Log): Dated {
  return log.dated[log.next] as Dated;
}

function byCounter(a: Waiting, b: Waiting): number {
  return a.dependency.counter - b.dependency.counter;
}
