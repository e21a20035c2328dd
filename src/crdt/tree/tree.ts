/**
 * A tree that many replicas edit at once: nodes are created, moved with all that is in them, deleted, and carry a few
 * values each, as the pages of a workspace or the lines of an outline do. What happens to moves made at the same time is told in
 * `move-log.ts`; deleting is moving to the trash, from where a node can be moved back.
 *
 * Siblings stand in the order of the slots that creating or moving put them in (../slots/slots.ts): one sequence for the
 * whole tree, of which the children of a node are a part. So an operation carries one id for its place however many
 * siblings there are, where keys between two neighbours (fractional indexing) grow, and interleave what two people
 * add at one place. The sequence knows no parents: next to which slot a new one goes is all that is chosen.
 */
import { assert } from '../../base/assert.ts';
import { compareHybridTime, type HybridTime } from '../../clocks/hybrid-logical-clock.ts';
import { compareOpIds, type Applied, type Context, type OpId } from '../context.ts';
import { Slots, type Slot } from '../slots/slots.ts';
import type { Place } from '../text/gap.ts';
import type { Agent } from '../text/agents.ts';
import { toWellFormed } from '../text/surrogates.ts';
import { storable, type Value } from '../value.ts';
import { Children } from './children.ts';
import type { Parent, Spot, TreeChange, TreeOp, TreeSetOp } from './messages.ts';
import { Move, MoveLog } from './move-log.ts';
import { Nodes, type Entry, type TreeNode } from './node.ts';
import { TreeValidator } from './validate.ts';

/** Beyond this, searching the children is as cheap. */
const stepsBackMax = 8;

export class Tree {
  /** The state itself, for the modules of this folder; everything outside goes through the methods. */
  readonly slots: Slots;
  readonly nodes: Nodes;
  readonly log: MoveLog;
  readonly #context: Context;
  readonly #self: Agent;

  constructor(context: Context, slots = new Slots(), nodes = new Nodes(), log = new MoveLog()) {
    this.#context = context;
    this.slots = slots;
    this.nodes = nodes;
    this.log = log;
    this.#self = slots.agent(context.replicaId);
  }

