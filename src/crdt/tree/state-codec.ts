/**
 * A tree as bytes; docs/protocols/tree.md describes them. First what is there, which depends on the operations alone; then
 * the log of moves that later ones may have to be put among, which is shorter where more is settled (`Tree.stable`).
 *
 * A reader refuses whatever a writer would not have written, before it makes anything (`state-look.ts`). One thing only the tree
 * itself can tell: that the log leads to what stands before it. So what was read with a log is encoded once more.
 */
import { equalBytes } from '../../base/bytes.ts';
import { decodeLooked, Writer, type Decoded } from '../../base/codec.ts';
import type { Context } from '../context.ts';
import { writeStamp } from '../op-bytes.ts';
import type { Replicas } from '../replicas.ts';
import { ReplicaTable, writeSlots } from '../slots/slots-bytes.ts';
import type { Slot } from '../slots/slots.ts';
import { writeValue } from '../value.ts';
import type { Move } from './move-log.ts';
import type { Entry, TreeNode } from './node.ts';
import { NODE, ROOT, SAME, TRASH, treeVersion } from './state-format.ts';
import { lookAtTree } from './state-look.ts';
import { TreeStateReader } from './state-reader.ts';
import type { Tree } from './tree.ts';

/**
 * `log` false leaves the log out: equal trees have equal bytes then, whatever each has settled. Whoever reads it back takes
 * every move in it as settled.
 */
export function encodeTree(tree: Tree, log = true, replicas?: Replicas): Uint8Array<ArrayBuffer> {
  return new StateWriter(tree).write(log, replicas);
}

/** Whatever the bytes are: the tree, to be edited as `context` says, or the reason why not. */
export function decodeTree(bytes: Uint8Array, context: Context, replicas?: Replicas): Decoded<Tree> {
  return decodeLooked(
    bytes,
    reader => {
      lookAtTree(reader, replicas);
    },
    reader => {
      const { tree, log } = new TreeStateReader(reader, context, replicas).read();
      if (log && !equalBytes(encodeTree(tree, true, replicas), bytes)) reader.fail('not the one encoding');
      return tree;
    },
  );
}

class StateWriter {
  readonly #tree: Tree;
  readonly #table: ReplicaTable;
  readonly #writer = new Writer();

  constructor(tree: Tree) {
    this.#tree = tree;
    const ids = [];
    for (const agent of tree.slots.tree.agents.all()) if (agent.end > 0) ids.push(agent.replicaId);
    for (const node of tree.nodes.all())
      for (const { id } of node.entries?.values() ?? []) ids.push(id.replicaId);
    this.#table = new ReplicaTable(ids);
  }

  write(log: boolean, replicas: Replicas | undefined): Uint8Array<ArrayBuffer> {
    const writer = this.#writer.byte(treeVersion);
    this.#table.write(writer, replicas);
    writeSlots(writer, this.#tree.slots, this.#table);
    const nodes = this.#sortNodes();
    if (this.#tree.log.last !== undefined) writeStamp(writer, this.#tree.log.last, 0);
    let last: TreeNode | undefined;
    for (const { parent } of nodes) {
      if (parent === last) writer.varUint(SAME);
      else this.#parent(parent);
      last = parent;
    }
    this.#moved(nodes);
    this.#entries(nodes);
    if (log) this.#log(nodes);
    else writer.byte(0);
    return writer.finish();
  }

  /** All nodes by id; writes down which slots are none. */
  #sortNodes(): TreeNode[] {
    const nodes: TreeNode[] = [];
    for (const id of this.#table.ids) {
      const agent = this.#tree.slots.known(id);
      const moves: number[] = [];
      for (const run of agent?.runs() ?? []) {
        const { start, end } = this.#tree.slots.tree.idsOf(run);
        for (let counter = start; counter < end; counter++) {
          const node = agent === undefined ? undefined : this.#tree.nodes.get(agent, counter);
          if (node === undefined) moves.push(counter);
          else nodes.push(node);
        }
      }
      this.#writer.varUint(moves.length);
      let next = 0;
      for (const counter of moves) {
        this.#writer.varUint(counter - next);
        next = counter + 1;
      }
    }
    return nodes;
  }

  #moved(nodes: readonly TreeNode[]): void {
    const moved = [...nodes.entries()].filter(([, { born, slot }]) => slot !== born);
    this.#writer.varUint(moved.length);
    let next = 0;
    for (const [index, { slot }] of moved) {
      this.#writer.varUint(index - next);
      this.#slot(slot as Slot);
      next = index + 1;
    }
  }

  #entries(nodes: readonly TreeNode[]): void {
    const having = [...nodes.entries()].flatMap(([index, { entries }]) =>
      entries === undefined ? [] : [[index, entries] as const],
    );
    this.#writer.varUint(having.length);
    let next = 0;
    let wallMs = 0;
    for (const [index, entries] of having) {
      this.#writer.varUint(index - next).varUint(entries.size);
      next = index + 1;
      for (const [key, entry] of [...entries].sort(([a], [b]) => (a < b ? -1 : 1))) {
        this.#entry(key, entry, wallMs);
        wallMs = entry.stamp.wallMs;
      }
    }
  }

  #entry(key: string, { value, stamp, id }: Entry, wallMs: number): void {
    this.#writer.varString(key).varUint(this.#table.placeOf(id.replicaId)).varUint(id.counter);
    writeStamp(this.#writer, stamp, wallMs);
    this.#writer.byte(value === undefined ? 0 : 1);
    if (value !== undefined) writeValue(this.#writer, value);
  }

  /** What is settled, where the nodes that the log moves were before it, and the log. */
  #log(nodes: readonly TreeNode[]): void {
    const { moves, settled } = this.#tree.log;
    const writer = this.#writer.byte(settled === undefined ? 1 : 2);
    if (settled !== undefined) writeStamp(writer, settled, 0);
    const before = new Map<TreeNode, Move['before']>();
    for (const move of moves)
      if (move.before !== undefined && !before.has(move.node)) before.set(move.node, move.before);
    writer.varUint(before.size);
    let next = 0;
    for (const [index, node] of nodes.entries()) {
      const was = before.get(node);
      if (was === undefined) continue;
      writer.varUint(index - next);
      next = index + 1;
      this.#parent(was.parent);
      this.#slot(was.slot as Slot);
    }
    writer.varUint(moves.length);
    let wallMs = 0;
    for (const { stamp, slot, node, parent } of moves) {
      writeStamp(writer, stamp, wallMs);
      wallMs = stamp.wallMs;
      this.#slot(slot);
      this.#slot(node.born as Slot);
      this.#parent(parent);
    }
  }

  #parent(parent: TreeNode | undefined): void {
    if (parent?.born === undefined) this.#writer.varUint(parent === this.#tree.nodes.root ? ROOT : TRASH);
    else
      this.#writer
        .varUint(NODE + this.#table.placeOf(parent.born.agent.replicaId))
        .varUint(parent.born.counter);
  }

  #slot({ agent, counter }: Slot): void {
    this.#writer.varUint(this.#table.placeOf(agent.replicaId)).varUint(counter);
  }
}
