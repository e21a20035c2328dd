/**
 * A counter that only grows (G-Counter; Shapiro, Preguiça, Baquero, Zawirski 2011, "A comprehensive study of convergent
 * and commutative replicated data types", section 3.1.1), operation-based: an operation says how much more, and its id
 * makes a repeat harmless. A shared number that everybody overwrites would lose all but one of several concurrent counts.
 */
import { assert } from '../../base/assert.ts';
import type { Applied, Context } from '../context.ts';
import { drawId } from '../log-order.ts';
import type { CounterChange, GCounterOp } from './messages.ts';
import { Tally } from './tally.ts';

export class GCounter {
  /** The state itself, for the codec. */
  readonly tally: Tally;
  readonly #context: Context;

  constructor(context: Context, tally = new Tally()) {
    this.#context = context;
    this.tally = tally;
  }

  /** Exact up to `Number.MAX_SAFE_INTEGER`, and that when more was counted. */
  get value(): number {
    return this.tally.value;
  }

  /** How much this replica may still count: what one replica counts, ever, stays within the safe range. */
  get room(): number {
    return Number.MAX_SAFE_INTEGER - this.tally.shareOf(this.#context.replicaId).increments;
  }

  /** `amount`: whole, `1 <= amount <= room`. */
  localIncrement(amount = 1): readonly GCounterOp[] {
    assert(Number.isSafeInteger(amount) && amount > 0 && amount <= this.room, 'the amount has room');
    const id = drawId(this.#context, this.tally.shareOf(this.#context.replicaId).next);
    const ops: readonly GCounterOp[] = [{ type: 'increment', id, amount }];
    this.tally.apply(ops);
    return ops;
  }

  /** Why `apply` would refuse `ops`; changes nothing. */
  refuse(ops: readonly GCounterOp[]): string | undefined {
    return this.tally.refuse(ops);
  }

  /** All or none. What is here already is skipped. */
  apply(ops: readonly GCounterOp[]): Applied<CounterChange> {
    return this.tally.apply(ops);
  }
}