  /** What is in `parent`, in order. */
  children(parent: Parent): readonly OpId[] {
    return [...(this.#existing(parent).children ?? [])].map(idOf);
  }

  /** How many nodes are in `parent` itself. */
  countIn(parent: Parent): number {
    return this.#existing(parent).children?.length ?? 0;
  }

  /** Where `node` is; `undefined` when it is not known here. */
  spotOf(node: OpId): Spot | undefined {
    const found = this.#find(node);
    return found === undefined ? undefined : spotOf(found);
  }

  /** Is `node` in the trash, itself or with what it is in? */
  isDeleted(node: OpId): boolean {
    return this.#existing(node).isIn(this.nodes.trash);
  }

  get(node: OpId, key: string): Value | undefined {
    return this.#existing(node).entries?.get(key)?.value;
  }

  /** The values of `node` by key, keys sorted. */
  values(node: OpId): ReadonlyMap<string, Value> {
    const entries = [...(this.#existing(node).entries ?? [])].sort(([a], [b]) => (a < b ? -1 : 1));
    return new Map(entries.flatMap(([key, { value }]) => (value === undefined ? [] : [[key, value]])));
  }

  /** Whatever is in `parent`, children after what they are in; `depth` is 0 for its own children. */
  *walk(parent: Parent = 'root'): IterableIterator<{ readonly id: OpId; readonly depth: number }> {
    const open = [[...(this.#existing(parent).children ?? [])].reverse()];
    for (let level = open.at(-1); level !== undefined; level = open.at(-1)) {
      const node = level.pop();
      if (node === undefined) {
        open.pop();
        continue;
      }
      yield { id: idOf(node), depth: open.length - 1 };
      if (node.children !== undefined) open.push([...node.children].reverse());
    }
  }

  /** Can `node` be moved into `parent` without being inside itself? */
  canMove(node: OpId, parent: Parent): boolean {
    const [moved, into] = [this.#existing(node), this.#existing(parent)];
    return moved !== into && !into.isIn(moved);
  }

  /** Makes a node at `spot`. Its name is the id of the first operation. */
  localCreate(
    { parent, index }: Spot,
    values: Readonly<Record<string, Value>> = {},
  ): readonly [TreeOp, ...TreeOp[]] {
    assert(parent !== 'trash', 'a new node is not deleted');
    const into = this.#existing(parent);
    const at = this.#gapIn(into, index, undefined);
    const id = this.#draw();
    const place = this.slots.insertAt(at, this.#self, id.counter, 1);
    this.#create({ agent: this.#self, counter: id.counter }, into);
    const sets = Object.entries(values).flatMap(([key, value]) => this.localSet(id, key, value));
    return [{ type: 'create', id, parent: into.name as OpId | 'root', place }, ...sets];
  }

  /** Moves `node` to where it will be `spot`: `index` counts its new siblings, not itself. */
  localMove(node: OpId, { parent, index }: Spot): readonly TreeOp[] {
    assert(this.canMove(node, parent), 'a node is not moved into itself');
    const [moved, into] = [this.#existing(node), this.#existing(parent)];
    const at = this.#gapIn(into, index, moved);
    const stamp = this.#context.stamp(laterOf(this.log.last, this.log.settled));
    const id = this.#draw();
    const slot = { agent: this.#self, counter: id.counter };
    const place = this.slots.insertAt(at, this.#self, id.counter, 1);
    this.#relist(this.log.do([this.#moveOf(stamp, slot, moved, into)]), []);
    return [{ type: 'move', id, stamp, node: idOf(moved), parent: into.name, place }];
  }

  /** Moves `node`, with all that is in it, to the end of the trash. */
  localDelete(node: OpId): readonly TreeOp[] {
    const trash = this.#existing(node).parent === this.nodes.trash;
    return trash ? [] : this.localMove(node, { parent: 'trash', index: this.countIn('trash') });
  }

  /** Sets `key` of `node`, or without a value takes it away. */
  localSet(node: OpId, key: string, value?: Value): readonly TreeOp[] {
    const target = this.#existing(node);
    const kept = value === undefined ? {} : { value: storable(value) };
    const name = toWellFormed(key);
    const stamp = this.#context.stamp(target.entries?.get(name)?.stamp);
    const op: TreeSetOp = { type: 'set', id: this.#draw(), stamp, node: idOf(target), key: name, ...kept };
    this.#set(target, op);
    return [op];
  }

  /** Why `apply` would refuse `ops`; changes nothing. */
  refuse(ops: readonly TreeOp[]): string | undefined {
    return new TreeValidator(this.slots, this.nodes, this.log).refuse(ops);
  }

  /** Applies operations, of others or of our own log read back: all or none. What is here already is skipped. */
  apply(ops: readonly TreeOp[]): Applied<TreeChange> {
    const reason = this.refuse(ops);
    if (reason !== undefined) return { ok: false, reason };
    const changes: TreeChange[] = [];
    const moves: Move[] = [];
    for (const op of ops) {
      if (op.type === 'set') {
        const node = this.#existing(op.node);
        if (!this.#set(node, op)) continue;
        const value = op.value === undefined ? {} : { value: op.value };
        changes.push({ type: 'set', node: op.node, key: op.key, ...value });
        continue;
      }
      const slot = this.#newSlot(op.id, op.place);
      if (slot === undefined) continue;
      if (op.type === 'move')
        moves.push(this.#moveOf(op.stamp, slot, this.#existing(op.node), this.#existing(op.parent)));
      else {
        const index = this.#create(slot, this.#existing(op.parent));
        changes.push({ type: 'place', node: op.id, from: null, to: { parent: op.parent, index } });
      }
    }
    this.#relist(this.log.do(moves), changes);
    return { ok: true, changes };
  }

  /**
   * The caller knows that every operation stamped up to `stamp` that is not here will never come: what was kept to
   * put them in their place is forgotten, and such an operation is refused from now on.
   */
  stable(stamp: HybridTime): void {
    this.log.settle(stamp);
  }

  /** For a tree read back, whose nodes know their parents: makes the children. */
  listAll(nodes: readonly TreeNode[]): void {
    const placed = nodes.map(node => ({ node, at: this.#indexOf(node.slot) }));
    for (const { node } of placed.sort((a, b) => a.at - b.at)) {
      node.listedIn = node.parent;
      node.listedAt = node.slot;
      if (node.parent !== undefined) (node.parent.children ??= new Children(this.slots)).append(node);
    }
  }

  #moveOf(stamp: HybridTime, slot: Slot, node: TreeNode, parent: TreeNode): Move {
    this.nodes.enter(slot, node);
    return new Move(stamp, slot, node, parent);
  }

  /** The slot of an operation from outside; `undefined` when it is here already. */
  #newSlot({ replicaId, counter }: OpId, place: Place): Slot | undefined {
    const agent = this.slots.agent(replicaId);
    if (this.slots.has(agent, counter)) return undefined;
    this.slots.insert(agent, counter, 1, place);
    return { agent, counter };
  }

  /** Returns the index of the new node. */
  #create({ agent, counter }: Slot, parent: TreeNode): number {
    const node = this.nodes.add(agent, counter);
    node.put(parent, node.born);
    return this.#list(node, parent);
  }

  #set(node: TreeNode, { key, stamp, id, value }: TreeSetOp): boolean {
    const last = node.entries?.get(key);
    if (last !== undefined && !isLater({ stamp, id }, last)) return false;
    (node.entries ??= new Map<string, Entry>()).set(key, { value, stamp, id });
    return true;
  }

  /** Puts the children right for nodes that moves took elsewhere. */
  #relist(touched: readonly TreeNode[], changes: TreeChange[]): void {
    for (const node of touched) {
      node.touched = false;
      if (node.listedIn === node.parent && node.listedAt === node.slot) continue;
      const from = takeOut(node);
      const { parent } = node;
      assert(parent !== undefined, 'a node is in something');
      const to = { parent: parent.name, index: this.#list(node, parent) };
      if (from.parent !== to.parent || from.index !== to.index)
        changes.push({ type: 'place', node: idOf(node), from, to });
    }
  }

  #list(node: TreeNode, parent: TreeNode): number {
    node.listedIn = parent;
    node.listedAt = node.slot;
    return (parent.children ??= new Children(this.slots)).add(node, this.#siblingBefore(node, parent));
  }

  /** The child of `parent` before `node`, if it is within a few slots, as where people added one after another. */
  #siblingBefore(node: TreeNode, parent: TreeNode): TreeNode | undefined {
    let slot = node.slot;
    for (let steps = 0; steps < stepsBackMax; steps++) {
      slot = slot === undefined ? undefined : this.slots.previous(slot);
      if (slot === undefined) return undefined;
      const there = this.nodes.inSlot(slot.agent, slot.counter);
      const { listedIn, listedAt } = there ?? node;
      if (there === node || listedIn !== parent) continue;
      if (listedAt?.counter === slot.counter && listedAt.agent === slot.agent) return there;
    }
    return undefined;
  }

  /** Where in the sequence of slots the `index`-th child of `parent` goes, `moved` not counted. */
  #gapIn(parent: TreeNode, index: number, moved: TreeNode | undefined): number {
    const { children } = parent;
    const own = moved?.listedIn === parent ? (children?.indexOf(moved) ?? 0) : Infinity;
    const count = (children?.length ?? 0) - (own < Infinity ? 1 : 0);
    assert(Number.isInteger(index) && index >= 0 && index <= count, 'a place among the children');
    const other = (place: number) => children?.at(place < own ? place : place + 1);
    if (index > 0) return this.#indexOf(other(index - 1)?.slot) + 1;
    // Before the first; the first of all next to what it is in, which is where its siblings will be looked for.
    if (count > 0) return this.#indexOf(other(0)?.slot);
    return parent.born === undefined ? this.slots.length : this.#indexOf(parent.born) + 1;
  }

  #indexOf(slot: Slot | undefined): number {
    assert(slot !== undefined, 'a child is in a slot');
    return this.slots.indexOf(slot.agent, slot.counter);
  }

  #find(node: OpId): TreeNode | undefined {
    const agent = this.slots.known(node.replicaId);
    return agent === undefined ? undefined : this.nodes.get(agent, node.counter);
  }

  #existing(parent: Parent): TreeNode {
    if (parent === 'root') return this.nodes.root;
    if (parent === 'trash') return this.nodes.trash;
    const node = this.#find(parent);
    assert(node !== undefined, 'the node is known');
    return node;
  }

  #draw(): OpId {
    return { replicaId: this.#self.replicaId, counter: this.slots.draw(this.#self, this.#context, 1) };
  }
}

function idOf({ name }: TreeNode): OpId {
  assert(typeof name !== 'string', 'the root and the trash are no nodes');
  return name;
}

function spotOf(node: TreeNode): Spot {
  assert(node.listedIn?.children !== undefined, 'a node is in something');
  return { parent: node.listedIn.name, index: node.listedIn.children.indexOf(node) };
}

function takeOut(node: TreeNode): Spot {
  assert(node.listedIn?.children !== undefined, 'a node is in something');
  return { parent: node.listedIn.name, index: node.listedIn.children.remove(node) };
}

function laterOf(a: HybridTime | undefined, b: HybridTime | undefined): HybridTime | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return compareHybridTime(a, b) < 0 ? b : a;
}

function isLater(a: Pick<Entry, 'stamp' | 'id'>, b: Pick<Entry, 'stamp' | 'id'>): boolean {
  return (compareHybridTime(a.stamp, b.stamp) || compareOpIds(a.id, b.id)) > 0;
}
