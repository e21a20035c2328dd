/**
 * The obvious tree: every operation kept, and for every question all moves done anew, in the order of their stamps, on
 * a plain table of parents. Siblings stand in the order in which the text's own model has their slots.
 */
import fc from 'fast-check';
import { compareHybridTime } from '../../clocks/hybrid-logical-clock.ts';
import { compareOpIds, type OpId } from '../context.ts';
import { slotsAsInsert } from '../slots/slots.ts';
import { lawOf } from '../testing/laws.model.ts';
import type { Kind } from '../testing/world.model.ts';
import { ModelText } from '../text/text.model.ts';
import { checkTree as checkRuns } from '../text/tree-check.model.ts';
import type { Value } from '../value.ts';
import { decodeTreeOps, encodeTreeOps } from './codec.ts';
import {
  countersOfTreeOps,
  type Parent,
  type TreeChange,
  type TreeCreateOp,
  type TreeMoveOp,
  type TreeOp,
  type TreeSetOp,
} from './messages.ts';
import { decodeTree, encodeTree } from './state-codec.ts';
import { Tree } from './tree.ts';

const keyOf = (id: Parent) => (typeof id === 'string' ? id : `${id.replicaId}.${String(id.counter)}`);
const byStamp = (a: TreeMoveOp | TreeSetOp, b: TreeMoveOp | TreeSetOp) =>
  compareHybridTime(a.stamp, b.stamp) || compareOpIds(a.id, b.id);

/** What is in what, in order, and the values: all that a user sees. */
export interface TreeView {
  readonly children: Readonly<Record<string, readonly string[]>>;
  readonly values: Readonly<Record<string, Readonly<Record<string, Value>>>>;
}

export class ModelTree {
  readonly #slots = new ModelText();
  readonly #creates: TreeCreateOp[] = [];
  readonly #moves: TreeMoveOp[] = [];
  readonly #sets: TreeSetOp[] = [];

  apply(op: TreeOp): void {
    if (op.type !== 'set') this.#slots.apply(slotsAsInsert(op.id, op.place, 1));
    if (op.type === 'create') this.#creates.push(op);
    if (op.type === 'move') this.#moves.push(op);
    if (op.type === 'set') this.#sets.push(op);
  }

