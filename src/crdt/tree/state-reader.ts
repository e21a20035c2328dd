/**
 * Reads the bytes of a tree. Nodes first hang as they did before the log; that must be a tree, and then the log is done
 * again. That it leads where the bytes say, and that they are the one encoding, is checked by encoding once more.
 */
import type { Reader } from '../../base/codec.ts';
import type { ReplicaId } from '../../base/ids.ts';
import { counterMax } from '../../base/limits.ts';
import { compareHybridTime } from '../../clocks/hybrid-logical-clock.ts';
import type { Context } from '../context.ts';
import { readStamp } from '../op-bytes.ts';
import { buildSlots, readStretches, ReplicaTable, stretchOf, type Stretch } from '../slots/slots-bytes.ts';
import { Slots, type Slot } from '../slots/slots.ts';
import { readValue } from '../value.ts';
import { compareMoves, Move, MoveLog } from './move-log.ts';
import { Nodes, type Entry, type TreeNode } from './node.ts';
import { NODE, ROOT, SAME, TRASH, treeVersion } from './state-format.ts';
import { Tree } from './tree.ts';

export class TreeStateReader {
  readonly #reader: Reader;
  readonly #context: Context;
  readonly #slots = new Slots();
  readonly #nodes = new Nodes();
  readonly #log = new MoveLog();
  /** Slots that moves made: whose each is, once that is known. */
  readonly #moveSlots = new Map<ReplicaId, Map<number, { slot: Slot; node: TreeNode | undefined }>>();
  #table = new ReplicaTable([]);

  constructor(reader: Reader, context: Context) {
    this.#reader = reader;
    this.#context = context;
  }

