/**
 * Whether a list of operations may be applied, decided before anything changes. Slots are checked as the text checks its
 * characters; here is what a tree adds. The verdict depends on the operations and what they build on, never on
 * where nodes are now: a move that would make a ring is not refused, it does nothing.
 */
import type { ReplicaId } from '../../base/ids.ts';
import { compareHybridTime, isHybridTime } from '../../clocks/hybrid-logical-clock.ts';
import type { OpId } from '../context.ts';
import { refuseId } from '../log-order.ts';
import { slotsAsInsert, type Slots } from '../slots/slots.ts';
import type { InsertOp } from '../text/messages.ts';
import { Validator } from '../text/validate.ts';
import type { Parent, TreeMoveOp, TreeOp } from './messages.ts';
import type { MoveLog } from './move-log.ts';
import type { Nodes } from './node.ts';

export class TreeValidator {
  readonly #slots: Slots;
  readonly #nodes: Nodes;
  readonly #log: MoveLog;
  /** What earlier operations of the list make, by counter. */
  readonly #pending = new Map<ReplicaId, Map<number, 'create' | 'move'>>();
  readonly #places: InsertOp[] = [];

  constructor(slots: Slots, nodes: Nodes, log: MoveLog) {
    this.#slots = slots;
    this.#nodes = nodes;
    this.#log = log;
  }

  /** The reason to refuse the whole list, or `undefined`. */
  refuse(ops: readonly TreeOp[]): string | undefined {
    for (const op of ops) {
      const reason = refuseId(op.id) ?? this.#refuseOp(op);
      if (reason !== undefined) return reason;
      if (op.type === 'set') continue;
      let pending = this.#pending.get(op.id.replicaId);
      if (pending === undefined)
        this.#pending.set(op.id.replicaId, (pending = new Map<number, 'create' | 'move'>()));
      pending.set(op.id.counter, op.type);
      this.#places.push(slotsAsInsert(op.id, op.place, 1));
    }
    return new Validator(this.#slots.tree.agents).refuse(this.#places);
  }

  #refuseOp(op: TreeOp): string | undefined {
    if (op.type === 'create') {
      if ((op.parent as Parent) === 'trash') return 'unknown parent';
      return (
        this.#refuseParent(op.id, op.parent) ??
        (this.#kindOf(op.id) === 'move' ? 'id already used' : undefined)
      );
    }
    if (!isHybridTime(op.stamp)) return 'stamp out of range';
    if (isOwnAndNotOlder(op.node, op.id)) return 'node is not older';
    if (this.#kindOf(op.node) !== 'create') return 'unknown node';
    return op.type === 'move' ? this.#refuseMove(op) : undefined;
  }

  #refuseMove({ id, parent, stamp }: TreeMoveOp): string | undefined {
    const reason = this.#refuseParent(id, parent);
    if (reason !== undefined) return reason;
    const kind = this.#kindOf(id);
    if (kind === 'create') return 'id already used';
    const { settled } = this.#log;
    // Only a repeat may be that old: the moves it would have to be put among are forgotten.
    const tooOld = kind === undefined && settled !== undefined && compareHybridTime(stamp, settled) <= 0;
    return tooOld ? 'older than what is settled' : undefined;
  }

  #refuseParent(id: OpId, parent: Parent): string | undefined {
    if (typeof parent === 'string') return undefined;
    if (isOwnAndNotOlder(parent, id)) return 'parent is not older';
    return this.#kindOf(parent) === 'create' ? undefined : 'unknown parent';
  }

  /** What made the slot `id`. */
  #kindOf({ replicaId, counter }: OpId): 'create' | 'move' | undefined {
    const agent = this.#slots.known(replicaId);
    if (agent !== undefined && this.#nodes.get(agent, counter) !== undefined) return 'create';
    if (agent !== undefined && this.#slots.has(agent, counter)) return 'move';
    return this.#pending.get(replicaId)?.get(counter);
  }
}

function isOwnAndNotOlder(reference: OpId, id: OpId): boolean {
  return reference.replicaId === id.replicaId && reference.counter >= id.counter;
}
