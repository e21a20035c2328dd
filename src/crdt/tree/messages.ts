/**
 * The operations of a tree, and what applying them changed. See SPEC.md for the rules and docs/protocols/tree.md for the
 * bytes. Each takes one counter. A node is named by the id of the operation that created it, for ever.
 */
import type { HybridTime } from '../../clocks/hybrid-logical-clock.ts';
import type { OpId } from '../context.ts';
import type { Place } from '../text/gap.ts';
import type { Value } from '../value.ts';

/** What a node can be in: another node, the root, or the trash, where deleted nodes are. */
export type Parent = OpId | 'root' | 'trash';

/** `create`: the node `id` comes to be in `parent`, in the slot `id`. Where it is before every move. */
export interface TreeCreateOp {
  readonly type: 'create';
  readonly id: OpId;
  readonly parent: Exclude<Parent, 'trash'>;
  readonly place: Place;
}

/** `move`: `node` with all that is in it goes to `parent`, in the slot `id`, unless it would then be inside itself. */
export interface TreeMoveOp {
  readonly type: 'move';
  readonly id: OpId;
  readonly stamp: HybridTime;
  readonly node: OpId;
  readonly parent: Parent;
  readonly place: Place;
}

/** `set`: `key` of `node` has `value`, or none, unless a later set says otherwise. */
export interface TreeSetOp {
  readonly type: 'set';
  readonly id: OpId;
  readonly stamp: HybridTime;
  readonly node: OpId;
  readonly key: string;
  readonly value?: Value;
}

export type TreeOp = TreeCreateOp | TreeMoveOp | TreeSetOp;

/** The `index`-th of what is in `parent`. */
export interface Spot {
  readonly parent: Parent;
  readonly index: number;
}

/** One change; a list of them is in the order they happened: a spot counts what is there after the changes before. */
export type TreeChange =
  /** `node` is taken out of `from` (null: it is new), then put into `to`. */
  | { readonly type: 'place'; readonly node: OpId; readonly from: Spot | null; readonly to: Spot }
  | { readonly type: 'set'; readonly node: OpId; readonly key: string; readonly value?: Value };

/** The counters `ops` take: one each. */
export function countersOfTreeOps(ops: readonly TreeOp[]): number {
  return ops.length;
}