  /** `log`: did the bytes hold the log, too? */
  read(): { readonly tree: Tree; readonly log: boolean } {
    const reader = this.#reader;
    if (reader.byte() !== treeVersion) reader.fail('unknown version');
    this.#table = ReplicaTable.read(reader);
    const stretches = readStretches(reader, this.#table);
    for (const [place, own] of stretches.entries()) this.#readMoveSlots(place, own);
    const nodes = this.#makeNodes(stretches);
    if ([...this.#moveSlots.values()].some(({ size }) => size > 0)) this.#log.see(readStamp(reader, 0));
    const parents = this.#readParents(nodes);
    const slots = this.#readMoved(nodes);
    this.#readEntries(nodes);
    const log = reader.byte();
    if (log > 2) reader.fail('malformed log');
    if (log === 2) this.#log.settle(readStamp(reader, 0));
    if (log > 0) this.#readBefore(nodes, parents, slots);
    for (const [index, node] of nodes.entries()) node.put(parents[index], slots[index]);
    this.#checkTree(nodes);
    if (!buildSlots(this.#slots, this.#table, stretches, undefined)) reader.fail('a slot hangs nowhere');
    if (log > 0) this.#readLog();
    else if (this.#log.last !== undefined) this.#log.settle(this.#log.last);
    const tree = new Tree(this.#context, this.#slots, this.#nodes, this.#log);
    tree.listAll(nodes);
    return { tree, log: log > 0 };
  }

  #readMoveSlots(place: number, stretches: readonly Stretch[]): void {
    const reader = this.#reader;
    const replicaId = this.#table.ids[place] as ReplicaId;
    const agent = this.#slots.agent(replicaId);
    const own = new Map<number, { slot: Slot; node: TreeNode | undefined }>();
    this.#moveSlots.set(replicaId, own);
    const count = reader.varUint(reader.left);
    let next = 0;
    for (let i = 0; i < count; i++) {
      const counter = next + reader.varUint(counterMax);
      if (stretchOf(stretches, counter) < 0) reader.fail('unknown slot');
      own.set(counter, { slot: { agent, counter }, node: undefined });
      next = counter + 1;
    }
  }

  /** All other slots are nodes. */
  #makeNodes(stretches: readonly (readonly Stretch[])[]): readonly TreeNode[] {
    let count = 0;
    for (const own of stretches) for (const { start, end } of own) count += end - start;
    for (const own of this.#moveSlots.values()) count -= own.size;
    // A node takes at least a byte, where it says what it is in.
    if (count > this.#reader.left) this.#reader.fail('short');
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
    let last: TreeNode | undefined;
    return nodes.map(() => {
      const code = this.#reader.varUint();
      last = code === SAME ? (last ?? this.#reader.fail('unknown parent')) : this.#parentOf(code);
      return last;
    });
  }

  #parentOf(code: number): TreeNode {
    if (code === ROOT) return this.#nodes.root;
    if (code === TRASH) return this.#nodes.trash;
    const replicaId = this.#table.ids[code - NODE];
    return replicaId === undefined ? this.#reader.fail('unknown replica') : this.#node(replicaId);
  }

  #node(replicaId: ReplicaId): TreeNode {
    const node = this.#nodes.get(this.#slots.agent(replicaId), this.#reader.varUint(counterMax));
    return node ?? this.#reader.fail('unknown node');
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

  /** The slot of a move of `node`: a slot is of one node only. */
  #readMoveSlot(node: TreeNode | undefined): Slot {
    const replicaId = this.#readReplica();
    const made = this.#moveSlots.get(replicaId)?.get(this.#reader.varUint(counterMax));
    if (made === undefined) return this.#reader.fail('moved to no slot of a move');
    if (made.node !== undefined && node !== undefined && made.node !== node)
      this.#reader.fail('slot of two nodes');
    made.node ??= node;
    return made.slot;
  }

  #readEntries(nodes: readonly TreeNode[]): void {
    const reader = this.#reader;
    let wallMs = 0;
    this.#eachIndex(nodes, node => {
      const count = reader.varUint(reader.left);
      node.entries = new Map<string, Entry>();
      for (let i = 0; i < count; i++) {
        const key = reader.varString(reader.left);
        const id = { replicaId: this.#readReplica(), counter: reader.varUint(counterMax - 1) };
        const stamp = readStamp(reader, wallMs);
        wallMs = stamp.wallMs;
        node.entries.set(key, { id, stamp, value: reader.byte() === 0 ? undefined : readValue(reader) });
      }
      if (count === 0) reader.fail('no values');
    });
  }

  #readBefore(nodes: readonly TreeNode[], parents: TreeNode[], slots: (Slot | undefined)[]): void {
    this.#eachIndex(nodes, (node, index) => {
      parents[index] = this.#parentOf(this.#reader.varUint());
      const replicaId = this.#readReplica();
      const counter = this.#reader.varUint(counterMax);
      const { born } = node;
      if (born?.agent.replicaId === replicaId && born.counter === counter) {
        slots[index] = born;
        return;
      }
      const made = this.#moveSlots.get(replicaId)?.get(counter);
      if (made === undefined || (made.node !== undefined && made.node !== node))
        this.#reader.fail('slot of two nodes');
      else {
        made.node = node;
        this.#nodes.enter(made.slot, node);
        slots[index] = made.slot;
      }
    });
  }

  #readLog(): void {
    const reader = this.#reader;
    const count = reader.varUint(reader.left);
    const moves: Move[] = [];
    let wallMs = 0;
    for (let i = 0; i < count; i++) {
      const stamp = readStamp(reader, wallMs);
      wallMs = stamp.wallMs;
      const slotReplica = this.#readReplica();
      const made = this.#moveSlots.get(slotReplica)?.get(reader.varUint(counterMax));
      const node = this.#node(this.#readReplica());
      const parent = this.#parentOf(reader.varUint());
      if (made === undefined) return reader.fail('moved to no slot of a move');
      if (made.node !== undefined && made.node !== node) reader.fail('slot of two nodes');
      made.node = node;
      const move = new Move(stamp, made.slot, node, parent);
      const last = moves.at(-1);
      if (last !== undefined && compareMoves(last, move) >= 0) reader.fail('log not sorted');
      const { settled, last: highest } = this.#log;
      if (settled !== undefined && compareHybridTime(stamp, settled) <= 0) reader.fail('log is settled');
      if (highest === undefined || compareHybridTime(stamp, highest) > 0) reader.fail('stamp out of range');
      moves.push(move);
    }
    for (const { slot, node } of moves) this.#nodes.enter(slot, node);
    for (const node of this.#log.do(moves)) node.touched = false;
  }

  /** Everything hangs on the root or in the trash. */
  #checkTree(nodes: readonly TreeNode[]): void {
    const good = new Set<TreeNode | undefined>([this.#nodes.root, this.#nodes.trash]);
    for (const start of nodes) {
      const path: TreeNode[] = [];
      const here = new Set<TreeNode>();
      let node: TreeNode | undefined = start;
      for (; node !== undefined && !good.has(node); node = node.parent) {
        if (here.has(node)) this.#reader.fail('a ring of nodes');
        here.add(node);
        path.push(node);
      }
      for (const each of path) good.add(each);
    }
  }

  #eachIndex(nodes: readonly TreeNode[], read: (node: TreeNode, index: number) => void): void {
    const count = this.#reader.varUint(this.#reader.left);
    let next = 0;
    for (let i = 0; i < count; i++) {
      const index = next + this.#reader.varUint();
      const node = nodes[index];
      if (node === undefined) this.#reader.fail('unknown node');
      else read(node, index);
      next = index + 1;
    }
  }

  #readReplica(): ReplicaId {
    return this.#table.ids[this.#table.readPlace(this.#reader)] as ReplicaId;
  }
}
