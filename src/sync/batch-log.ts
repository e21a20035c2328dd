/**
 * All batches of a space that one replica knows, delivered in causal order.
 *
 * A batch is delivered once its predecessor and every dependency are. What comes early waits, within limits;
 * what waits too long is simply asked for again, so dropping it is safe. Because only delivered batches are
 * stored, the store always holds a causally closed set, and delivery order is an order anyone can replay.
 *
 * A log that two have written has branches (`branches.ts`), each with a name of its own in the clock.
 */
import { assert } from '../base/assert.ts';
import type { BatchId, ReplicaId } from '../base/ids.ts';
import { branchesMax, waitingBatchesMax, waitingBytesMax } from '../base/limits.ts';
import type { Crypto } from '../base/ports.ts';
import type { ReadonlyVectorClock, VectorClock } from '../clocks/vector-clock.ts';
import type { Batch, Operations } from './batch.ts';
import { Branches, countOf, endOf, type Branch } from './branches.ts';
import { Pasts, type Reading } from './pasts.ts';

/** What became of a batch. `fork`: its log has so many branches that no more are taken. */
export type Admission =
  'delivered' | 'waiting' | 'known' | 'fork' | 'broken-chain' | 'counter-jump' | 'overflow';

type Delivered = (batch: Batch) => void;
type Refused = (batch: Batch, admission: Admission) => void;

interface LogTail {
  readonly id: BatchId;
  /** The counter after the last one used: where the next batch must begin. */
  readonly nextCounter: number;
}

/** A log parts: of what was called `log`, the batches from number `at` on are called `branch` now. */
export interface Split {
  readonly author: ReplicaId;
  readonly log: ReplicaId;
  readonly at: number;
  readonly branch: ReplicaId;
}

export interface BatchLogHooks {
  /** Before the batch is delivered that shows it. */
  readonly split?: (split: Split) => void;
  /**
   * Asked before a batch of others is delivered; when true, it waits until `release`. `splits`: a log would part, and all that
   * names its operations would have to be renamed.
   */
  readonly holdsBack?: (batch: Batch, splits: boolean) => boolean;
}

/** Where a batch belongs that can be delivered. */
type Spot =
  | { readonly type: 'end'; readonly branch: Branch }
  | { readonly type: 'begin'; readonly parent: Branch | undefined }
  | { readonly type: 'split'; readonly branch: Branch; readonly at: number };

export class BatchLog {
  readonly #hooks: BatchLogHooks;
  /** Delivered batches in the order of delivery: replaying them in this order meets every dependency. */
  readonly #delivered: Batch[] = [];
  readonly #byId = new Map<BatchId, Batch>();
  readonly #branches: Branches;
  readonly #pasts: Pasts;
  readonly #clock: VectorClock = new Map();
  readonly #frontier = new Set<BatchId>();
  readonly #waiting = new Map<BatchId, Batch>();
  /** For each batch that is missing, those that wait for it. */
  readonly #waitingFor = new Map<BatchId, Set<BatchId>>();
  /** Of those that wait, the ones that lack nothing and are held back. */
  readonly #held = new Set<BatchId>();
  #waitingBytes = 0;
  #loading = false;

