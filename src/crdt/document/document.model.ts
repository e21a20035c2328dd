/**
 * The obvious document: every edit and every removal is remembered for ever, and every question is answered by going
 * through all of them. An edit counts unless a removal of something around it has observed it; what counts in a value
 * is all that there is to see of it.
 */
import type { ReplicaId } from '../../base/ids.ts';
import { compareOpIds, type OpId } from '../context.ts';
import { ModelList } from '../list/list.model.ts';
import type { ListOp } from '../list/messages.ts';
import type { MVSetOp } from '../registers/messages.ts';
import type { MapOp } from '../map/messages.ts';
import { ModelTree } from '../tree/tree.model.ts';
import type { TreeOp } from '../tree/messages.ts';
import { ModelText } from '../text/text.model.ts';
import type { TextOp } from '../text/messages.ts';
import type { ClearableCounterOp } from '../counters/clearable-counter.ts';
import type { GCounterOp } from '../counters/messages.ts';
import type { GSetOp, ORSetOp, TwoPhaseSetOp } from '../sets/messages.ts';
import { kindName } from './kinds.ts';
import { pathOf, type ContainerId, type DocumentBatch } from './messages.ts';

/** What a user sees: by key and kind. */
export type View = Record<string, Record<string, unknown>>;

interface Value {
  readonly path: readonly string[];
  readonly kind: string;
  /** The last id of each edit of the value itself. */
  readonly edits: OpId[];
  readonly ops: unknown[];
}

interface Removal {
  readonly map: readonly string[];
  readonly key: string;
  readonly observed: readonly OpId[];
}

export class ModelDocument {
  readonly #values = new Map<string, Value>();
  readonly #removals: Removal[] = [];

  apply(batch: DocumentBatch): void {
    const { replicaId } = batch;
    let first = batch.firstCounter;
    for (const entry of batch.entries) {
      const value = this.#value(entry.container);
      value.edits.push({ replicaId, counter: first + entry.counters - 1 });
      first += entry.counters;
      if (entry.type === 'unread') continue;
      value.ops.push(...entry.ops);
      if (value.kind !== 'map') continue;
      for (const op of entry.ops as readonly MapOp[]) {
        if (op.type === 'remove')
          this.#removals.push({ map: value.path, key: op.key, observed: op.observed });
        else this.#value({ parent: entry.container, key: op.key, kind: op.kind }).edits.push(op.id);
      }
    }
  }

