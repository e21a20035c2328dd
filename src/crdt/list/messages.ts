/**
 * The operations of a list, and what applying them changed. See SPEC.md for the rules and docs/protocols/list.md for
 * the bytes. An element is named by the id of the slot it was inserted into, for ever, wherever it moves.
 */
import type { HybridTime } from '../../clocks/hybrid-logical-clock.ts';
import type { OpId } from '../context.ts';
import type { Place } from '../text/gap.ts';
import type { Value } from '../value.ts';

/**
 * `insert`: `values` become the elements `id`, `id + 1`, … in fresh slots of the same ids; the first slot hangs at `place`,
 * each further one right of the one before. Uses as many counters as values, at least one.
 */
export interface ListInsertOp {
  readonly type: 'insert';
  readonly id: OpId;
  readonly place: Place;
  readonly values: readonly Value[];
}

/** `delete`: the elements `target`, `target + 1`, … (`length` of them) are gone for good. Uses `length` counters. */
export interface ListDeleteOp {
  readonly type: 'delete';
  readonly id: OpId;
  readonly target: OpId;
  readonly length: number;
}

/** `move`: `element` goes to a fresh slot `id` at `place`, unless a later move sent it elsewhere. Uses one counter. */
export interface ListMoveOp {
  readonly type: 'move';
  readonly id: OpId;
  readonly stamp: HybridTime;
  readonly element: OpId;
  readonly place: Place;
}

/** `set`: `element` holds `value`, unless a later set says otherwise. Uses one counter. */
export interface ListSetOp {
  readonly type: 'set';
  readonly id: OpId;
  readonly stamp: HybridTime;
  readonly element: OpId;
  readonly value: Value;
}

export type ListOp = ListInsertOp | ListDeleteOp | ListMoveOp | ListSetOp;

/** One visible change; a list of them is in the order they happened, each relative to the list after the ones before. */
export type ListChange =
  | { readonly type: 'insert'; readonly index: number; readonly values: readonly Value[] }
  | { readonly type: 'delete'; readonly index: number; readonly count: number }
  | { readonly type: 'set'; readonly index: number; readonly value: Value }
  /** The element at `from` is taken out and put back in, at `to` of what is left. */
  | { readonly type: 'move'; readonly from: number; readonly to: number };

/** The counters `op` takes, at least one. */
export function countersOfListOp(op: ListOp): number {
  if (op.type === 'insert') return op.values.length;
  return op.type === 'delete' ? op.length : 1;
}

export function countersOfListOps(ops: readonly ListOp[]): number {
  let counters = 0;
  for (const op of ops) counters += countersOfListOp(op);
  return counters;
}
