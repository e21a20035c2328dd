/**
 * A set that only grows (G-Set; Shapiro, Preguiça, Baquero, Zawirski 2011, section 3.3.1). Adding the same value
 * twice is adding it once, so operations may come in any order and as often as they like, and the state is just the
 * values.
 */
import type { Applied, Context } from '../context.ts';
import { drawId, refuseId } from '../log-order.ts';
import { storable, valueKey, type Value } from '../value.ts';
import { Elements, type Element } from './elements.ts';
import type { GSetOp, SetChange } from './messages.ts';

export class GSet {
  /** The state itself, for the codec. */
  readonly elements: Elements<Element>;
  readonly #context: Context;

  constructor(context: Context, elements = new Elements()) {
    this.#context = context;
    this.elements = elements;
  }

  get size(): number {
    return this.elements.size;
  }

  has(value: Value): boolean {
    return this.elements.has(valueKey(value));
  }

  /** In the order of their encodings, the same on every replica. */
  values(): readonly Value[] {
    return this.elements.values();
  }

  /** No operation when `value` is here already. */
  localAdd(value: Value): readonly GSetOp[] {
    if (this.has(value)) return [];
    const ops: readonly GSetOp[] = [{ type: 'add', id: drawId(this.#context, 0), value: storable(value) }];
    this.apply(ops);
    return ops;
  }

  /** Why `apply` would refuse `ops`; changes nothing. */
  refuse(ops: readonly GSetOp[]): string | undefined {
    for (const { id } of ops) {
      const reason = refuseId(id);
      if (reason !== undefined) return reason;
    }
    return undefined;
  }

  /** All or none. What is here already is skipped. */
  apply(ops: readonly GSetOp[]): Applied<SetChange> {
    const reason = this.refuse(ops);
    if (reason !== undefined) return { ok: false, reason };
    const changes: SetChange[] = [];
    for (const { value } of ops) {
      const key = valueKey(value);
      if (this.elements.has(key)) continue;
      this.elements.add(key, { value });
      changes.push({ type: 'added', value });
    }
    return { ok: true, changes };
  }
}
