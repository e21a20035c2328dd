/**
 * The operations of a map. Which keys are present is an observed-remove set (Shapiro et al. 2011, section 3.3.5):
 * every edit of a value makes it present, so most additions need no operation of their own.
 */
import type { OpId } from '../context.ts';

/** `touch`: the value of `kind` under `key` is present, though nothing in it was edited. */
export interface TouchOp {
  readonly type: 'touch';
  readonly id: OpId;
  readonly key: string;
  /** Code of the kind (document/kinds.ts); one that this version does not know is kept like any other. */
  readonly kind: number;
}

/**
 * `remove`: whatever was edited under `key`, in values of all kinds and everything inside them, up to and including
 * `observed`, no longer makes anything present. At most one id a replica, in the order of the replica ids, never empty.
 */
export interface RemoveOp {
  readonly type: 'remove';
  readonly id: OpId;
  readonly key: string;
  readonly observed: readonly OpId[];
}

/** Each takes one counter. */
export type MapOp = TouchOp | RemoveOp;

/** The value of kind `kind` under `key` has come to be present, or no longer is. */
export interface MapChange {
  readonly key: string;
  readonly kind: number;
  readonly present: boolean;
}
