/**
 * The slow scrub: what the disk holds is read again, a few records at a time, for as long as the replica runs. A hash made when a
 * batch came says nothing of the byte that rots a year later, and by then the other copies may be gone as well.
 *
 * What is found damaged, or is not there although it was kept, is written again from memory, where every batch of the log is; what
 * was damaged already when the disk was loaded is not in memory, is asked of peers by clock like anything else that we lack,
 * and is told to the person for as long as nobody has sent it.
 */
import type { BatchId, ReplicaId } from '../base/ids.ts';
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
  /** The ids of all that the disk is known to hold, in the order of delivery. */
  held(): Iterable<BatchId>;
  /** The batch, if it is in memory. */
  find(batchId: BatchId): Batch | undefined;
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
  /**
   * What the disk held when this pass began and has not been come upon yet; whatever came later the pass may miss. By id, since of a
   * log that two have written two batches have one number.
   */
  #unseen = new Set<BatchId>();
  /** Records written again since this replica runs. */
  #repaired = 0;

  constructor(context: ScrubbingContext, nowMs: number) {
    this.#context = context;
    this.#dueMs = nowMs + scrubEveryMs;
  }

  /** Batches that the disk held and that are nowhere to be had so far. */
  get lost(): readonly BatchKey[] {
    for (const batchId of this.#lost.keys())
      if (this.#context.find(batchId) !== undefined) this.#lost.delete(batchId);
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
    if (this.#after === undefined) this.#unseen = new Set(this.#context.held());
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
    for (const { batchId } of step.whole) this.#unseen.delete(batchId);
    this.#after = step.next;
    if (step.next !== undefined) return;
    // The pass is over: what is left is not there.
    for (const batchId of this.#unseen) this.#rewrite(batchId);
    this.#unseen.clear();
    this.#dueMs = nowMs + scrubRestMs;
  }

  #isDamaged({ replicaId, sequence, batchId }: BatchKey): void {
    this.#unseen.delete(batchId);
    if (!this.#rewrite(batchId)) this.#lost.set(batchId, { replicaId, sequence, batchId });
  }

  /** False when it is not in memory either. */
  #rewrite(batchId: BatchId): boolean {
    const batch = this.#context.find(batchId);
    if (batch === undefined) return false;
    this.#repaired++;
    this.#context.rewrite(batch);
    return true;
  }
}
