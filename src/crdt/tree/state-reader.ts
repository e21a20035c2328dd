/**
 * Reads the bytes of a tree that were looked at (`state-look.ts`) and are believed, but for one thing: that the log leads where they
 * say. Nodes first hang as they did before the log, and then it is done again.
 */
import { assert } from '../../base/assert.ts';
import type { Reader } from '../../base/codec.ts';
import type { ReplicaId } from '../../base/ids.ts';
import type { Context } from '../context.ts';
import { readStamp } from '../op-bytes.ts';
import type { Replicas } from '../replicas.ts';
import { buildSlots, readStretches, ReplicaTable, type Stretch } from '../slots/slots-bytes.ts';
import { Slots, type Slot } from '../slots/slots.ts';
import { readValue } from '../value.ts';
import { Move, MoveLog } from './move-log.ts';
import { Nodes, type Entry, type TreeNode } from './node.ts';
import { NODE, ROOT, SAME, TRASH } from './state-format.ts';
import { Tree } from './tree.ts';

export class TreeStateReader {
  readonly #reader: Reader;
  readonly #context: Context;
  readonly #replicas: Replicas | undefined;
  readonly #slots = new Slots();
  readonly #nodes = new Nodes();
  readonly #log = new MoveLog();
  /** Slots that moves made: whose each is, once that is known. */
  readonly #moveSlots = new Map<ReplicaId, Map<number, { slot: Slot; node: TreeNode | undefined }>>();
  #table = new ReplicaTable([]);

  constructor(reader: Reader, context: Context, replicas: Replicas | undefined) {
    this.#reader = reader;
    this.#context = context;
    this.#replicas = replicas;
  }

  /** `log`: did the bytes hold the log, too? */
  read(): { readonly tree: Tree; readonly log: boolean } {
    const reader = this.#reader;
    reader.byte();
    this.#table = ReplicaTable.read(reader, this.#replicas);
    const stretches = readStretches(reader, this.#table);
    for (const replicaId of this.#table.ids) this.#readMoveSlots(replicaId);
    const nodes = this.#makeNodes(stretches);
    if ([...this.#moveSlots.values()].some(({ size }) => size > 0)) this.#log.see(readStamp(reader, 0));
    const parents = this.#readParents(nodes);
    const slots = this.#readMoved(nodes);
    this.#readEntries(nodes);
    const log = reader.byte();
    if (log === 2) this.#log.settle(readStamp(reader, 0));
    if (log > 0) this.#readBefore(nodes, parents, slots);
    for (const [index, node] of nodes.entries()) node.put(parents[index], slots[index]);
    buildSlots(this.#slots, this.#table, stretches, undefined);
    if (log > 0) this.#readLog();
    else if (this.#log.last !== undefined) this.#log.settle(this.#log.last);
    const tree = new Tree(this.#context, this.#slots, this.#nodes, this.#log);
    tree.listAll(nodes);
    return { tree, log: log > 0 };
  }

  #readMoveSlots(replicaId: ReplicaId): void {
    const agent = this.#slots.agent(replicaId);
    const own = new Map<number, { slot: Slot; node: TreeNode | undefined }>();
    this.#moveSlots.set(replicaId, own);
    let next = 0;
    for (let left = this.#reader.varUint(); left > 0; left--) {
      const counter = next + this.#reader.varUint();
      own.set(counter, { slot: { agent, counter }, node: undefined });
      next = counter + 1;
    }
  }

  /** All other slots are nodes. */
  #makeNodes(stretches: readonly (readonly Stretch[])[]): readonly TreeNode[] {
    const nodes: TreeNode[] = [];
    for (const [place, own] of stretches.entries()) {
      const replicaId = this.#table.ids[place] as ReplicaId;
      const agent = this.#slots.agent(replicaId);
      const moves = this.#moveSlots.get(replicaId);
      for (const { start, end } of own)
        for (let counter = start; counter < end; counter++)
          if (moves?.has(counter) !== true) nodes.push(this.#nodes.add(agent, counter));
    }
    return nodes;
  }

  #readParents(nodes: readonly TreeNode[]): TreeNode[] {
    let last = this.#nodes.root;
    return nodes.map(() => {
      const code = this.#reader.varUint();
      if (code !== SAME) last = this.#parentOf(code);
      return last;
    });
  }

  #parentOf(code: number): TreeNode {
    if (code === ROOT) return this.#nodes.root;
    if (code === TRASH) return this.#nodes.trash;
    return this.#node(this.#table.ids[code - NODE] as ReplicaId);
  }

  #node(replicaId: ReplicaId): TreeNode {
    const node = this.#nodes.get(this.#slots.agent(replicaId), this.#reader.varUint());
    assert(node !== undefined, 'a node that was looked at is there');
    return node;
  }

  #readMoved(nodes: readonly TreeNode[]): (Slot | undefined)[] {
    const slots = nodes.map(({ born }) => born);
    this.#eachIndex(nodes, (node, index) => {
      const slot = this.#readMoveSlot(node);
      this.#nodes.enter(slot, node);
      slots[index] = slot;
    });
    return slots;
  }

