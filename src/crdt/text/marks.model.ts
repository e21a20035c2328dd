/**
 * The obvious marked text: every character, tombstones included, asks every mark there is whether it covers it, and
 * of those with one name the latest counts. Restores are a list; a place follows them one character at a time.
 */
import { compareHybridTime } from '../../clocks/hybrid-logical-clock.ts';
import { compareOpIds } from '../context.ts';
import type { OpId } from '../context.ts';
import type { Value } from '../value.ts';
import type { MarkOp, RelativePosition, TextOp } from './messages.ts';
import { ModelText } from './text.model.ts';

const keyOf = (id: OpId) => `${id.replicaId}.${String(id.counter)}`;

export class MarkedModel extends ModelText {
  readonly #marks: MarkOp[] = [];
  readonly #restored = new Map<string, OpId>();

  override apply(op: TextOp): void {
    super.apply(op);
    if (op.type === 'mark') this.#marks.push(op);
    if (op.type !== 'restore') return;
    let counter = op.id.counter - op.ranges.reduce((sum, range) => sum + range.length, 0);
    for (const { target, length } of op.ranges)
      for (let i = 0; i < length; i++, counter++) {
        const key = keyOf({ ...target, counter: target.counter + i });
        const to = { replicaId: op.id.replicaId, counter };
        const known = this.#restored.get(key);
        if (known === undefined || compareOpIds(to, known) < 0) this.#restored.set(key, to);
      }
  }

  current(id: OpId): OpId {
    const next = this.#restored.get(keyOf(id));
    return next === undefined ? id : this.current(next);
  }

  override indexOf({ id, assoc }: RelativePosition): number | undefined {
    return super.indexOf({ id: id === null ? null : this.current(id), assoc });
  }

  /** Marks of each shown character, those without a value left out, as plain records. */
  marks(): Record<string, Value>[] {
    const shown = new Set(this.shown());
    return this.walk().flatMap((node, i) => (shown.has(node) ? [this.#at(2 * i)] : []));
  }

  /** The marks of something between the character after which it was typed and the next. */
  marksBehind(id: OpId | null): Record<string, Value> {
    return this.#at(2 * this.walk().findIndex(node => same(node.id, id)) + 1.5);
  }

  /** Characters stand at even places, what is before and after them half a step away. */
  #at(place: number): Record<string, Value> {
    const order = new Map(this.walk().map((node, i) => [node.id === null ? '' : keyOf(node.id), 2 * i]));
    const placeOf = ({ id, assoc }: RelativePosition): number => {
      if (id === null) return assoc === 1 ? Infinity : 0;
      return (order.get(keyOf(this.current(id))) ?? NaN) - assoc / 2;
    };
    const winners = new Map<string, MarkOp>();
    for (const op of this.#marks) {
      if (!(placeOf(op.start) < place && place < placeOf(op.end))) continue;
      const known = winners.get(op.name);
      const later = known && (compareHybridTime(op.stamp, known.stamp) || compareOpIds(op.id, known.id));
      if (later === undefined || later > 0) winners.set(op.name, op);
    }
    const named = [...winners].filter(([, op]) => op.value !== null).sort(([a], [b]) => (a < b ? -1 : 1));
    return Object.fromEntries(named.map(([name, op]) => [name, op.value]));
  }
}

function same(a: OpId | null, b: OpId | null): boolean {
  return a === null || b === null ? a === b : compareOpIds(a, b) === 0;
}