  constructor(crypto: Crypto, hooks: BatchLogHooks = {}) {
    this.#hooks = hooks;
    this.#branches = new Branches(crypto);
    this.#pasts = new Pasts(this.#branches, this.#delivered);
  }

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
  /** Replicas whose log parts somewhere, and how many branches there are. */
  get forked(): ReadonlyMap<ReplicaId, number> {
    return this.#branches.forked;
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
  /** The batches that clocks count under this name; of a log without forks, all of it. */
  batchesOf(name: ReplicaId): readonly Batch[] {
    return this.#branches.named(name)?.batches ?? [];
  }
  /** The end of what this name stands for: of a branch that has only just begun to part, of its stem. */
  tailOf(name: ReplicaId): LogTail | undefined {
    const branch = this.#branches.named(name);
    const last = branch?.batches.at(-1);
    return branch && last && { id: last.id, nextCounter: endOf(branch) };
  }
  /** What clocks call the log of a delivered batch. */
  nameOf(batch: Pick<Batch, 'replicaId' | 'sequence' | 'id'>): ReplicaId {
    if (!this.forked.has(batch.replicaId)) return batch.replicaId;
    return this.#branches.of(batch)?.name ?? batch.replicaId;
  }
  /** Who signed what clocks call `name`. */
  authorOf(name: ReplicaId): ReplicaId {
    return this.#branches.named(name)?.author ?? name;
  }
  /** Whether what clocks call `name` is part of the log that ends with `tip`. */
  leadsTo(name: ReplicaId, tip: BatchId): boolean {
    const last = this.#byId.get(tip);
    let branch = last && this.#branches.of(last);
    while (branch !== undefined && branch.name !== name) branch = branch.parent;
    return branch !== undefined;
  }
  /** Whether nothing comes after this batch in its log. */
  isTip(id: BatchId): boolean {
    const batch = this.#byId.get(id);
    const branch = batch && this.#branches.of(batch);
    return branch?.batches.at(-1)?.id === id && branch.children.length === 0;
  }
  /** Two batches with one number, both signed, for each replica that forked: whoever has them can judge for themselves. */
  proofsOfForks(): (readonly [Batch, Batch])[] {
    const proofs: (readonly [Batch, Batch])[] = [];
    for (const { children } of this.#branches.all()) {
      const [first, second] = children.map(({ batches }) => batches[0]);
      if (first !== undefined && second !== undefined) proofs.push([first, second]);
    }
    return proofs;
  }

  /** How the operations of a delivered batch are to be read; undefined where no log has forks, and all is as it stands. */
  readingOf(batch: Batch): Reading | undefined {
    return this.forked.size === 0 ? undefined : this.#pasts.readingOf(batch);
  }

  /** Where a delivered batch stands in the order of delivery. */
  placeOf(batch: Batch): number {
    const branch = this.#branches.of(batch);
    return branch?.places[batch.sequence - branch.base] ?? this.#delivered.length;
  }

  /** Where in the order of delivery the first batch stands that whoever knows `clock` lacks; its length when nothing. */
  firstBeyond(clock: ReadonlyVectorClock): number {
    let first = this.#delivered.length;
    for (const { name, base, places } of this.#branches.all())
      first = Math.min(first, places[Math.max(0, (clock.get(name) ?? 0) - base)] ?? first);
    return first;
  }

  /** How many batches of ours whoever knows `clock` lacks. */
  countBeyond(clock: ReadonlyVectorClock): number {
    let count = 0;
    for (const branch of this.#branches.all())
      count += Math.max(0, countOf(branch) - Math.max(branch.base, clock.get(branch.name) ?? 0));
    return count;
  }

  /**
   * How many batches whoever knows `clock` has that we lack. Of a log that parts here it may count further on, since it knows one
   * branch and no fork: what it has there is learned once it knows.
   */
  countLacked(clock: ReadonlyVectorClock): number {
    let count = 0;
    for (const [name, known] of clock) {
      const branch = this.#branches.named(name);
      if (branch === undefined) count += known;
      else if (branch.children.length === 0) count += Math.max(0, known - countOf(branch));
    }
    return count;
  }

  /** What a new batch of the log called `name` depends on beside its own predecessor, ascending. */
  dependenciesFor(name: ReplicaId): BatchId[] {
    const own = this.tailOf(name)?.id;
    return [...this.#frontier].filter(id => id !== own).sort();
  }

  /** Whether what it builds on in its own log is another batch than the one that we have there. */
  isParted({ replicaId, sequence, previous }: Batch): boolean {
    if (previous === undefined || this.#byId.has(previous)) return false;
    const stem = this.#branches.stemOf(replicaId);
    if (stem === undefined) return false;
    return stem.children.length > 0 || sequence <= countOf(stem);
  }

  /** What has waited longest for something that has not come. No clock may ever ask for that: it may be of a fork. */
  get longestWaiting(): BatchId | undefined {
    for (const id of this.#waiting.keys()) if (!this.#held.has(id)) return id;
    return undefined;
  }

  /**
   * Takes a batch whose form and signature were checked. `delivered` receives it, and everything that waited
   * for it, in causal order, each at the moment it is delivered. `refused` receives what waited in vain: its
   * chain could be judged only now.
   */
  admit(batch: Batch, delivered: Delivered, refused: Refused = () => undefined): Admission {
    const spot = this.#judge(batch);
    if (spot === 'waiting') return this.#wait(batch);
    if (typeof spot === 'string') return spot;
    if (this.#holdsBack(batch, spot)) return this.#wait(batch);
    this.#deliver(batch, spot, delivered, refused);
    return 'delivered';
  }

  /** Our own next batch: nothing holds it back. */
  append(batch: Batch, delivered: Delivered): void {
    const spot = this.#judge(batch);
    const where = typeof spot === 'string' ? spot : spot.type;
    assert(typeof spot !== 'string', `own batch ${String(batch.sequence)} was ${where}`);
    this.#deliver(batch, spot, delivered, () => undefined);
  }

  /** What was held back is judged again: there is no reason to hold it, or another. */
  release(delivered: Delivered, refused: Refused): void {
    for (const id of [...this.#held]) {
      const batch = this.#waiting.get(id);
      if (batch === undefined) continue;
      const spot = this.#judgeWaiting(batch);
      if (typeof spot !== 'string' && this.#holdsBack(batch, spot)) continue;
      this.#unwait(batch);
      if (typeof spot === 'string') refused(batch, spot);
      else this.#deliver(batch, spot, delivered, refused);
    }
  }

  /** Takes what a store kept, in any order and without limits; what still lacks a dependency stays waiting. */
  load(batches: readonly Batch[], delivered: Delivered): void {
    this.#loading = true;
    for (const batch of batches) this.admit(batch, delivered);
    this.#loading = false;
  }

  #holdsBack(batch: Batch, spot: Spot): boolean {
    return !this.#loading && this.#hooks.holdsBack?.(batch, spot.type === 'split') === true;
  }

  #judge(batch: Batch): Spot | Exclude<Admission, 'delivered' | 'overflow'> {
    if (this.#byId.has(batch.id) || this.#waiting.has(batch.id)) return 'known';
    return this.#judgeWaiting(batch);
  }

  #judgeWaiting(batch: Batch): Spot | Exclude<Admission, 'delivered' | 'overflow' | 'known'> {
    if (this.#missing(batch) !== undefined) return 'waiting';
    const spot = this.#spotOf(batch);
    if (typeof spot === 'string' || spot.type === 'end') return spot;
    const isBranch = spot.type === 'split' || spot.parent !== undefined;
    if (isBranch && (this.forked.get(batch.replicaId) ?? 0) >= branchesMax) return 'fork';
    return spot;
  }

  #spotOf(batch: Batch): Spot | 'broken-chain' | 'counter-jump' {
    const { replicaId, sequence, previous, body } = batch;
    const stem = this.#branches.stemOf(replicaId);
    if (previous === undefined) {
      if (stem === undefined) return { type: 'begin', parent: undefined };
      return stem.batches.length === 0
        ? { type: 'begin', parent: stem }
        : { type: 'split', branch: stem, at: 0 };
    }
    const before = this.#byId.get(previous);
    const branch = before && this.#branches.of(before);
    if (before?.replicaId !== replicaId || before.sequence + 1 !== sequence || branch === undefined)
      return 'broken-chain';
    const place = before.sequence - branch.base;
    if (body.type === 'operations' && body.firstCounter !== branch.ends[place]) return 'counter-jump';
    if (place + 1 < branch.batches.length) return { type: 'split', branch, at: sequence };
    return branch.children.length === 0 ? { type: 'end', branch } : { type: 'begin', parent: branch };
  }

  #missing(batch: Batch): BatchId | undefined {
    if (batch.previous !== undefined && !this.#byId.has(batch.previous)) return batch.previous;
    return batch.dependencies.find(id => !this.#byId.has(id));
  }

  #wait(batch: Batch): Admission {
    const full =
      this.#waiting.size >= waitingBatchesMax || this.#waitingBytes + batch.bytes.length > waitingBytesMax;
    if (full && !this.#loading) return 'overflow';
    this.#waiting.set(batch.id, batch);
    this.#waitingBytes += batch.bytes.length;
    const missing = this.#missing(batch);
    if (missing === undefined) this.#held.add(batch.id);
    else this.#waitOn(missing, batch.id);
    return 'waiting';
  }

  #unwait({ id, bytes }: Batch): void {
    this.#waiting.delete(id);
    this.#held.delete(id);
    this.#waitingBytes -= bytes.length;
  }

  #waitOn(missing: BatchId, waiter: BatchId): void {
    const waiters = this.#waitingFor.get(missing);
    if (waiters === undefined) this.#waitingFor.set(missing, new Set([waiter]));
    else waiters.add(waiter);
  }

  #deliver(first: Batch, spot: Spot, delivered: Delivered, refused: Refused): void {
    this.#append(first, spot);
    delivered(first);
    const done = [first];
    for (let batch = done.shift(); batch !== undefined; batch = done.shift()) {
      const waiters = this.#waitingFor.get(batch.id);
      if (waiters === undefined) continue;
      this.#waitingFor.delete(batch.id);
      for (const id of waiters) {
        const next = this.#waiting.get(id);
        if (next !== undefined && this.#reconsider(next, delivered, refused)) done.push(next);
      }
    }
  }

  /** Something it waited for is here. Whether it was delivered. */
  #reconsider(batch: Batch, delivered: Delivered, refused: Refused): boolean {
    const missing = this.#missing(batch);
    if (missing !== undefined) {
      this.#waitOn(missing, batch.id);
      return false;
    }
    // Its chain could not be judged while the predecessor was missing; now it can.
    const spot = this.#judgeWaiting(batch);
    if (typeof spot !== 'string' && this.#holdsBack(batch, spot)) {
      this.#held.add(batch.id);
      return false;
    }
    this.#unwait(batch);
    if (typeof spot === 'string') {
      refused(batch, spot);
      return false;
    }
    this.#append(batch, spot);
    delivered(batch);
    return true;
  }

  #append(batch: Batch, spot: Spot): void {
    const branch = this.#branchAt(batch, spot);
    const used = batch.body.type === 'operations' ? countersOf(batch.body) : 0;
    branch.ends.push(endOf(branch) + used);
    branch.batches.push(batch);
    branch.places.push(this.#delivered.length);
    this.#delivered.push(batch);
    this.#byId.set(batch.id, batch);
    this.#clock.set(branch.name, countOf(branch));
    if (batch.previous !== undefined) this.#frontier.delete(batch.previous);
    for (const dependency of batch.dependencies) this.#frontier.delete(dependency);
    this.#frontier.add(batch.id);
  }

  #branchAt(batch: Batch, spot: Spot): Branch {
    if (spot.type === 'end') return spot.branch;
    if (spot.type === 'begin') return this.#branches.begin(batch, spot.parent);
    const { branch, at } = spot;
    const rest = this.#branches.split(branch, at);
    this.#pasts.forget();
    this.#clock.set(rest.name, countOf(rest));
    if (at > 0) this.#clock.set(branch.name, at);
    else this.#clock.delete(branch.name);
    this.#hooks.split?.({ author: branch.author, log: branch.name, at, branch: rest.name });
    return this.#branches.begin(batch, branch);
  }
}

function countersOf(body: Operations): number {
  return body.sections.reduce((sum, section) => sum + section.counters, 0);
}