  view(path: readonly string[] = []): View {
    const view: View = {};
    const inside = [...this.#values.values()]
      .filter(value => value.path.length === path.length + 1 && startsWith(value.path, path))
      .sort((a, b) => ((a.path.at(-1) ?? '') < (b.path.at(-1) ?? '') ? -1 : 1));
    for (const value of inside) {
      if (!this.#isPresent(value)) continue;
      const key = value.path.at(-1) ?? '';
      view[key] = { ...view[key], [value.kind]: this.#see(value) };
    }
    return view;
  }

  #value(container: ContainerId): Value {
    const path = pathOf(container);
    const kind = kindName(container.kind);
    const name = JSON.stringify([path, kind]);
    const known = this.#values.get(name);
    if (known !== undefined) return known;
    // The maps around it are there too, or it would not be reached.
    if (container.parent?.parent !== undefined) this.#value(container.parent);
    const value = { path, kind, edits: [], ops: [] };
    this.#values.set(name, value);
    return value;
  }

  #isPresent(value: Value): boolean {
    return [...this.#values.values()]
      .filter(other => other === value || (value.kind === 'map' && isInside(other.path, value.path)))
      .some(other => other.edits.some(edit => !this.#isCovered(value, edit)));
  }

  /** Has a removal of `value`, or of something around it, observed `edit`? */
  #isCovered(value: Value, edit: OpId): boolean {
    return this.#removals.some(
      ({ map, key, observed }) =>
        startsWith(value.path, [...map, key]) &&
        observed.some(({ replicaId, counter }) => replicaId === edit.replicaId && edit.counter <= counter),
    );
  }

  #see(value: Value): unknown {
    const counts = (id: OpId | null) => id !== null && !this.#isCovered(value, id);
    switch (value.kind) {
      case 'map':
        return this.view(value.path);
      case 'text': {
        const text = new ModelText();
        for (const op of value.ops as TextOp[]) text.apply(op);
        return text
          .shown()
          .filter(({ id }) => counts(id))
          .map(({ unit }) => unit)
          .join('');
      }
      case 'register': {
        const writes = heldBy(value.ops as MVSetOp[], counts);
        const last = writes.sort((a, b) => compareStamped(a, b)).at(-1);
        return last === undefined ? 'nothing' : (last.value as number[])[2];
      }
      case 'mv-register':
        return heldBy(value.ops as MVSetOp[], counts)
          .sort((a, b) => compareOpIds(a.id, b.id))
          .map(write => (write.value as number[])[0]);
      case 'list': {
        const list = new ModelList();
        for (const op of value.ops as ListOp[]) list.apply(op);
        return list
          .entries()
          .filter(({ id }) => counts(idOfKey(id)))
          .map(entry => entry.value);
      }
      case 'tree': {
        const tree = new ModelTree();
        for (const op of value.ops as TreeOp[]) tree.apply(op);
        const { children, values } = tree.view();
        const walk = (parent: string, depth: number): unknown[] =>
          (children[parent] ?? []).flatMap(node => [[depth, values[node]?.name], ...walk(node, depth + 1)]);
        return walk('root', 0);
      }
      case 'or-set': {
        // An addition counts while no removal names it, and a replica's later one stands for its earlier ones.
        const dots = new Map<string, OpId>();
        for (const op of value.ops as ORSetOp[]) {
          if (op.type === 'add') dots.set(JSON.stringify([op.value, op.id.replicaId]), op.id);
          else
            for (const [name, dot] of dots)
              if (
                op.dots.some(
                  ({ replicaId, counter }) => dot.replicaId === replicaId && dot.counter === counter,
                )
              )
                dots.delete(name);
        }
        return distinct(
          [...dots].filter(([, id]) => counts(id)).map(([name]) => (JSON.parse(name) as [number])[0]),
        );
      }
      case 'g-set':
        return distinct((value.ops as GSetOp[]).map(op => op.value as number));
      case '2p-set': {
        const ops = value.ops as TwoPhaseSetOp[];
        const removed = ops.filter(op => op.type === 'remove').map(op => op.value);
        return distinct(ops.map(op => op.value as number)).filter(each => !removed.includes(each));
      }
      case 'g-counter':
        return (value.ops as GCounterOp[]).reduce((sum, { amount }) => sum + amount, 0);
      case 'counter': {
        let sum = 0;
        for (const op of value.ops as ClearableCounterOp[]) {
          if (op.type === 'clear' || !counts(op.id)) continue;
          sum += op.type === 'increment' ? op.amount : -op.amount;
        }
        return sum;
      }
      default:
        throw new Error(`no model of ${value.kind}`);
    }
  }
}

/** The writes that count and that no later one overwrites. */
function heldBy(ops: readonly MVSetOp[], counts: (id: OpId) => boolean): MVSetOp[] {
  return ops.filter(
    (op, at) =>
      op.value !== null &&
      counts(op.id) &&
      !ops
        .slice(at + 1)
        .some(
          later =>
            later.id.replicaId === op.id.replicaId ||
            later.overwrites.some(id => compareOpIds(id, op.id) === 0),
        ),
  );
}

function compareStamped(a: MVSetOp, b: MVSetOp): number {
  const [wallA = 0, logicalA = 0] = a.value as number[];
  const [wallB = 0, logicalB = 0] = b.value as number[];
  return wallA - wallB || logicalA - logicalB || compareOpIds(a.id, b.id);
}

/** The id that a list's model names `REPLICA.COUNTER`. */
function idOfKey(key: string): OpId {
  const [replicaId = '', counter] = key.split('.');
  return { replicaId: replicaId as ReplicaId, counter: Number(counter) };
}

/** Small whole numbers, as a set gives them out: each once, rising. */
function distinct(values: readonly number[]): number[] {
  return [...new Set(values)].sort((a, b) => a - b);
}

function startsWith(path: readonly string[], prefix: readonly string[]): boolean {
  return prefix.every((key, at) => path[at] === key);
}

function isInside(path: readonly string[], outer: readonly string[]): boolean {
  return path.length > outer.length && startsWith(path, outer);
}
