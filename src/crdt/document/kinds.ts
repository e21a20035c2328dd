/**
 * The kinds of values a document holds. A code stands in saved bytes and is never given out again; whoever adds a
 * kind adds it here and a way to reach it in handles.ts.
 */
import type { Decoded } from '../../base/codec.ts';
import {
  clearableOpsVersion,
  decodeClearableCounter,
  decodeClearableOps,
  encodeClearableCounter,
  encodeClearableOps,
} from '../counters/clearable-codec.ts';
import { ClearableCounter, type ClearableCounterOp } from '../counters/clearable-counter.ts';
import type { CounterChange, GCounterOp } from '../counters/messages.ts';
import { decodeGCounter, decodeGCounterOps, encodeCounterOps, encodeGCounter } from '../counters/codec.ts';
import { GCounter } from '../counters/g-counter.ts';
import { decodeListOps, encodeListOps } from '../list/codec.ts';
import { List } from '../list/list.ts';
import { countersOfListOp, type ListChange, type ListOp } from '../list/messages.ts';
import { decodeList, encodeList } from '../list/state-codec.ts';
import {
  checkAlone,
  checkStamped,
  ClearableMVRegister,
  ClearableRegister,
  type RegisterChange,
  type ValuesChange,
} from '../registers/clearable-register.ts';
import { decodeMVOps, decodeMVRegister, encodeMVOps, encodeMVRegister } from '../registers/codec.ts';
import type { MVSetOp } from '../registers/messages.ts';
import {
  decodeGSetOps,
  decodeORSetOps,
  decodeTwoPhaseSetOps,
  encodeORSetOps,
  encodeSetOps,
} from '../sets/codec.ts';
import { GSet } from '../sets/g-set.ts';
import type { GSetOp, ORSetOp, SetChange, TwoPhaseSetOp } from '../sets/messages.ts';
import { ORSet } from '../sets/or-set.ts';
import {
  decodeGSet,
  decodeORSet,
  decodeTwoPhaseSet,
  encodeGSet,
  encodeORSet,
  encodeTwoPhaseSet,
} from '../sets/state-codec.ts';
import { TwoPhaseSet } from '../sets/two-phase-set.ts';
import { decodeTextOps, encodeTextOps } from '../text/codec.ts';
import type { MarkChange, TextChange, TextOp } from '../text/messages.ts';
import { lengthOf, mergeOps } from '../text/op-log.ts';
import { Text } from '../text/text.ts';
import { decodeTextState, encodeTextState } from '../text/state-codec.ts';
import { decodeTreeOps, encodeTreeOps } from '../tree/codec.ts';
import type { TreeChange, TreeOp } from '../tree/messages.ts';
import { decodeTree, encodeTree } from '../tree/state-codec.ts';
import { Tree } from '../tree/tree.ts';
import type { Kind } from './kind.ts';
import { joinForHistory, splitForHistory } from './text-history.ts';

/** Marks first: one that reaches to the end of the text would take in what is written there later. */
function clearText(text: Text): readonly TextOp[] {
  const names = new Set(text.spans().flatMap(({ marks }) => [...marks.keys()]));
  const unmarked = [...names].flatMap(name => text.localMark(0, text.length, name, null));
  return [...unmarked, ...text.localDelete(0, text.length)];
}

const one = () => 1;
const same = <T>(ops: readonly T[]) => ops;
/** What only grows cannot be emptied: without its key it is hidden until somebody edits it again. */
const nothing = () => [];
/** The map is the document's own: its values are the containers inside it. */
export const mapCode = 2;
export const mapName = 'map';

