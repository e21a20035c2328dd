/**
 * A list of values that many replicas edit at once: elements are inserted, overwritten, deleted and moved.
 *
 * The obvious move is to delete and insert again. Two people who move one element at once then have it twice, and
 * whoever overwrote it meanwhile wrote to the deleted one. Here an element is one thing for ever, named by the slot
 * it was inserted into, and its **position is a register** that holds a slot (Kleppmann 2020, *Moving Elements in List
 * CRDTs*, section 3): a move makes a fresh slot and writes it into the register, the last writer wins, and the slot
 * it was in stays behind hidden. Since a register's stamp only rises, a slot that lost never wins again.
 *
 * Slots stand in the order of the text's characters (../slots/slots.ts), so words inserted at one place at once are
 * not interleaved. Departing from the paper, a deleted element stays deleted whatever was moved or set at the same
 * time (SPEC.md, LIST5), which lets everything about it but its id be forgotten at once.
 */
import { assert, assertNever } from '../../base/assert.ts';
import { compareHybridTime } from '../../clocks/hybrid-logical-clock.ts';
import { compareOpIds, type Applied, type Context, type OpId } from '../context.ts';
import { slotId, Slots } from '../slots/slots.ts';
import type { Agent } from '../text/agents.ts';
import { storable, type Value } from '../value.ts';
import { CellTable, Element, left, type Write } from './cells.ts';
import { ListChanges } from './changes.ts';
import type { ListChange, ListDeleteOp, ListInsertOp, ListMoveOp, ListOp, ListSetOp } from './messages.ts';
import { ListValidator } from './validate.ts';

export class List {
  /** The state itself, for the modules of this folder; everything outside goes through the methods. */
  readonly slots: Slots;
  readonly cells: CellTable;
  readonly #context: Context;
  readonly #self: Agent;

  constructor(context: Context, slots = new Slots(), cells = new CellTable()) {
    this.#context = context;
    this.slots = slots;
    this.cells = cells;
    this.#self = slots.agent(context.replicaId);
  }

  get length(): number {
    return this.slots.length;
  }

  /** The element at `index`; `undefined` outside the list. */
  get(index: number): Value | undefined {
    if (!Number.isInteger(index) || index < 0 || index >= this.length) return undefined;
    const { agent, counter } = this.slots.at(index);
    return this.#valueIn(agent, counter);
  }

  toArray(): Value[] {
    return [...this];
  }

  *[Symbol.iterator](): IterableIterator<Value> {
    for (const { agent, counter, count } of this.slots.shown())
      for (let i = 0; i < count; i++) yield this.#valueIn(agent, counter + i);
  }

  /** Names the element at `index` for ever. */
  idAt(index: number): OpId {
    assert(Number.isInteger(index) && index >= 0 && index < this.length, 'an element of the list');
    const slot = this.slots.at(index);
    const cell = this.cells.get(slot.agent, slot.counter);
    return slotId(cell instanceof Element ? cell.born : slot);
  }

  /** Where the element `id` is now; `undefined` when it is deleted or not known here. */
  indexOf(id: OpId): number | undefined {
    const agent = this.slots.known(id.replicaId);
    if (agent === undefined) return undefined;
    const cell = this.cells.get(agent, id.counter);
    if (cell === undefined || cell === left) return undefined;
    if (!(cell instanceof Element)) return this.slots.indexOf(agent, id.counter);
    if (!cell.isBornIn({ agent, counter: id.counter })) return undefined;
    return this.slots.indexOf(cell.slot.agent, cell.slot.counter);
  }

