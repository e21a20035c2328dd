/**
 * All batches of a space that one replica knows, delivered in causal order.
 *
 * A batch is delivered once its predecessor and every dependency are. What comes early waits, within limits;
 * what waits too long is simply asked for again, so dropping it is safe. Because only delivered batches are
 * stored, the store always holds a causally closed set, and delivery order is an order anyone can replay.
 */
import type { BatchId, ReplicaId } from '../base/ids.ts';
import { waitingBatchesMax, waitingBytesMax } from '../base/limits.ts';
import type { ReadonlyVectorClock, VectorClock } from '../clocks/vector-clock.ts';
import type { Batch, Operations } from './batch.ts';

/** What became of a batch. `fork`: its log already has another batch with this number. */
export type Admission =
  'delivered' | 'waiting' | 'known' | 'fork' | 'broken-chain' | 'counter-jump' | 'overflow';

type Refused = (batch: Batch, admission: Admission) => void;

interface LogTail {
  readonly id: BatchId;
  /** The counter after the last one used: where the next batch must begin. */
  readonly nextCounter: number;
}

export class BatchLog {
  /** Delivered batches in the order of delivery: replaying them in this order meets every dependency. */
  readonly #delivered: Batch[] = [];
  readonly #byId = new Map<BatchId, Batch>();
  readonly #byReplica = new Map<ReplicaId, Batch[]>();
  /** Of each log's batches, where they stand in `#delivered`. */
  readonly #places = new Map<ReplicaId, number[]>();
  readonly #tails = new Map<ReplicaId, LogTail>();
  readonly #clock: VectorClock = new Map();
  readonly #frontier = new Set<BatchId>();
  readonly #waiting = new Map<BatchId, Batch>();
  /** For each batch that is missing, those that wait for it. */
  readonly #waitingFor = new Map<BatchId, Set<BatchId>>();
  #waitingBytes = 0;
  #loading = false;

