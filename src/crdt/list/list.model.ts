/**
 * The obvious list: every operation kept, every question answered from all of them. Slots are the text's own model;
 * an element is in the slot of its last move, and there unless some operation deleted it.
 */
import fc from 'fast-check';
import { compareHybridTime } from '../../clocks/hybrid-logical-clock.ts';
import { compareOpIds, type OpId } from '../context.ts';
import { slotsAsInsert } from '../slots/slots.ts';
import { checkTree } from '../text/tree-check.model.ts';
import { ModelText } from '../text/text.model.ts';
import { lawOf } from '../testing/laws.model.ts';
import type { Kind } from '../testing/world.model.ts';
import type { Value } from '../value.ts';
import { decodeListOps, encodeListOps } from './codec.ts';
import { List } from './list.ts';
import {
  countersOfListOps,
  type ListChange,
  type ListMoveOp,
  type ListOp,
  type ListSetOp,
} from './messages.ts';
import { decodeList, encodeList } from './state-codec.ts';

const keyOf = (id: OpId) => `${id.replicaId}.${String(id.counter)}`;
const after = (id: OpId, steps: number) => ({ ...id, counter: id.counter + steps });

export class ModelList {
  readonly #slots = new ModelText();
  readonly #inserted = new Map<string, Value>();
  readonly #deleted = new Set<string>();
  readonly #moves: ListMoveOp[] = [];
  readonly #sets: ListSetOp[] = [];

  apply(op: ListOp): void {
    if (op.type === 'insert') this.#slots.apply(slotsAsInsert(op.id, op.place, op.values.length));
    if (op.type === 'move') this.#slots.apply(slotsAsInsert(op.id, op.place, 1));
    if (op.type === 'insert')
      op.values.forEach((value, i) => this.#inserted.set(keyOf(after(op.id, i)), value));
    if (op.type === 'delete')
      for (let i = 0; i < op.length; i++) this.#deleted.add(keyOf(after(op.target, i)));
    if (op.type === 'move') this.#moves.push(op);
    if (op.type === 'set') this.#sets.push(op);
  }

  entries(): { id: string; value: Value }[] {
    const inSlot = new Map<string, { id: string; value: Value }>();
    for (const [id, value] of this.#inserted) {
      if (this.#deleted.has(id)) continue;
      const move = last(this.#moves.filter(({ element }) => keyOf(element) === id));
      const set = last(this.#sets.filter(({ element }) => keyOf(element) === id));
      inSlot.set(move === undefined ? id : keyOf(move.id), {
        id,
        value: set === undefined ? value : set.value,
      });
    }
    return this.#slots.walk().flatMap(({ id }) => (id === null ? [] : (inSlot.get(keyOf(id)) ?? [])));
  }

  view(): readonly Value[] {
    return this.entries().map(({ value }) => value);
  }
}

function last<Op extends ListMoveOp | ListSetOp>(ops: readonly Op[]): Op | undefined {
  return ops
    .slice()
    .sort((a, b) => compareHybridTime(a.stamp, b.stamp) || compareOpIds(a.id, b.id))
    .at(-1);
}

/** One random local edit; places and counts are taken modulo what there is. */
export interface ListEdit {
  readonly type: 'insert' | 'delete' | 'move' | 'set';
  readonly at: number;
  readonly to: number;
  readonly values: readonly Value[];
}

export function editList(list: List, { type, at, to, values }: ListEdit): readonly ListOp[] {
  const { length } = list;
  if (type === 'insert') return list.localInsert(at % (length + 1), values);
  if (length === 0) return [];
  const index = at % length;
  if (type === 'delete') return list.localDelete(index, Math.min(to % 4, length - index));
  return type === 'move' ? list.localMove(index, to % length) : list.localSet(index, values[0] ?? null);
}

export function replayList(before: readonly Value[], changes: readonly ListChange[]): readonly Value[] {
  const values = [...before];
  for (const change of changes) {
    if (change.type === 'insert') values.splice(change.index, 0, ...change.values);
    else if (change.type === 'delete') values.splice(change.index, change.count);
    else if (change.type === 'set') values[change.index] = change.value;
    else values.splice(change.to, 0, ...values.splice(change.from, 1));
  }
  return values;
}

/** Throws unless every element is in one place, which its id names. */
export function checkList(list: List): void {
  checkTree(list.slots.tree);
  const ids = new Set<string>();
  for (let index = 0; index < list.length; index++) {
    const id = list.idAt(index);
    if (list.indexOf(id) !== index) throw new Error('an id names the place of its element');
    ids.add(keyOf(id));
  }
  if (ids.size !== list.length) throw new Error('an element is in the list once');
}

export const listKind: Kind<List, ListOp, ListChange, ListEdit, readonly Value[]> = {
  create: context => new List(context),
  edit: editList,
  apply: (list, ops) => list.apply(ops),
  countersOf: countersOfListOps,
  encodeOps: encodeListOps,
  decodeOps: decodeListOps,
  encode: encodeList,
  decode: decodeList,
  view: list => list.toArray(),
  model: () => new ModelList(),
  replay: replayList,
  check: checkList,
};

export const listEdits: fc.Arbitrary<ListEdit> = fc.record({
  type: fc.constantFrom('insert', 'insert', 'delete', 'move', 'move', 'set'),
  at: fc.oneof(fc.nat(3), fc.nat(1000)),
  to: fc.oneof(fc.nat(3), fc.nat(1000)),
  values: fc.array(fc.oneof(fc.nat(99), fc.constantFrom('a', 'b', null, true, { deep: ['x'] })), {
    minLength: 1,
    maxLength: 5,
  }),
});

export const listLaws = [lawOf('list', listKind, listEdits, { peersMax: 6, stepsMax: 45 })];
