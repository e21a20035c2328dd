import type { ClearableCounter } from '../../counters/clearable-counter.ts';
import type { GCounter } from '../../counters/g-counter.ts';
import { Handle, type Edited } from './handle.ts';

/** A counter that goes up and down; removing its key clears it (src/crdt/counters). */
export class DocumentCounter extends Handle {
  get #counter(): ClearableCounter {
    return this.container.leaf(this.document.context) as ClearableCounter;
  }

  /** Exact while it is a safe integer, and the end of the safe range beyond. */
  get value(): number {
    return this.#counter.value;
  }

  /** How much this replica may still count up and down, ever. */
  get room(): { readonly increments: number; readonly decrements: number } {
    return this.#counter.room;
  }

  /** `amount`: whole, not 0, within `room`; negative to count down. */
  add(amount = 1): Edited {
    return this.edit(
      () => this.#counter.localAdd(amount),
      () => [{ value: this.value }],
    );
  }
}

/** A counter that only grows: without its key it is hidden, and counts on from where it was. */
export class DocumentGCounter extends Handle {
  get #counter(): GCounter {
    return this.container.leaf(this.document.context) as GCounter;
  }

  /** Exact up to `Number.MAX_SAFE_INTEGER`, and that when more was counted. */
  get value(): number {
    return this.#counter.value;
  }

  /** How much this replica may still count, ever. */
  get room(): number {
    return this.#counter.room;
  }

  /** `amount`: whole, `1 <= amount <= room`. */
  increment(amount = 1): Edited {
    return this.edit(
      () => this.#counter.localIncrement(amount),
      () => [{ value: this.value }],
    );
  }
}
