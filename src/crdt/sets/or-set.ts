/**
 * A set whose values come and go, where an addition wins over a removal that had not seen it (Observed-Remove Set). The
 * last writer's word per value would need clocks that agree; the first OR-Set (Shapiro et al. 2011, section 3.3.5) kept a
 * tombstone for every removed addition, for ever.
 *
 * This is the optimized one (Bieniusa, Zawirski, Preguiça, Shapiro, Baquero, Balegas, Duarte 2012, "An optimized
 * conflict-free replicated set", figure 3): every addition is a **dot**, a value is in the set while one of its dots is,
 * and one vector for the whole set says which dots were ever seen. A dot seen that is no longer there was removed: no
 * tombstone is needed to keep a repeated addition from bringing it back. A removal names the dots it observed.
 *
 * A replica's later addition of a value stands for its earlier one, so a value has at most one dot a replica.
 *
 * Departure: operations instead of states. A removal carries its dots and not its values, so that emptying a set of long
 * values is one short operation.
 */
import { assert, assertNever } from '../../base/assert.ts';
import type { ReplicaId } from '../../base/ids.ts';
import type { ReadonlyVectorClock, VectorClock } from '../../clocks/vector-clock.ts';
import { compareOpIds, type Applied, type Context, type OpId } from '../context.ts';
import { drawId, refuseId, SeenThen } from '../log-order.ts';
import { storable, valueKey, type Value } from '../value.ts';
import { Elements, type Element } from './elements.ts';
import type { AddOp, ORSetOp, RemoveDotsOp, SetChange } from './messages.ts';

/** A value of the set and the additions that keep it there: at least one, at most one a replica. */
export interface DottedElement extends Element {
  readonly key: string;
  /** By `compareOpIds`. */
  readonly dots: OpId[];
}

export class ORSet {
  /** The state itself, for the codec. Invariants: every dot has been seen; no dot is at two elements. */
  readonly elements: Elements<DottedElement>;
  readonly #seen: VectorClock;
  readonly #byDot = new Map<ReplicaId, Map<number, DottedElement>>();
  readonly #context: Context;

  constructor(context: Context, seen: VectorClock = new Map(), elements = new Elements<DottedElement>()) {
    this.#context = context;
    this.#seen = seen;
    this.elements = elements;
    for (const element of elements.inOrder()) for (const dot of element.dots) this.#index(dot, element);
  }

  get size(): number {
    return this.elements.size;
  }

  /** For each replica, the first counter of it not seen: every operation below it is in this state. */
  get seen(): ReadonlyVectorClock {
    return this.#seen;
  }

  has(value: Value): boolean {
    return this.elements.has(valueKey(value));
  }

  /** In the order of their encodings, the same on every replica. */
  values(): readonly Value[] {
    return this.elements.values();
  }

  /** An operation also when `value` is here: it keeps the value against removals made without having seen it. */
  localAdd(value: Value): readonly ORSetOp[] {
    // First the value: one that cannot be stored must not use up a counter.
    const copy = storable(value);
    return this.#make({ type: 'add', id: this.#draw(), value: copy });
  }

  /** No operation when `value` is not here. */
  localRemove(value: Value): readonly ORSetOp[] {
    const element = this.elements.get(valueKey(value));
    return element === undefined
      ? []
      : this.#make({ type: 'remove', id: this.#draw(), dots: [...element.dots] });
  }

  /** Removes everything that is here, as one operation. */
  localClear(): readonly ORSetOp[] {
    if (this.size === 0) return [];
    const dots = this.elements.inOrder().flatMap(element => element.dots);
    return this.#make({ type: 'remove', id: this.#draw(), dots: dots.sort(compareOpIds) });
  }

  /** All or none. What is here already is skipped. */
  apply(ops: readonly ORSetOp[]): Applied<SetChange> {
    const reason = this.refuse(ops);
    if (reason !== undefined) return { ok: false, reason };
    const changes: SetChange[] = [];
    for (const op of ops) {
      const { replicaId, counter } = op.id;
      if (counter < (this.#seen.get(replicaId) ?? 0)) continue;
      this.#seen.set(replicaId, counter + 1);
      switch (op.type) {
        case 'add':
          this.#add(op, changes);
          break;
        case 'remove':
          this.#remove(op, changes);
          break;
        default:
          assertNever(op);
      }
    }
    return { ok: true, changes };
  }

  /** Why `apply` would refuse `ops`; changes nothing. */
  refuse(ops: readonly ORSetOp[]): string | undefined {
    const seen = new SeenThen(this.#seen);
    for (const op of ops) {
      const reason = refuseId(op.id);
      if (reason !== undefined) return reason;
      if (seen.has(op.id)) continue;
      if (op.type === 'remove') {
        if (op.dots.length === 0) return 'empty removal';
        // A dot nobody here has seen is one of the future, and may not be taken back before it is there.
        for (const dot of op.dots) if (!seen.has(dot)) return 'unknown dot';
      }
      seen.add(op.id);
    }
    return undefined;
  }

  #add({ id, value }: AddOp, changes: SetChange[]): void {
    const key = valueKey(value);
    let element = this.elements.get(key);
    if (element === undefined) {
      element = { key, value, dots: [] };
      this.elements.add(key, element);
      changes.push({ type: 'added', value });
    }
    const { dots } = element;
    let at = dots.findIndex(dot => dot.replicaId >= id.replicaId);
    if (at < 0) at = dots.length;
    const earlier = dots[at];
    const replaces = earlier?.replicaId === id.replicaId;
    if (replaces) this.#byDot.get(id.replicaId)?.delete(earlier.counter);
    dots.splice(at, replaces ? 1 : 0, id);
    this.#index(id, element);
  }

  #remove(op: RemoveDotsOp, changes: SetChange[]): void {
    for (const { replicaId, counter } of op.dots) {
      const element = this.#byDot.get(replicaId)?.get(counter);
      // Removed before, replaced by a later addition, or another operation's counter: nothing is left to remove.
      if (element === undefined) continue;
      this.#byDot.get(replicaId)?.delete(counter);
      const at = element.dots.findIndex(dot => dot.replicaId === replicaId);
      assert(element.dots[at]?.counter === counter, 'a dot is at the element that the index names');
      element.dots.splice(at, 1);
      if (element.dots.length > 0) continue;
      this.elements.delete(element.key);
      changes.push({ type: 'removed', value: element.value });
    }
  }

  #index(dot: OpId, element: DottedElement): void {
    let dots = this.#byDot.get(dot.replicaId);
    if (dots === undefined) this.#byDot.set(dot.replicaId, (dots = new Map<number, DottedElement>()));
    dots.set(dot.counter, element);
  }

  #draw(): OpId {
    return drawId(this.#context, this.#seen.get(this.#context.replicaId) ?? 0);
  }

  #make(op: ORSetOp): readonly ORSetOp[] {
    const ops = [op];
    const applied = this.apply(ops);
    assert(applied.ok, 'an operation made here breaks no rule');
    return ops;
  }
}
