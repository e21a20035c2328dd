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
  readonly #origins = new Map<string, OpId>();
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
        this.#origins.set(keyOf(to), { ...target, counter: target.counter + i });
        const known = this.#restored.get(key);
        if (known === undefined || compareOpIds(to, known) < 0) this.#restored.set(key, to);
      }
  }

  current(id: OpId): OpId {
    const next = this.#restored.get(keyOf(id));
    return next === undefined ? id : this.current(next);
  }

  /** The character that `id` was at first. */
  origin(id: OpId): OpId {
    const older = this.#origins.get(keyOf(id));
    return older === undefined ? id : this.origin(older);
  }

  override indexOf({ id, assoc }: RelativePosition): number | undefined {
    return super.indexOf({ id: id === null ? null : this.current(id), assoc });
  }

  /** Marks of each shown character, those without a value left out, as plain records. */
  marks(): Record<string, Value>[] {
    const walk = this.walk();
    // Characters stand at even places, what is before and after them half a step away.
    const order = new Map(walk.map((node, i) => [node.id === null ? '' : keyOf(node.id), 2 * i]));
    const placeOf = ({ id, assoc }: RelativePosition): number => {
      if (id === null) return assoc === 1 ? Infinity : 0;
      return (order.get(keyOf(this.current(id))) ?? NaN) - assoc / 2;
    };
    const spans = this.#marks.map(op => ({ op, start: placeOf(op.start), end: placeOf(op.end) }));
    return walk.flatMap((node, i) =>
      node.deleted
        ? []
        : [
            winners(
              spans.flatMap(({ op, start, end }) => (start < 2 * i && 2 * i < end ? [op] : [])),
              this.#marks,
            ),
          ],
    );
  }
}

function winners(ops: readonly MarkOp[], all: readonly MarkOp[]): Record<string, Value> {
  /** Marks with the last stamp count as far as they follow others. */
  const chain = ({ follows }: MarkOp): number => {
    const before = all.find(op => follows !== undefined && compareOpIds(op.id, follows) === 0);
    return before === undefined ? 0 : 1 + chain(before);
  };
  const latest = new Map<string, MarkOp>();
  for (const op of ops) {
    const known = latest.get(op.name);
    const later =
      known &&
      (compareHybridTime(op.stamp, known.stamp) || chain(op) - chain(known) || compareOpIds(op.id, known.id));
    if (later === undefined || later > 0) latest.set(op.name, op);
  }
  const named = [...latest].filter(([, op]) => op.value !== null).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(named.map(([name, op]) => [name, op.value]));
}