  view(): TreeView {
    const at = new Map<string, { parent: string; slot: string }>();
    for (const { id, parent } of this.#creates) at.set(keyOf(id), { parent: keyOf(parent), slot: keyOf(id) });
    for (const { id, node, parent } of [...this.#moves].sort(byStamp)) {
      let above: string | undefined = keyOf(parent);
      while (above !== undefined && above !== keyOf(node)) above = at.get(above)?.parent;
      if (above === undefined) at.set(keyOf(node), { parent: keyOf(parent), slot: keyOf(id) });
    }
    const inSlot = new Map([...at].map(([node, { parent, slot }]) => [slot, { node, parent }]));
    const children: Record<string, string[]> = {};
    for (const { id } of this.#slots.walk()) {
      const there = id === null ? undefined : inSlot.get(keyOf(id));
      if (there !== undefined) (children[there.parent] ??= []).push(there.node);
    }
    const values: Record<string, Record<string, Value>> = {};
    for (const { node, key, value } of [...this.#sets].sort(byStamp)) {
      values[keyOf(node)] = withValue(values[keyOf(node)] ?? {}, key, value);
    }
    return { children, values: withoutEmpty(values) };
  }
}

function withValue(own: Record<string, Value>, key: string, value: Value | undefined): Record<string, Value> {
  const others = Object.entries(own).filter(([other]) => other !== key);
  return Object.fromEntries(value === undefined ? others : [...others, [key, value]]);
}

function withoutEmpty<T extends object>(record: Record<string, T>): Record<string, T> {
  return Object.fromEntries(Object.entries(record).filter(([, each]) => Object.keys(each).length > 0));
}

/** All nodes, deleted ones too. */
function everyNode(tree: Tree): OpId[] {
  return [...tree.walk('root'), ...tree.walk('trash')].map(({ id }) => id);
}

export function viewTree(tree: Tree): TreeView {
  const nodes = everyNode(tree);
  const children: Record<string, string[]> = {};
  const values: Record<string, Record<string, Value>> = {};
  for (const parent of ['root', 'trash', ...nodes] as const) {
    children[keyOf(parent)] = tree.children(parent).map(keyOf);
    if (typeof parent !== 'string') values[keyOf(parent)] = Object.fromEntries(tree.values(parent));
  }
  return { children: withoutEmpty(children), values: withoutEmpty(values) };
}

export function replayTree(before: TreeView, changes: readonly TreeChange[]): TreeView {
  const children = Object.fromEntries(Object.entries(before.children).map(([key, own]) => [key, [...own]]));
  const values = Object.fromEntries(Object.entries(before.values).map(([key, own]) => [key, { ...own }]));
  for (const change of changes) {
    const node = keyOf(change.node);
    if (change.type === 'set') {
      values[node] = withValue(values[node] ?? {}, change.key, change.value);
      continue;
    }
    const { from, to } = change;
    if (from !== null) {
      const [taken] = children[keyOf(from.parent)]?.splice(from.index, 1) ?? [];
      if (taken !== node) throw new Error('a change says where its node was');
    }
    (children[keyOf(to.parent)] ??= []).splice(to.index, 0, node);
  }
  return { children: withoutEmpty(children), values: withoutEmpty(values) };
}

/** Throws unless every node is reached once from the root or the trash, and knows where it is. */
export function checkTree(tree: Tree): void {
  checkRuns(tree.slots.tree);
  const reached = new Set<string>();
  for (const id of everyNode(tree)) {
    if (reached.has(keyOf(id))) throw new Error('a node is in one place');
    reached.add(keyOf(id));
  }
  if (reached.size !== tree.nodes.count) throw new Error('every node is in the root or the trash');
  for (const node of tree.nodes.all()) {
    if (node.parent !== node.listedIn || node.slot !== node.listedAt) throw new Error('children are right');
    if (node.touched || node.degree !== (node.children?.length ?? 0)) throw new Error('counts are right');
    const spot = tree.spotOf(node.name as OpId);
    if (spot === undefined || keyOf(tree.children(spot.parent)[spot.index] ?? 'root') !== keyOf(node.name))
      throw new Error('a node knows its spot');
  }
}

/** One random local edit; numbers are taken modulo what there is. */
export interface TreeEdit {
  readonly type: 'create' | 'move' | 'delete' | 'restore' | 'set' | 'unset';
  readonly node: number;
  readonly parent: number;
  readonly index: number;
  readonly value: Value;
}

export function editTree(tree: Tree, { type, node, parent, index, value }: TreeEdit): readonly TreeOp[] {
  const nodes = everyNode(tree).sort(compareOpIds);
  const parents: ('root' | OpId)[] = ['root', ...nodes];
  const into = parents[parent % parents.length] ?? 'root';
  const place = (count: number) => ({ parent: into, index: index % (count + 1) });
  if (type === 'create')
    return tree.localCreate(place(tree.countIn(into)), index % 3 === 0 ? { title: value } : {});
  const target = nodes[node % Math.max(1, nodes.length)];
  if (target === undefined) return [];
  const key = index % 2 === 0 ? 'title' : 'state';
  if (type === 'set') return tree.localSet(target, key, value);
  if (type === 'unset') return tree.localSet(target, key);
  if (type === 'delete') return tree.localDelete(target);
  if (type === 'restore') {
    const first = tree.children('trash')[0];
    return first === undefined ? [] : tree.localMove(first, { parent: 'root', index: 0 });
  }
  if (!tree.canMove(target, into)) return [];
  const there = keyOf(tree.spotOf(target)?.parent ?? 'root') === keyOf(into);
  return tree.localMove(target, place(tree.countIn(into) - (there ? 1 : 0)));
}

export const treeKind: Kind<Tree, TreeOp, TreeChange, TreeEdit, TreeView> = {
  create: context => new Tree(context),
  edit: editTree,
  apply: (tree, ops) => tree.apply(ops),
  countersOf: countersOfTreeOps,
  encodeOps: encodeTreeOps,
  decodeOps: decodeTreeOps,
  encode: tree => encodeTree(tree),
  decode: decodeTree,
  view: viewTree,
  model: () => new ModelTree(),
  replay: replayTree,
  check: checkTree,
};

export const treeEdits: fc.Arbitrary<TreeEdit> = fc.record({
  type: fc.constantFrom('create', 'create', 'move', 'move', 'move', 'delete', 'restore', 'set', 'unset'),
  node: fc.oneof(fc.nat(3), fc.nat(1000)),
  parent: fc.oneof(fc.nat(3), fc.nat(1000)),
  index: fc.oneof(fc.nat(3), fc.nat(1000)),
  value: fc.oneof(fc.nat(99), fc.constantFrom('a', null, { deep: [true] })),
});

export const treeLaws = [lawOf('tree', treeKind, treeEdits, { peersMax: 6, stepsMax: 45 })];
