/**
 * Whether a list of operations may be applied, decided before anything changes. Slots are checked as the text checks
 * its characters; here is what a list adds: an element must be one, and an id is a slot of one kind for ever.
 *
 * The verdict depends on the operations and what they build on, never on what was deleted meanwhile: of a slot it is
 * always known whether an insert or a move made it, even when nothing is in it any more.
 */
import { isHybridTime } from '../../clocks/hybrid-logical-clock.ts';
import { counterMax } from '../../base/limits.ts';
import type { ReplicaId } from '../../base/ids.ts';
import type { OpId } from '../context.ts';
import { refuseId } from '../log-order.ts';
import { slotsAsInsert, type Place, type Slots } from '../slots/slots.ts';
import type { Agent } from '../text/agents.ts';
import type { InsertOp } from '../text/messages.ts';
import { Validator } from '../text/validate.ts';
import { Element, left, type CellTable } from './cells.ts';
import type { ListOp } from './messages.ts';
import { Ranges } from './ranges.ts';

export class ListValidator {
  readonly #slots: Slots;
  readonly #cells: CellTable;
  /** Slots that earlier operations of the list make. */
  readonly #inserted = new Map<ReplicaId, Ranges>();
  readonly #moved = new Map<ReplicaId, Set<number>>();
  readonly #places: InsertOp[] = [];

  constructor(slots: Slots, cells: CellTable) {
    this.#slots = slots;
    this.#cells = cells;
  }

  /** The reason to refuse the whole list, or `undefined`. */
  refuse(ops: readonly ListOp[]): string | undefined {
    for (const op of ops) {
      const reason = refuseId(op.id) ?? this.#refuseOp(op);
      if (reason !== undefined) return reason;
    }
    return new Validator(this.#slots.tree.agents).refuse(this.#places);
  }

  #refuseOp(op: ListOp): string | undefined {
    switch (op.type) {
      case 'insert':
        return this.#refuseInsert(op.id, op.place, op.values.length);
      case 'move':
        return this.#refuseMove(op.id, op.stamp, op.element, op.place);
      case 'set':
        return isHybridTime(op.stamp) ? this.#refuseElements(op.id, op.element, 1) : 'stamp out of range';
      case 'delete':
        if (!isRange(op.id.counter, op.length)) return 'counter out of range';
        return this.#refuseElements(op.id, op.target, op.length);
    }
  }

  #refuseInsert(id: OpId, place: Place, count: number): string | undefined {
    if (count === 0) return 'no values';
    if (!isRange(id.counter, count)) return 'counter out of range';
    const end = id.counter + count;
    const agent = this.#slots.known(id.replicaId);
    if (agent !== undefined && this.#holdsMoves(agent, id.counter, end)) return 'id already used';
    for (const counter of this.#moved.get(id.replicaId) ?? [])
      if (counter >= id.counter && counter < end) return 'id already used';
    this.#places.push(slotsAsInsert(id, place, count));
    let ranges = this.#inserted.get(id.replicaId);
    if (ranges === undefined) this.#inserted.set(id.replicaId, (ranges = new Ranges()));
    ranges.add(id.counter, end);
    return undefined;
  }

  #refuseMove(
    id: OpId,
    stamp: Parameters<typeof isHybridTime>[0],
    element: OpId,
    place: Place,
  ): string | undefined {
    if (!isHybridTime(stamp)) return 'stamp out of range';
    const reason = this.#refuseElements(id, element, 1);
    if (reason !== undefined) return reason;
    const agent = this.#slots.known(id.replicaId);
    if (agent !== undefined && this.#slots.has(agent, id.counter) && !this.#isMove(agent, id.counter))
      return 'id already used';
    if (this.#inserted.get(id.replicaId)?.endOf(id.counter) !== undefined) return 'id already used';
    this.#places.push(slotsAsInsert(id, place, 1));
    let moved = this.#moved.get(id.replicaId);
    if (moved === undefined) this.#moved.set(id.replicaId, (moved = new Set()));
    moved.add(id.counter);
    return undefined;
  }

  /** Are `target`, … (`count` of them) elements, older than `id`? */
  #refuseElements(id: OpId, target: OpId, count: number): string | undefined {
    if (!isRange(target.counter, count)) return 'element out of range';
    const end = target.counter + count;
    if (target.replicaId === id.replicaId && end > id.counter) return 'element is not older';
    const agent = this.#slots.known(target.replicaId);
    const pending = this.#inserted.get(target.replicaId);
    // Each step passes one run or one insert of the list, so a length from outside cannot make this longer than they are many.
    for (let counter = target.counter; counter < end;) {
      const known = (agent?.endAt(counter) ?? 0) || pending?.endOf(counter);
      if (known === undefined) return 'unknown element';
      counter = known;
    }
    return agent !== undefined && this.#holdsMoves(agent, target.counter, end)
      ? 'unknown element'
      : undefined;
  }

  #holdsMoves(agent: Agent, start: number, end: number): boolean {
    for (const counter of this.#cells.of(agent)?.filled(start, end) ?? [])
      if (this.#isMove(agent, counter)) return true;
    return false;
  }

  /** Did a move make the slot? */
  #isMove(agent: Agent, counter: number): boolean {
    const cell = this.#cells.get(agent, counter);
    return cell === left || (cell instanceof Element && !cell.isBornIn({ agent, counter }));
  }
}

function isRange(counter: number, count: number): boolean {
  return (
    Number.isSafeInteger(counter) &&
    counter >= 0 &&
    Number.isSafeInteger(count) &&
    count > 0 &&
    counter + count <= counterMax
  );
}