  get clock(): ReadonlyVectorClock {
    return this.#clock;
  }
  get delivered(): readonly Batch[] {
    return this.#delivered;
  }
  get waitingCount(): number {
    return this.#waiting.size;
  }
  get waitingBytes(): number {
    return this.#waitingBytes;
  }
  has(id: BatchId): boolean {
    return this.#byId.has(id);
  }
  isWaiting(id: BatchId): boolean {
    return this.#waiting.has(id);
  }
  get(id: BatchId): Batch | undefined {
    return this.#byId.get(id);
  }
  /** Where a delivered batch stands in the order of delivery. */
  placeOf({ replicaId, sequence }: Batch): number {
    return this.#places.get(replicaId)?.[sequence] ?? this.#delivered.length;
  }
  /** Whether what it builds on in its own log is another batch than the one that we have there. */
  isParted({ replicaId, sequence, previous }: Batch): boolean {
    if (previous === undefined || this.#byId.has(previous)) return false;
    return sequence <= (this.#clock.get(replicaId) ?? 0);
  }
  batchesOf(replicaId: ReplicaId): readonly Batch[] {
    return this.#byReplica.get(replicaId) ?? [];
  }
  tailOf(replicaId: ReplicaId): LogTail | undefined {
    return this.#tails.get(replicaId);
  }

  /** Where in the order of delivery the first batch stands that whoever knows `clock` lacks; its length when nothing. */
  firstBeyond(clock: ReadonlyVectorClock): number {
    let first = this.#delivered.length;
    for (const [replicaId, places] of this.#places)
      first = Math.min(first, places[clock.get(replicaId) ?? 0] ?? first);
    return first;
  }

  /** What a new batch of `replicaId` depends on beside its own predecessor, ascending. */
  dependenciesFor(replicaId: ReplicaId): BatchId[] {
    const own = this.#tails.get(replicaId)?.id;
    return [...this.#frontier].filter(id => id !== own).sort();
  }

  /**
   * Takes a batch whose form and signature were checked. `delivered` receives it, and everything that waited
   * for it, in causal order, each at the moment it is delivered. `refused` receives what waited in vain: its
   * chain could be judged only now.
   */
  admit(batch: Batch, delivered: (batch: Batch) => void, refused: Refused = () => undefined): Admission {
    const admission = this.#judge(batch);
    if (admission === 'waiting') return this.#wait(batch);
    if (admission !== 'delivered') return admission;
    this.#deliver(batch, delivered, refused);
    return 'delivered';
  }

  /** Takes what a store kept, in any order and without limits; what still lacks a dependency stays waiting. */
  load(batches: readonly Batch[], delivered: (batch: Batch) => void): void {
    this.#loading = true;
    for (const batch of batches) this.admit(batch, delivered);
    this.#loading = false;
  }

  #judge(batch: Batch): Admission {
    if (this.#byId.has(batch.id) || this.#waiting.has(batch.id)) return 'known';
    const known = this.#clock.get(batch.replicaId) ?? 0;
    if (batch.sequence < known) return 'fork';
    if (batch.sequence > known || this.#missing(batch) !== undefined) return 'waiting';
    const tail = this.#tails.get(batch.replicaId);
    if (batch.previous !== tail?.id) return 'broken-chain';
    if (batch.body.type === 'operations' && batch.body.firstCounter !== (tail?.nextCounter ?? 0))
      return 'counter-jump';
    return 'delivered';
  }

  #missing(batch: Batch): BatchId | undefined {
    if (batch.previous !== undefined && !this.#byId.has(batch.previous)) return batch.previous;
    return batch.dependencies.find(id => !this.#byId.has(id));
  }

  #wait(batch: Batch): Admission {
    const missing = this.#missing(batch);
    // A sequence number ahead of the log although the predecessor is delivered: the chain itself lies.
    if (missing === undefined) return 'broken-chain';
    const full =
      this.#waiting.size >= waitingBatchesMax || this.#waitingBytes + batch.bytes.length > waitingBytesMax;
    if (full && !this.#loading) return 'overflow';
    this.#waiting.set(batch.id, batch);
    this.#waitingBytes += batch.bytes.length;
    this.#waitOn(missing, batch.id);
    return 'waiting';
  }

  #waitOn(missing: BatchId, waiter: BatchId): void {
    const waiters = this.#waitingFor.get(missing);
    if (waiters === undefined) this.#waitingFor.set(missing, new Set([waiter]));
    else waiters.add(waiter);
  }

  #deliver(first: Batch, delivered: (batch: Batch) => void, refused: Refused): void {
    const ready = [first];
    for (let batch = ready.shift(); batch !== undefined; batch = ready.shift()) {
      // Two branches of a fork may have waited for the same batch: the first one taken wins here.
      const admission = batch === first ? 'delivered' : this.#judge(batch);
      if (admission !== 'delivered') {
        refused(batch, admission);
        continue;
      }
      this.#append(batch);
      delivered(batch);
      const waiters = this.#waitingFor.get(batch.id);
      if (waiters === undefined) continue;
      this.#waitingFor.delete(batch.id);
      for (const id of waiters) this.#reconsider(id, ready, refused);
    }
  }

  #reconsider(id: BatchId, ready: Batch[], refused: Refused): void {
    const batch = this.#waiting.get(id);
    if (batch === undefined) return;
    const missing = this.#missing(batch);
    if (missing !== undefined) {
      this.#waitOn(missing, id);
      return;
    }
    this.#waiting.delete(id);
    this.#waitingBytes -= batch.bytes.length;
    // Its chain could not be judged while the predecessor was missing; now it can.
    const admission = this.#judge(batch);
    if (admission === 'delivered') ready.push(batch);
    // A number ahead of the log although its predecessor is here is a lie about the chain.
    else refused(batch, admission === 'waiting' ? 'broken-chain' : admission);
  }

  #append(batch: Batch): void {
    this.#delivered.push(batch);
    this.#byId.set(batch.id, batch);
    const log = this.#byReplica.get(batch.replicaId);
    if (log === undefined) this.#byReplica.set(batch.replicaId, [batch]);
    else log.push(batch);
    const place = this.#delivered.length - 1;
    const places = this.#places.get(batch.replicaId);
    if (places === undefined) this.#places.set(batch.replicaId, [place]);
    else places.push(place);
    this.#clock.set(batch.replicaId, batch.sequence + 1);
    const before = this.#tails.get(batch.replicaId)?.nextCounter ?? 0;
    const used = batch.body.type === 'operations' ? countersOf(batch.body) : 0;
    this.#tails.set(batch.replicaId, { id: batch.id, nextCounter: before + used });
    if (batch.previous !== undefined) this.#frontier.delete(batch.previous);
    for (const dependency of batch.dependencies) this.#frontier.delete(dependency);
    this.#frontier.add(batch.id);
  }
}

function countersOf(body: Operations): number {
  return body.sections.reduce((sum, section) => sum + section.counters, 0);
}
