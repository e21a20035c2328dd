/** The operations of the sets. SPEC.md has the rules, docs/protocols/values.md the bytes. */
import type { OpId } from '../context.ts';
import type { Value } from '../value.ts';

/** Takes one counter, as every operation here. */
export interface AddOp {
  readonly type: 'add';
  readonly id: OpId;
  readonly value: Value;
}

/** 2P-Set: `value` is out for good. */
export interface RemoveOp {
  readonly type: 'remove';
  readonly id: OpId;
  readonly value: Value;
}

/** OR-Set: takes back the adds `dots`, at least one, which its author had seen; other adds of the same values stay. */
export interface RemoveDotsOp {
  readonly type: 'remove';
  readonly id: OpId;
  readonly dots: readonly OpId[];
}

export type GSetOp = AddOp;
export type TwoPhaseSetOp = AddOp | RemoveOp;
export type ORSetOp = AddOp | RemoveDotsOp;

/** `value` is in the set now, or no longer. */
export interface SetChange {
  readonly type: 'added' | 'removed';
  readonly value: Value;
}
