/**
 * The log of moves: all of them, in the order of their stamps (then of their ids), which is the same on every replica
 * whatever came when (Kleppmann, Mulligan, Gomes, Beresford 2021, *A highly-available move operation for replicated
 * trees*, section 3). The tree is what doing them in that order gives; a move of a node into itself or into something
 * inside it does nothing. A move that comes late is put in its place: what is later is undone, then all are done again.
 *
 * Obvious ways fail: to let the last writer of each node's parent win makes rings when two people move two nodes
 * into each other, and rings are lost to everyone; to copy what is moved doubles it.
 *
 * Departing from the paper, creating a node is no move: a node is in the parent it was created in before every move,
 * so creating costs no undoing, and no order of stamps leaves a node in nothing. Undoing touches only `parent`, never the sorted
 * children; those are put right once, for the nodes that ended elsewhere (`tree.ts`).
 */
import { compareHybridTime, type HybridTime } from '../../clocks/hybrid-logical-clock.ts';
import type { Slot } from '../slots/slots.ts';
import type { TreeNode } from './node.ts';

export class Move {
  readonly stamp: HybridTime;
  /** Its slot, which is its id. */
  readonly slot: Slot;
  readonly node: TreeNode;
  readonly parent: TreeNode;
  /** Where the node was; `undefined` while undone, and when the move did nothing. */
  before: Pick<TreeNode, 'parent' | 'slot'> | undefined = undefined;

  constructor(stamp: HybridTime, slot: Slot, node: TreeNode, parent: TreeNode) {
    this.stamp = stamp;
    this.slot = slot;
    this.node = node;
    this.parent = parent;
  }
}

export function compareMoves(a: Move, b: Move): number {
  const byStamp = compareHybridTime(a.stamp, b.stamp);
  if (byStamp !== 0) return byStamp;
  if (a.slot.agent === b.slot.agent) return a.slot.counter - b.slot.counter;
  return a.slot.agent.replicaId < b.slot.agent.replicaId ? -1 : 1;
}

export class MoveLog {
  /** In their order, all done. */
  readonly moves: Move[] = [];
  /** Moves up to this stamp were done for good and forgotten. */
  #settled: HybridTime | undefined = undefined;
  /** The highest stamp of any move here, forgotten ones too. */
  #last: HybridTime | undefined = undefined;

  get settled(): HybridTime | undefined {
    return this.#settled;
  }

  get last(): HybridTime | undefined {
    return this.#last;
  }

  /** Does `moves`, new ones in any order; returns the nodes that were touched, each once, which `touched` marks. */
  do(moves: readonly Move[]): TreeNode[] {
    const touched: TreeNode[] = [];
    const sorted = moves.length > 1 ? [...moves].sort(compareMoves) : moves;
    const [first] = sorted;
    const last = sorted.at(-1);
    if (first === undefined || last === undefined) return touched;
    this.see(last.stamp);
    const later = this.moves.splice(this.#placeOf(first));
    for (let i = later.length - 1; i >= 0; i--) undo(later[i] as Move, touched);
    let next = 0;
    for (const move of sorted) {
      for (; next < later.length && compareMoves(later[next] as Move, move) < 0; next++)
        this.#redo(later[next] as Move, touched);
      this.#redo(move, touched);
    }
    for (; next < later.length; next++) this.#redo(later[next] as Move, touched);
    return touched;
  }

  /** Forgets the moves up to `stamp`: what is later can no longer be put before them. */
  settle(stamp: HybridTime): void {
    if (this.#settled !== undefined && compareHybridTime(stamp, this.#settled) <= 0) return;
    this.#settled = stamp;
    const kept = this.moves.findIndex(move => compareHybridTime(move.stamp, stamp) > 0);
    this.moves.splice(0, kept < 0 ? this.moves.length : kept);
  }

  /** Takes note of a stamp that a move has. */
  see(stamp: HybridTime): void {
    if (this.#last === undefined || compareHybridTime(stamp, this.#last) > 0) this.#last = stamp;
  }

  #redo(move: Move, touched: TreeNode[]): void {
    const { node, parent, slot } = move;
    this.moves.push(move);
    if (parent === node || (node.degree > 0 && parent.isIn(node))) return;
    move.before = { parent: node.parent, slot: node.slot };
    node.put(parent, slot);
    touch(node, touched);
  }

  #placeOf(move: Move): number {
    let low = 0;
    let high = this.moves.length;
    // Most moves are later than all others.
    const last = this.moves.at(-1);
    if (last === undefined || compareMoves(last, move) < 0) return high;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (compareMoves(this.moves[middle] as Move, move) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function undo(move: Move, touched: TreeNode[]): void {
  if (move.before === undefined) return;
  move.node.put(move.before.parent, move.before.slot);
  move.before = undefined;
  touch(move.node, touched);
}

function touch(node: TreeNode, touched: TreeNode[]): void {
  if (node.touched) return;
  node.touched = true;
  touched.push(node);
}