export const textKind: Kind<Text, TextOp, TextChange | MarkChange> = {
  code: 1,
  name: 'text',
  opsVersion: 1,
  create: context => new Text(context.replicaId, context.counter, context),
  refuse: (text, ops) => text.refuse(ops),
  apply: (text, ops) => {
    const applied = text.apply(ops);
    if (!applied.ok) return applied;
    const { changes, marks } = applied;
    return { ok: true, changes: marks === undefined ? changes : [...changes, ...marks] };
  },
  clear: clearText,
  countersOf: lengthOf,
  join: mergeOps,
  history: { join: joinForHistory, split: splitForHistory },
  encodeOps: encodeTextOps,
  decodeOps: decodeTextOps,
  encode: text => encodeTextState(text),
  decode: (bytes, context, replicas) => {
    const text = decodeTextState(bytes, context);
    if (!text.ok || replicas === undefined) return text;
    // A text names its replicas by itself. Agents that are only named have no ids.
    for (const { replicaId, end } of text.value.tree.agents.all())
      if (end > replicas.endOf(replicaId)) return { ok: false, reason: 'counter out of range' };
    return text;
  },
};

export const counterKind: Kind<ClearableCounter, ClearableCounterOp, CounterChange> = {
  code: 3,
  name: 'counter',
  opsVersion: clearableOpsVersion,
  create: context => new ClearableCounter(context),
  refuse: (counter, ops) => counter.refuse(ops),
  apply: (counter, ops) => counter.apply(ops),
  clear: counter => counter.localClear(),
  countersOf: one,
  join: same,
  encodeOps: encodeClearableOps,
  decodeOps: decodeClearableOps,
  encode: encodeClearableCounter,
  decode: decodeClearableCounter,
};

/** Every addition is one that counts, and removing takes back what was seen. */
export const setKind: Kind<ORSet, ORSetOp, SetChange> = {
  code: 4,
  name: 'or-set',
  opsVersion: 1,
  create: context => new ORSet(context),
  refuse: (set, ops) => set.refuse(ops),
  apply: (set, ops) => set.apply(ops),
  clear: set => set.localClear(),
  countersOf: one,
  join: same,
  encodeOps: encodeORSetOps,
  decodeOps: decodeORSetOps,
  encode: encodeORSet,
  decode: decodeORSet,
};

export const gSetKind: Kind<GSet, GSetOp, SetChange> = {
  code: 5,
  name: 'g-set',
  opsVersion: 1,
  create: context => new GSet(context),
  refuse: (set, ops) => set.refuse(ops),
  apply: (set, ops) => set.apply(ops),
  clear: nothing,
  countersOf: one,
  join: same,
  encodeOps: encodeSetOps,
  decodeOps: decodeGSetOps,
  encode: encodeGSet,
  decode: decodeGSet,
};

/** Emptied by removing every value, for good: they cannot come back. */
export const twoPhaseSetKind: Kind<TwoPhaseSet, TwoPhaseSetOp, SetChange> = {
  code: 6,
  name: '2p-set',
  opsVersion: 1,
  create: context => new TwoPhaseSet(context),
  refuse: (set, ops) => set.refuse(ops),
  apply: (set, ops) => set.apply(ops),
  clear: set => set.values().flatMap(value => set.localRemove(value)),
  countersOf: one,
  join: same,
  encodeOps: encodeSetOps,
  decodeOps: decodeTwoPhaseSetOps,
  encode: encodeTwoPhaseSet,
  decode: decodeTwoPhaseSet,
};

export const gCounterKind: Kind<GCounter, GCounterOp, CounterChange> = {
  code: 7,
  name: 'g-counter',
  opsVersion: 1,
  create: context => new GCounter(context),
  refuse: (counter, ops) => counter.refuse(ops),
  apply: (counter, ops) => counter.apply(ops),
  clear: nothing,
  countersOf: one,
  join: same,
  encodeOps: encodeCounterOps,
  decodeOps: decodeGCounterOps,
  encode: encodeGCounter,
  decode: decodeGCounter,
};