  /** Inserts at `0 <= index <= length`: one operation, however many values. */
  localInsert(index: number, values: readonly Value[]): readonly ListOp[] {
    assert(Number.isInteger(index) && index >= 0 && index <= this.length, 'insert inside the list');
    if (values.length === 0) return [];
    const kept = values.map(storable);
    const counter = this.slots.draw(this.#self, this.#context, kept.length);
    const place = this.slots.insertAt(index, this.#self, counter, kept.length);
    this.#fill(this.#self, counter, kept, 0);
    return [{ type: 'insert', id: this.#ownId(counter), place, values: kept }];
  }

  /** Deletes `count` elements from `index` on. */
  localDelete(index: number, count: number): readonly ListOp[] {
    const whole = Number.isInteger(index) && Number.isInteger(count);
    assert(whole && index >= 0 && count >= 0 && index + count <= this.length, 'delete inside the list');
    if (count === 0) return [];
    const first = this.slots.draw(this.#self, this.#context, count);
    const targets: { target: OpId; length: number }[] = [];
    for (let rest = count; rest > 0;) {
      const stretch = this.slots.stretchAt(index, rest);
      for (let i = 0; i < stretch.count; i++) {
        const counter = stretch.counter + i;
        const cell = this.cells.get(stretch.agent, counter);
        const born = cell instanceof Element ? cell.born : { agent: stretch.agent, counter };
        const last = targets.at(-1);
        if (
          last?.target.replicaId === born.agent.replicaId &&
          last.target.counter + last.length === born.counter
        )
          last.length++;
        else targets.push({ target: slotId(born), length: 1 });
        this.#forget(cell, stretch.agent, counter);
      }
      this.slots.hide(stretch.agent, stretch.counter, stretch.count);
      rest -= stretch.count;
    }
    let counter = first;
    return targets.map(({ target, length }): ListDeleteOp => {
      const id = this.#ownId(counter);
      counter += length;
      return { type: 'delete', id, target, length };
    });
  }

  /** Takes the element at `from` out and puts it back in where it will be at `to`. */
  localMove(from: number, to: number): readonly ListOp[] {
    const inside = (index: number) => Number.isInteger(index) && index >= 0 && index < this.length;
    assert(inside(from) && inside(to), 'move inside the list');
    if (from === to) return [];
    const element = this.#elementAt(from);
    const stamp = this.#context.stamp(element.moved);
    const counter = this.slots.draw(this.#self, this.#context, 1);
    const place = this.slots.insertAt(to < from ? to : to + 1, this.#self, counter, 1);
    this.#leave(element);
    element.moved = stamp;
    element.slot = { agent: this.#self, counter };
    this.cells.set(this.#self, counter, element);
    return [{ type: 'move', id: this.#ownId(counter), stamp, element: slotId(element.born), place }];
  }

  localSet(index: number, value: Value): readonly ListOp[] {
    const kept = storable(value);
    assert(Number.isInteger(index) && index >= 0 && index < this.length, 'an element of the list');
    const element = this.#elementAt(index);
    const stamp = this.#context.stamp(element.set?.stamp);
    const id = this.#ownId(this.slots.draw(this.#self, this.#context, 1));
    element.value = kept;
    element.set = { stamp, id };
    return [{ type: 'set', id, stamp, element: slotId(element.born), value: kept }];
  }

  /** Why `apply` would refuse `ops`; changes nothing. */
  refuse(ops: readonly ListOp[]): string | undefined {
    return new ListValidator(this.slots, this.cells).refuse(ops);
  }

  /** Applies operations, of others or of our own log read back: all or none. What is here already is skipped. */
  apply(ops: readonly ListOp[]): Applied<ListChange> {
    const reason = this.refuse(ops);
    if (reason !== undefined) return { ok: false, reason };
    const changes = new ListChanges();
    for (const op of ops) {
      switch (op.type) {
        case 'insert':
          this.#applyInsert(op, changes);
          break;
        case 'delete':
          this.#applyDelete(op, changes);
          break;
        case 'move':
          this.#applyMove(op, changes);
          break;
        case 'set':
          this.#applySet(op, changes);
          break;
        default:
          assertNever(op);
      }
    }
    return { ok: true, changes: changes.finish() };
  }

  #applyInsert({ id, place, values }: ListInsertOp, changes: ListChanges): void {
    const agent = this.slots.agent(id.replicaId);
    const known = this.slots.knownOf(agent, id.counter, values.length);
    if (known === values.length) return;
    const counter = id.counter + known;
    const rest = known === 0 ? place : { parent: { ...id, counter: counter - 1 }, side: 'right' as const };
    const index = this.slots.insert(agent, counter, values.length - known, rest);
    this.#fill(agent, counter, values, known);
    changes.insert(index, known === 0 ? values : values.slice(known));
  }

  #applyDelete({ target, length }: ListDeleteOp, changes: ListChanges): void {
    const agent = this.slots.agent(target.replicaId);
    const cells = this.cells.of(agent);
    const hidden = (index: number, count: number) => changes.delete(index, count);
    // Elements that are where they were inserted go by the stretch.
    let from = 0;
    let to = 0;
    const hideStretch = () => {
      if (to > from) this.slots.hide(agent, from, to - from, hidden);
    };
    for (const counter of cells?.filled(target.counter, target.counter + length) ?? []) {
      const cell = cells?.get(counter);
      if (cell instanceof Element && cell.slot !== cell.born) {
        this.slots.hide(cell.slot.agent, cell.slot.counter, 1, hidden);
      } else if (counter === to) {
        to++;
      } else {
        hideStretch();
        from = counter;
        to = counter + 1;
      }
      this.#forget(cell, agent, counter);
    }
    hideStretch();
  }

  #applyMove({ id, stamp, element: { replicaId, counter }, place }: ListMoveOp, changes: ListChanges): void {
    const agent = this.slots.agent(id.replicaId);
    if (this.slots.has(agent, id.counter)) return;
    const element = this.cells.element(this.slots.agent(replicaId), counter);
    if (
      element === undefined ||
      (element.moved !== undefined && !isLater({ stamp, id }, positionOf(element)))
    ) {
      // The slot is needed all the same: others may hang on it.
      this.slots.insert(agent, id.counter, 1, place);
      this.slots.hide(agent, id.counter, 1);
      this.cells.set(agent, id.counter, left);
      return;
    }
    const from = this.slots.indexOf(element.slot.agent, element.slot.counter);
    this.#leave(element);
    element.moved = stamp;
    element.slot = { agent, counter: id.counter };
    this.cells.set(agent, id.counter, element);
    changes.move(from, this.slots.insert(agent, id.counter, 1, place));
  }

  #applySet({ id, stamp, element: { replicaId, counter }, value }: ListSetOp, changes: ListChanges): void {
    const element = this.cells.element(this.slots.agent(replicaId), counter);
    if (element === undefined) return;
    if (element.set !== undefined && !isLater({ stamp, id }, element.set)) return;
    element.value = value;
    element.set = { stamp, id };
    changes.set(this.slots.indexOf(element.slot.agent, element.slot.counter), value);
  }

  #valueIn(agent: Agent, counter: number): Value {
    const cell = this.cells.get(agent, counter);
    assert(cell !== undefined && cell !== left, 'a shown slot holds an element');
    return cell instanceof Element ? cell.value : cell;
  }

  #elementAt(index: number): Element {
    const { agent, counter } = this.slots.at(index);
    const element = this.cells.element(agent, counter);
    assert(element !== undefined, 'a shown slot holds an element');
    return element;
  }

  #fill(agent: Agent, counter: number, values: readonly Value[], from: number): void {
    for (let i = from; i < values.length; i++) this.cells.set(agent, counter + i - from, values[i]);
  }

  /** The slot that `element` is in is hidden and holds nothing any more. */
  #leave({ slot, born }: Element): void {
    this.slots.hide(slot.agent, slot.counter, 1);
    if (slot !== born) this.cells.set(slot.agent, slot.counter, left);
  }

  /** Empties the cells of an element that is deleted; `cell` stands at `counter` of `agent`. */
  #forget(cell: unknown, agent: Agent, counter: number): void {
    if (cell instanceof Element) {
      const { born, slot } = cell;
      this.cells.set(born.agent, born.counter, undefined);
      if (slot !== born) this.cells.set(slot.agent, slot.counter, left);
    } else this.cells.set(agent, counter, undefined);
  }

  #ownId(counter: number): OpId {
    return { replicaId: this.#self.replicaId, counter };
  }
}

/** What the position of a moved element was written by. */
function positionOf(element: Element): Write {
  assert(element.moved !== undefined, 'the element was moved');
  return { stamp: element.moved, id: slotId(element.slot) };
}

function isLater(a: Write, b: Write): boolean {
  return (compareHybridTime(a.stamp, b.stamp) || compareOpIds(a.id, b.id)) > 0;
}
