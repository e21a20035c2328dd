/**
 * The obvious sets, each told every operation once: what was added; what was added and not removed; for the OR-Set every
 * addition by its id, struck out by the removals that name it.
 */
import fc from 'fast-check';
import type { OpId } from '../context.ts';
import { lawOf } from '../testing/laws.model.ts';
import type { Kind, Model } from '../testing/world.model.ts';
import { valueKey, type Value } from '../value.ts';
import {
  countersOfSetOps,
  decodeGSetOps,
  decodeORSetOps,
  decodeTwoPhaseSetOps,
  encodeORSetOps,
  encodeSetOps,
} from './codec.ts';
import { GSet } from './g-set.ts';
import type { GSetOp, ORSetOp, SetChange, TwoPhaseSetOp } from './messages.ts';
import { ORSet } from './or-set.ts';
import {
  decodeGSet,
  decodeORSet,
  decodeTwoPhaseSet,
  encodeGSet,
  encodeORSet,
  encodeTwoPhaseSet,
} from './state-codec.ts';
import { TwoPhaseSet } from './two-phase-set.ts';

type View = readonly Value[];

const inOrder = (values: ReadonlyMap<string, Value>): View =>
  [...values].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, value]) => value);

class TwoPhaseModel implements Model<TwoPhaseSetOp, View> {
  readonly #added = new Map<string, Value>();
  readonly #removed = new Set<string>();
  apply({ type, value }: TwoPhaseSetOp): void {
    if (type === 'add') this.#added.set(valueKey(value), value);
    else this.#removed.add(valueKey(value));
  }
  view(): View {
    return inOrder(new Map([...this.#added].filter(([key]) => !this.#removed.has(key))));
  }
}

class ORModel implements Model<ORSetOp, View> {
  readonly #added: { readonly id: string; readonly key: string; readonly value: Value }[] = [];
  readonly #removed = new Set<string>();
  apply(op: ORSetOp): void {
    if (op.type === 'remove') {
      for (const dot of op.dots) this.#removed.add(keyOf(dot));
      return;
    }
    const added = { id: keyOf(op.id), key: valueKey(op.value), value: op.value };
    // What its author had added before is not there beside it, only instead of it.
    for (const { id, key } of this.#added)
      if (id.startsWith(op.id.replicaId) && key === added.key) this.#removed.add(id);
    this.#added.push(added);
  }
  view(): View {
    const left = this.#added.filter(({ id }) => !this.#removed.has(id));
    return inOrder(new Map(left.map(({ key, value }) => [key, value])));
  }
}
const keyOf = ({ replicaId, counter }: OpId) => `${replicaId}.${counter}`;

function replay(before: View, changes: readonly SetChange[]): View {
  if (changes.length === 0) return before;
  const values = new Map(before.map(value => [valueKey(value), value]));
  for (const { type, value } of changes) {
    if (values.has(valueKey(value)) === (type === 'added')) throw new Error(`${type} twice`);
    if (type === 'added') values.set(valueKey(value), value);
    else values.delete(valueKey(value));
  }
  return inOrder(values);
}

export interface SetEdit {
  readonly type: 'add' | 'remove' | 'clear';
  readonly value: Value;
}

const shared = { countersOf: countersOfSetOps, replay };

export const gSetKind: Kind<GSet, GSetOp, SetChange, SetEdit, View> = {
  ...shared,
  create: context => new GSet(context),
  edit: (set, { value }) => set.localAdd(value),
  apply: (set, ops) => set.apply(ops),
  encodeOps: encodeSetOps,
  decodeOps: decodeGSetOps,
  encode: encodeGSet,
  decode: decodeGSet,
  view: set => set.values(),
  model: () => new TwoPhaseModel(),
};

export const twoPhaseSetKind: Kind<TwoPhaseSet, TwoPhaseSetOp, SetChange, SetEdit, View> = {
  ...shared,
  create: context => new TwoPhaseSet(context),
  edit: (set, { type, value }) => (type === 'add' ? set.localAdd(value) : set.localRemove(value)),
  apply: (set, ops) => set.apply(ops),
  encodeOps: encodeSetOps,
  decodeOps: decodeTwoPhaseSetOps,
  encode: encodeTwoPhaseSet,
  decode: decodeTwoPhaseSet,
  view: set => set.values(),
  model: () => new TwoPhaseModel(),
};

export const orSetKind: Kind<ORSet, ORSetOp, SetChange, SetEdit, View> = {
  ...shared,
  create: context => new ORSet(context),
  edit: (set, { type, value }) => {
    if (type === 'clear') return set.localClear();
    return type === 'add' ? set.localAdd(value) : set.localRemove(value);
  },
  apply: (set, ops) => set.apply(ops),
  encodeOps: encodeORSetOps,
  decodeOps: decodeORSetOps,
  encode: encodeORSet,
  decode: decodeORSet,
  view: set => set.values(),
  model: () => new ORModel(),
  check: set => {
    for (const { value, dots } of set.elements.inOrder()) {
      const replicas = dots.map(({ replicaId }) => replicaId);
      if (dots.length === 0 || !set.has(value)) throw new Error('a value without a dot');
      if (replicas.join() !== [...new Set(replicas)].sort().join()) throw new Error('dots not one a replica');
    }
  },
};

/** Few values, so that additions and removals meet; some that are equal without being the same. */
const values: fc.Arbitrary<Value> = fc.oneof(
  fc.constantFrom<Value>('a', 'b', 'ab', '', 0, 1, -1, 0.5, Number.NaN, null, true, false),
  fc
    .constantFrom<() => Value>(
      () => ['a', 1],
      () => ({ a: 1, b: [null] }),
      () => Uint8Array.of(1, 2),
    )
    .map(make => make()),
);
const editsOf = (...types: readonly SetEdit['type'][]): fc.Arbitrary<SetEdit> =>
  fc.record({ type: fc.constantFrom(...types), value: values });

export const setLaws = [
  lawOf('G-Set', gSetKind, editsOf('add')),
  lawOf('2P-Set', twoPhaseSetKind, editsOf('add', 'add', 'remove')),
  lawOf('OR-Set', orSetKind, editsOf('add', 'add', 'add', 'add', 'remove', 'remove', 'clear')),
];
