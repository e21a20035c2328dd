/** The operations of the counters. SPEC.md has the rules, docs/protocols/values.md the bytes. */
import type { OpId } from '../context.ts';

/** Takes one counter, as every operation here. `amount`: whole, `1 <= amount <= Number.MAX_SAFE_INTEGER`. */
export interface IncrementOp {
  readonly type: 'increment';
  readonly id: OpId;
  readonly amount: number;
}

export interface DecrementOp {
  readonly type: 'decrement';
  readonly id: OpId;
  readonly amount: number;
}

export type GCounterOp = IncrementOp;
export type PNCounterOp = IncrementOp | DecrementOp;

/** The counter shows `value` now. */
export interface CounterChange {
  readonly value: number;
}
