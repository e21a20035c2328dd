/**
 * The slow scrub: what the disk holds is read again, a few records at a time, for as long as the replica runs. A hash made when a
 * batch came says nothing of the byte that rots a year later, and by then the other copies may be gone as well.
 *
 * What is found damaged, or is not there although it was kept, is written again from memory, where every batch of the log is; what
 * was damaged already when the disk was loaded is not in memory, is asked of peers by clock like anything else that we lack,
 * and is told to the person for as long as nobody has sent it.
 */
import type { BatchId, ReplicaId } from '../base/ids.ts';
import type { ReadonlyVectorClock } from '../clocks/vector-clock.ts';
import type { BatchKey, DamagedRecord, ScrubStep } from '../storage/store.ts';
import type { Batch } from '../sync/batch.ts';
import type { Token } from './effects.ts';

/** Records of one step: some hundred kilobytes, read in a few milliseconds. */
export const scrubRecords = 200;
/** From one step to the next: a hundred thousand batches are gone through in about an hour. */
export const scrubEveryMs = 8000;
/** From the end of one pass to the next. */
export const scrubRestMs = 3_600_000;

export interface ScrubbingContext {
  /** What the disk is known to hold. */
  readonly durable: ReadonlyVectorClock;
  /** The batch of the log, if it is in memory. */
  find(replicaId: ReplicaId, sequence: number): Batch | undefined;
  has(batchId: BatchId): boolean;
  /** Has it written once more. */
  rewrite(batch: Batch): void;
  /** The record of where a log of ours ends is damaged. */
  rewriteHead(replicaId: ReplicaId): void;
}

export interface Ask {
  readonly token: Token;
  readonly after: BatchKey | undefined;
}

export class Scrubbing {
  readonly #context: ScrubbingContext;
  /** Batches whose records were damaged when the disk was loaded, and that nobody has sent yet. */
  readonly #lost = new Map<BatchId, BatchKey>();
  #dueMs: number;
  #asked: Token | undefined;
  #after: BatchKey | undefined;
  /** What was durable when this pass began: whatever came later it may miss. */
  #upTo: ReadonlyVectorClock = new Map();
  /** In the log that is being gone through, the sequence that comes next. */
  #expected: { replicaId: ReplicaId; sequence: number } | undefined;
  readonly #seen = new Set<ReplicaId>();
  /** Records written again since this replica runs. */
  #repaired = 0;

  constructor(context: ScrubbingContext, nowMs: number) {
    this.#context = context;
    this.#dueMs = nowMs + scrubEveryMs;
  }

  /** Batches that the disk held and that are nowhere to be had so far. */
  get lost(): readonly BatchKey[] {
    for (const batchId of this.#lost.keys()) if (this.#context.has(batchId)) this.#lost.delete(batchId);
    return [...this.#lost.values()];
  }
  get repaired(): number {
    return this.#repaired;
  }

  loaded(damaged: readonly DamagedRecord[]): void {
    for (const record of damaged) if (record.kind === 'batch') this.#isDamaged(record);
  }

  /** The step to take now, if it is time for one. Asked at ticks alone: nothing hangs on the moment. */
  take(nowMs: number, newToken: () => Token): Ask | undefined {
    if (this.#asked !== undefined || nowMs < this.#dueMs) return undefined;
    if (this.#after === undefined) this.#begin();
    this.#asked = newToken();
    return { token: this.#asked, after: this.#after };
  }

  answered(token: Token, step: ScrubStep, nowMs: number): void {
    if (token !== this.#asked) return;
    this.#asked = undefined;
    this.#dueMs = nowMs + scrubEveryMs;
    if (!step.ok) return;
    for (const record of step.damaged) {
      if (record.kind === 'head') this.#context.rewriteHead(record.replicaId);
      if (record.kind !== 'batch') continue;
      this.#isDamaged(record);
    }
    // Both are in the order of the keys, so that what is between two of them is not there.
    const found = [...step.whole, ...step.damaged.filter(record => record.kind === 'batch')].sort(byKey);
    for (const key of found) this.#passed(key);
    this.#after = step.next;
    if (step.next !== undefined) return;
    this.#ended();
    this.#dueMs = nowMs + scrubRestMs;
  }

  #begin(): void {
    this.#upTo = new Map(this.#context.durable);
    this.#expected = undefined;
    this.#seen.clear();
  }

  #passed({ replicaId, sequence }: BatchKey): void {
    if (this.#expected?.replicaId !== replicaId) {
      this.#endOfLog();
      this.#expected = { replicaId, sequence: 0 };
      this.#seen.add(replicaId);
    }
    this.#missing(replicaId, this.#expected.sequence, sequence);
    this.#expected.sequence = Math.max(this.#expected.sequence, sequence + 1);
  }
  #endOfLog(): void {
    if (this.#expected === undefined) return;
    const { replicaId, sequence } = this.#expected;
    this.#missing(replicaId, sequence, this.#upTo.get(replicaId) ?? 0);
  }
  #ended(): void {
    this.#endOfLog();
    for (const [replicaId, count] of this.#upTo)
      if (!this.#seen.has(replicaId)) this.#missing(replicaId, 0, count);
  }

  #missing(replicaId: ReplicaId, from: number, to: number): void {
    const end = Math.min(to, this.#upTo.get(replicaId) ?? 0);
    for (let sequence = from; sequence < end; sequence++) {
      const batch = this.#context.find(replicaId, sequence);
      if (batch !== undefined) this.#repair(batch);
    }
  }

  #isDamaged(key: BatchKey): void {
    const batch = this.#context.find(key.replicaId, key.sequence);
    if (batch?.id === key.batchId) this.#repair(batch);
    else if (!this.#context.has(key.batchId)) {
      const { replicaId, sequence, batchId } = key;
      this.#lost.set(batchId, { replicaId, sequence, batchId });
    }
  }

  #repair(batch: Batch): void {
    this.#repaired++;
    this.#context.rewrite(batch);
  }
}

function byKey(a: BatchKey, b: BatchKey): number {
  if (a.replicaId !== b.replicaId) return a.replicaId < b.replicaId ? -1 : 1;
  return a.sequence - b.sequence;
}
