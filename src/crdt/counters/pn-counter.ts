/**
 * A counter that goes up and down (PN-Counter; Shapiro et al. 2011, section 3.1.3): what each replica counted up and
 * what it counted down are two sums that only grow, and the value is the difference of their totals.
 */
import { assert } from '../../base/assert.ts';
import type { Applied, Context } from '../context.ts';
import { drawId } from '../log-order.ts';
import type { CounterChange, PNCounterOp } from './messages.ts';
import { Tally } from './tally.ts';

export class PNCounter {
  /** The state itself, for the codec. */
  readonly tally: Tally;
  readonly #context: Context;

  constructor(context: Context, tally = new Tally()) {
    this.#context = context;
    this.tally = tally;
  }

  /** Exact while it is a safe integer, and the end of the safe range beyond. */
  get value(): number {
    return this.tally.value;
  }

  /** How much this replica may still count up and down: each stays within the safe range, ever. */
  get room(): { readonly increments: number; readonly decrements: number } {
    const { increments, decrements } = this.tally.shareOf(this.#context.replicaId);
    return {
      increments: Number.MAX_SAFE_INTEGER - increments,
      decrements: Number.MAX_SAFE_INTEGER - decrements,
    };
  }

  /** `amount`: whole, `1 <= amount <= room.increments`. */
  localIncrement(amount = 1): readonly PNCounterOp[] {
    return this.#count('increment', amount, this.room.increments);
  }

  /** `amount`: whole, `1 <= amount <= room.decrements`. */
  localDecrement(amount = 1): readonly PNCounterOp[] {
    return this.#count('decrement', amount, this.room.decrements);
  }

  /** Why `apply` would refuse `ops`; changes nothing. */
  refuse(ops: readonly PNCounterOp[]): string | undefined {
    return this.tally.refuse(ops);
  }

  /** All or none. What is here already is skipped. */
  apply(ops: readonly PNCounterOp[]): Applied<CounterChange> {
    return this.tally.apply(ops);
  }

  #count(type: PNCounterOp['type'], amount: number, room: number): readonly PNCounterOp[] {
    assert(Number.isSafeInteger(amount) && amount > 0 && amount <= room, 'the amount has room');
    const id = drawId(this.#context, this.tally.shareOf(this.#context.replicaId).next);
    const ops: readonly PNCounterOp[] = [{ type, id, amount }];
    this.tally.apply(ops);
    return ops;
  }
}