  /** The slot of a move of `node`. */
  #readMoveSlot(node: TreeNode): Slot {
    return this.#moveSlotOf(node, this.#readReplica(), this.#reader.varUint());
  }

  #moveSlotOf(node: TreeNode, replicaId: ReplicaId, counter: number): Slot {
    const made = this.#moveSlots.get(replicaId)?.get(counter);
    assert(made !== undefined, 'a slot that was looked at is one of a move');
    made.node ??= node;
    return made.node === node ? made.slot : this.#reader.fail('slot of two nodes');
  }

  #readEntries(nodes: readonly TreeNode[]): void {
    const reader = this.#reader;
    let wallMs = 0;
    this.#eachIndex(nodes, node => {
      node.entries = new Map<string, Entry>();
      for (let left = reader.varUint(); left > 0; left--) {
        const key = reader.varString(reader.left);
        const id = { replicaId: this.#readReplica(), counter: reader.varUint() };
        const stamp = readStamp(reader, wallMs);
        wallMs = stamp.wallMs;
        node.entries.set(key, { id, stamp, value: reader.byte() === 0 ? undefined : readValue(reader) });
      }
    });
  }

  #readBefore(nodes: readonly TreeNode[], parents: TreeNode[], slots: (Slot | undefined)[]): void {
    this.#eachIndex(nodes, (node, index) => {
      parents[index] = this.#parentOf(this.#reader.varUint());
      const replicaId = this.#readReplica();
      const counter = this.#reader.varUint();
      const { born } = node;
      if (born?.agent.replicaId === replicaId && born.counter === counter) {
        slots[index] = born;
        return;
      }
      const slot = this.#moveSlotOf(node, replicaId, counter);
      this.#nodes.enter(slot, node);
      slots[index] = slot;
    });
  }

  #readLog(): void {
    const reader = this.#reader;
    const moves: Move[] = [];
    let wallMs = 0;
    for (let left = reader.varUint(); left > 0; left--) {
      const stamp = readStamp(reader, wallMs);
      wallMs = stamp.wallMs;
      const replicaId = this.#readReplica();
      const counter = reader.varUint();
      const node = this.#node(this.#readReplica());
      moves.push(
        new Move(stamp, this.#moveSlotOf(node, replicaId, counter), node, this.#parentOf(reader.varUint())),
      );
    }
    for (const { slot, node } of moves) this.#nodes.enter(slot, node);
    for (const node of this.#log.do(moves)) node.touched = false;
  }

  #eachIndex(nodes: readonly TreeNode[], read: (node: TreeNode, index: number) => void): void {
    let next = 0;
    for (let left = this.#reader.varUint(); left > 0; left--) {
      const index = next + this.#reader.varUint();
      read(nodes[index] as TreeNode, index);
      next = index + 1;
    }
  }

  #readReplica(): ReplicaId {
    return this.#table.ids[this.#reader.varUint()] as ReplicaId;
  }
}
