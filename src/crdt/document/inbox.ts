/**
 * Batches as the network brings them: in any order, some twice, some before what they depend on. The inbox applies what
 * can be applied and holds the rest back until it can.
 */
import { waitingBatchesMax } from '../../base/limits.ts';
import type { Document } from './document.ts';
import type { DocumentBatch } from './messages.ts';

/** What became of the batches that this call settled, in the order in which it happened. */
export interface Received {
  readonly applied: readonly DocumentBatch[];
  readonly refused: readonly { readonly batch: DocumentBatch; readonly reason: string }[];
}

export class Inbox {
  readonly #document: Document;
  #waiting: DocumentBatch[] = [];

  constructor(document: Document) {
    this.#document = document;
  }

  /** Batches that wait for others. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** Takes in `batch`. Beyond `waitingBatchesMax` waiting ones it is refused: whoever sent it can be asked again. */
  receive(batch: DocumentBatch): Received {
    const applied: DocumentBatch[] = [];
    const refused: { batch: DocumentBatch; reason: string }[] = [];
    if (!this.#document.isReady(batch)) {
      if (this.#waiting.length >= waitingBatchesMax)
        return { applied, refused: [{ batch, reason: 'too many batches wait' }] };
      this.#waiting.push(batch);
      return { applied, refused };
    }
    for (let ready: readonly DocumentBatch[] = [batch]; ready.length > 0; ready = this.#takeReady()) {
      for (const next of ready) {
        const result = this.#document.apply(next);
        if (result.ok) applied.push(next);
        else refused.push({ batch: next, reason: result.reason });
      }
    }
    return { applied, refused };
  }

  #takeReady(): readonly DocumentBatch[] {
    const ready = this.#waiting.filter(batch => this.#document.isReady(batch));
    if (ready.length > 0) this.#waiting = this.#waiting.filter(batch => !ready.includes(batch));
    return ready;
  }
}