export const registerKind: Kind<ClearableRegister, MVSetOp, RegisterChange> = {
  code: 8,
  name: 'register',
  opsVersion: 1,
  create: context => new ClearableRegister(context),
  refuse: (register, ops) => register.refuse(ops),
  apply: (register, ops) => register.apply(ops),
  clear: register => register.localClear(),
  countersOf: one,
  join: same,
  encodeOps: encodeMVOps,
  decodeOps: decodeMVOps,
  encode: (register, replicas) => encodeMVRegister(register.register, replicas),
  decode: (bytes, context, replicas) =>
    map(
      decodeMVRegister(bytes, context, replicas, checkStamped),
      register => new ClearableRegister(context, register),
    ),
};

export const mvRegisterKind: Kind<ClearableMVRegister, MVSetOp, ValuesChange> = {
  code: 9,
  name: 'mv-register',
  opsVersion: 1,
  create: context => new ClearableMVRegister(context),
  refuse: (register, ops) => register.refuse(ops),
  apply: (register, ops) => register.apply(ops),
  clear: register => register.localClear(),
  countersOf: one,
  join: same,
  encodeOps: encodeMVOps,
  decodeOps: decodeMVOps,
  encode: (register, replicas) => encodeMVRegister(register.register, replicas),
  decode: (bytes, context, replicas) =>
    map(
      decodeMVRegister(bytes, context, replicas, checkAlone),
      register => new ClearableMVRegister(context, register),
    ),
};

function map<A, B>(decoded: Decoded<A>, to: (value: A) => B): Decoded<B> {
  return decoded.ok ? { ok: true, value: to(decoded.value) } : decoded;
}

export const listKind: Kind<List, ListOp, ListChange> = {
  code: 10,
  name: 'list',
  opsVersion: 1,
  create: context => new List(context),
  refuse: (list, ops) => list.refuse(ops),
  apply: (list, ops) => list.apply(ops),
  clear: list => list.localDelete(0, list.length),
  countersOf: countersOfListOp,
  join: same,
  encodeOps: encodeListOps,
  decodeOps: decodeListOps,
  encode: encodeList,
  decode: decodeList,
};

/** Emptied by moving what is in the root to the trash; what is made or moved there meanwhile stays. */
export const treeKind: Kind<Tree, TreeOp, TreeChange> = {
  code: 11,
  name: 'tree',
  opsVersion: 1,
  create: context => new Tree(context),
  refuse: (tree, ops) => tree.refuse(ops),
  apply: (tree, ops) => tree.apply(ops),
  clear: tree => tree.children('root').flatMap(node => tree.localDelete(node)),
  countersOf: one,
  join: same,
  encodeOps: encodeTreeOps,
  decodeOps: decodeTreeOps,
  encode: (tree, replicas) => encodeTree(tree, true, replicas),
  decode: decodeTree,
};

export type LeafOp =
  TextOp | ClearableCounterOp | ORSetOp | GSetOp | TwoPhaseSetOp | GCounterOp | MVSetOp | ListOp | TreeOp;
export type LeafChange =
  | TextChange
  | MarkChange
  | CounterChange
  | SetChange
  | RegisterChange
  | ValuesChange
  | ListChange
  | TreeChange;
export type AnyKind = Kind<unknown, LeafOp, LeafChange>;

// Each kind only ever meets values and operations of its own: containers pair them by code.
const kinds = [
  textKind,
  counterKind,
  setKind,
  gSetKind,
  twoPhaseSetKind,
  gCounterKind,
  registerKind,
  mvRegisterKind,
  listKind,
  treeKind,
] as readonly unknown[] as readonly AnyKind[];

const byCode = new Map(kinds.map(kind => [kind.code, kind]));

/** The kind with this code, unless it is the map's or unknown. */
export function leafKind(code: number): AnyKind | undefined {
  return byCode.get(code);
}

/** What a person calls it. */
export function kindName(code: number): string {
  return code === mapCode ? mapName : (byCode.get(code)?.name ?? `kind ${String(code)}`);
}
