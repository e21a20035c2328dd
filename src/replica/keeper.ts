/**
 * Persist before send; acknowledge after persist. The keeper holds what is delivered but not yet on the disk
 * and has **one transaction in flight at a time**: commits then happen in the order of delivery, so what the
 * disk holds is always causally closed, and whatever arrives meanwhile shares the next one (group commit).
 *
 * Our own batches go strict and at once, taking along whatever they may depend on. Batches of others are held
 * by another device already: they wait a moment, so that a burst is one relaxed transaction.
 */
import type { BatchId, ReplicaId } from '../base/ids.ts';
import type { Crypto } from '../base/ports.ts';
import type { VectorClock } from '../clocks/vector-clock.ts';
import type { OutboxRow, StoreTransaction } from '../storage/store.ts';
import type { Batch } from '../sync/batch.ts';
import { MerkleTree } from '../sync/merkle-tree.ts';

/** At most this: a page others type in is written two to four times a second, and acknowledged soon after. */
export const gatherMs = 500;
/** Outbox rows that another device has made needless go with the next transaction, or after this alone. */
export const settleMs = 3000;
/** A full disk is tried again this often, and at every edit. */
export const retryMs = 2000;

export class Keeper {
  readonly #ownId: ReplicaId;
  /** Each replica's own: all who heard the same batch would else write and acknowledge it in the same instant. */
  readonly #gatherMs: number;
  /** What the disk holds. Only this is ever acknowledged or served. */
  readonly durable: VectorClock = new Map();
  /** The ids of what the disk holds. */
  readonly held: MerkleTree;
  #unkept: Batch[] = [];
  #settled: OutboxRow[] = [];
  /** What the disk held and holds no more, by id: written again as it is, beside whatever goes next. */
  #rewrites = new Map<BatchId, Batch>();
  /** The last own batch, while the record that names it is damaged. */
  #headRewrite: Batch | undefined;
  #inFlight:
    | {
        batches: Batch[];
        settled: OutboxRow[];
        rewrites: Map<BatchId, Batch>;
        headRewrite: Batch | undefined;
      }
    | undefined;
  #dueMs: number | undefined;
  #failure: 'full' | 'closed' | 'failed' | undefined;

  constructor(ownId: ReplicaId, crypto: Crypto) {
    this.held = new MerkleTree(crypto);
    this.#ownId = ownId;
    this.#gatherMs = gatherMs * (1 - parseInt(ownId.slice(0, 2), 16) / 512);
  }

  get failure(): 'full' | 'closed' | 'failed' | undefined {
    return this.#failure;
  }
  /** Own batches the disk has not confirmed. */
  get ownUnkept(): number {
    const own = (batches: readonly Batch[]) =>
      batches.filter(batch => batch.replicaId === this.#ownId).length;
    return own(this.#unkept) + own(this.#inFlight?.batches ?? []);
  }

  /** Our own batch in the transaction in flight: there is one at a time. */
  get ownInFlight(): Batch | undefined {
    return this.#inFlight?.batches.find(batch => batch.replicaId === this.#ownId);
  }

  add(batch: Batch, nowMs: number): void {
    this.#unkept.push(batch);
    this.#schedule(
      batch.replicaId === this.#ownId && this.#failure === undefined ? nowMs : nowMs + this.#gatherMs,
    );
  }
  settle(row: OutboxRow, nowMs: number): void {
    this.#settled.push(row);
    this.#schedule(nowMs + settleMs);
  }
  /** A record of a batch that is durable is damaged or gone. */
  rewrite(batch: Batch, nowMs: number): void {
    this.#rewrites.set(batch.id, batch);
    this.#schedule(nowMs + this.#gatherMs);
  }
  /** So is the record of where our log ends: `last` is its last durable batch. */
  rewriteHead(last: Batch, nowMs: number): void {
    this.#headRewrite = last;
    this.#schedule(nowMs + this.#gatherMs);
  }
  /** The person goes on typing: perhaps there is room again. */
  hurry(nowMs: number): void {
    if (this.#failure !== undefined && this.#unkept.length > 0) this.#dueMs = nowMs;
  }

  #schedule(dueMs: number): void {
    if (this.#failure === undefined) this.#dueMs = Math.min(this.#dueMs ?? Infinity, dueMs);
  }

  nextDueMs(): number | undefined {
    return this.#inFlight === undefined ? this.#dueMs : undefined;
  }

  /** The transaction to commit now, if it is time for one. */
  take(nowMs: number): StoreTransaction | undefined {
    if (this.#inFlight !== undefined || this.#dueMs === undefined || this.#dueMs > nowMs) return undefined;
    this.#dueMs = undefined;
    const [batches, settled, rewrites, headRewrite] = [
      this.#unkept,
      this.#settled,
      this.#rewrites,
      this.#headRewrite,
    ];
    if (batches.length + settled.length + rewrites.size === 0 && headRewrite === undefined) return undefined;
    this.#inFlight = { batches, settled, rewrites, headRewrite };
    this.#unkept = [];
    this.#settled = [];
    this.#rewrites = new Map();
    this.#headRewrite = undefined;
    const own = batches.filter(batch => batch.replicaId === this.#ownId);
    const last = own.at(-1) ?? headRewrite;
    return {
      batches: [...rewrites.values(), ...batches].map(({ replicaId, sequence, id, bytes }) => ({
        replicaId,
        sequence,
        batchId: id,
        bytes,
      })),
      heads:
        last === undefined ? [] : [{ replicaId: last.replicaId, sequence: last.sequence, batchId: last.id }],
      // The certificate is no change of a person's and waits for nobody.
      outbox: own
        .filter(batch => batch.sequence > 0)
        .map(({ replicaId, sequence }) => ({ replicaId, sequence })),
      settled,
      durability: own.length > 0 ? 'strict' : 'relaxed',
    };
  }

  /** The disk holds this one, and all before it in its log. */
  holds({ replicaId, sequence, id }: Batch): void {
    this.durable.set(replicaId, sequence + 1);
    this.held.add(id);
  }

  /** The transaction in flight is on the disk: returns its batches, now durable. */
  committed(nowMs: number): readonly Batch[] {
    const batches = this.#inFlight?.batches ?? [];
    this.#inFlight = undefined;
    this.#failure = undefined;
    for (const batch of batches) this.holds(batch);
    if (this.#unkept.some(batch => batch.replicaId === this.#ownId)) this.#schedule(nowMs);
    else if (this.#unkept.length > 0) this.#schedule(nowMs + this.#gatherMs);
    else if (this.#rewrites.size > 0 || this.#headRewrite !== undefined)
      this.#schedule(nowMs + this.#gatherMs);
    else if (this.#settled.length > 0) this.#schedule(nowMs + settleMs);
    return batches;
  }

  /** It changed nothing: everything stays here, in order, and is tried again. */
  failed(reason: 'full' | 'closed' | 'failed', nowMs: number): void {
    this.#unkept = [...(this.#inFlight?.batches ?? []), ...this.#unkept];
    this.#settled = [...(this.#inFlight?.settled ?? []), ...this.#settled];
    for (const [id, batch] of this.#inFlight?.rewrites ?? []) this.#rewrites.set(id, batch);
    this.#headRewrite ??= this.#inFlight?.headRewrite;
    this.#inFlight = undefined;
    this.#failure = reason;
    this.#dueMs = nowMs + retryMs;
  }
}
