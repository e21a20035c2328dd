/**
 * A set from which a value can be removed once, for good (2P-Set; Shapiro et al. 2011, section 3.3.2): one set of values
 * added and one of values removed, each of which only grows. Removal wins, and what was removed cannot come back; the
 * OR-Set beside it is for what may.
 *
 * Departure: a value that is removed leaves the added ones, so that the state holds it once; and a removal needs no
 * earlier addition, so that no order of arrival makes a difference.
 */
import { assertNever } from '../../base/assert.ts';
import type { Applied, Context } from '../context.ts';
import { drawId, refuseId } from '../log-order.ts';
import { storable, valueKey, type Value } from '../value.ts';
import { Elements, type Element } from './elements.ts';
import type { SetChange, TwoPhaseSetOp } from './messages.ts';

export class TwoPhaseSet {
  /** The state itself, for the codec. Invariant: no value is in both. */
  readonly present: Elements<Element>;
  readonly removed: Elements<Element>;
  readonly #context: Context;

  constructor(context: Context, present = new Elements(), removed = new Elements()) {
    this.#context = context;
    this.present = present;
    this.removed = removed;
  }

  get size(): number {
    return this.present.size;
  }

  has(value: Value): boolean {
    return this.present.has(valueKey(value));
  }

  /** Whether `value` was removed, so that it cannot be added. */
  wasRemoved(value: Value): boolean {
    return this.removed.has(valueKey(value));
  }

  /** In the order of their encodings, the same on every replica. */
  values(): readonly Value[] {
    return this.present.values();
  }

  /** No operation when `value` is here already or was removed. */
  localAdd(value: Value): readonly TwoPhaseSetOp[] {
    return this.has(value) || this.wasRemoved(value) ? [] : this.#make('add', value);
  }

  /** No operation when `value` is not here. */
  localRemove(value: Value): readonly TwoPhaseSetOp[] {
    return this.has(value) ? this.#make('remove', value) : [];
  }

  /** Why `apply` would refuse `ops`; changes nothing. */
  refuse(ops: readonly TwoPhaseSetOp[]): string | undefined {
    for (const { id } of ops) {
      const reason = refuseId(id);
      if (reason !== undefined) return reason;
    }
    return undefined;
  }

  /** All or none. What is here already is skipped. */
  apply(ops: readonly TwoPhaseSetOp[]): Applied<SetChange> {
    const reason = this.refuse(ops);
    if (reason !== undefined) return { ok: false, reason };
    const changes: SetChange[] = [];
    for (const { type, value } of ops) {
      const key = valueKey(value);
      if (this.removed.has(key)) continue;
      const here = this.present.has(key);
      switch (type) {
        case 'add':
          if (here) break;
          this.present.add(key, { value });
          changes.push({ type: 'added', value });
          break;
        case 'remove':
          this.removed.add(key, { value });
          if (!here) break;
          this.present.delete(key);
          changes.push({ type: 'removed', value });
          break;
        default:
          assertNever(type);
      }
    }
    return { ok: true, changes };
  }

  #make(type: TwoPhaseSetOp['type'], value: Value): readonly TwoPhaseSetOp[] {
    const ops: readonly TwoPhaseSetOp[] = [{ type, id: drawId(this.#context, 0), value: storable(value) }];
    this.apply(ops);
    return ops;
  }
}
