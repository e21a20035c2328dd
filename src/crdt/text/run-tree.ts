/**
 * The compressed Fugue tree: runs, where they stand in the text, and how an insert or a delete changes them.
 * Nothing here checks where an operation came from; `validate.ts` has done that.
 *
 * Placing an insert: its siblings are the sorted list on the parent's run. Without a smaller sibling it stands
 * right next to the parent; with one, just behind that sibling's subtree, which ends where the next sibling's
 * begins. Both ends are found by walking down one side of a subtree, so whichever walk is shorter decides.
 *
 * Two runs are joined only when nothing can tell them apart again: the second hangs on the first by its id
 * alone (`chain`), is its only right child and has no left children. Then they stand next to each other, and
 * no order of delivery can have put anything between them.
 */
import { assert } from '../../base/assert.ts';
import { Agent, Agents } from './agents.ts';
import { Blocks } from './blocks.ts';
import { compareIds, firstOf, lastOf, Run } from './run.ts';
import type { Hang } from './run.ts';

/**
 * A run longer than this is not typed onto any more: appending makes a JavaScript rope, and cutting a rope
 * copies all of it, so unbounded runs would make type-and-correct quadratic. Only thrift depends on it.
 */
const runAppendMax = 512;

export class RunTree {
  readonly agents = new Agents();
  readonly blocks: Blocks;
  /** The root of the tree: a tombstone of nobody before everything. */
  readonly root: Run;

  constructor() {
    this.root = new Run(new Agent('' as Agent['replicaId']), 0, 1, '', 'chain', undefined, 0);
    this.blocks = new Blocks(this.root);
  }

  /**
   * Adds `text` as characters `start`, … of `agent`, hung on the character `parentCounter` of `parent`, the
   * run that holds it. Returns the run they are in now; they are its last `text.length` characters. With a
   * `length` and no text they are tombstones, in a run of their own.
   */
  insert(
    agent: Agent,
    start: number,
    text: string,
    parent: Run,
    parentCounter: number,
    side: 'left' | 'right',
    length: number = text.length,
  ): Run {
    const chained = side === 'right' && parent.agent === agent && parentCounter === start - 1;
    if (chained && parent.end === start && this.appends(parent) && length === text.length) {
      this.append(parent, text);
      return parent;
    }
    const hang: Hang = chained ? 'chain' : side;
    const run = new Run(agent, start, length, text, hang, chained ? undefined : parent.agent, parentCounter);
    if (side === 'right') {
      if (parentCounter < parent.end - 1) this.split(parent, parentCounter + 1 - parent.start);
      this.#placeRight(parent, run);
    } else {
      const head = parentCounter === parent.start ? parent : this.split(parent, parentCounter - parent.start);
      this.#placeLeft(head, run);
    }
    agent.add(run);
    return run;
  }

  /** May text with the next id be added to `run` itself? */
  appends(run: Run): boolean {
    return run.visible > 0 && run.length < runAppendMax && run.right === undefined;
  }

  /** Adds to the end of a visible run that has no right children. */
  append(run: Run, text: string): void {
    run.append(text);
    const { agent } = run;
    const end = run.start + run.length;
    if (end > agent.end) agent.end = end;
    this.blocks.addVisible(run, text.length);
  }

  #placeRight(parent: Run, run: Run): void {
    const siblings = parent.right;
    if (siblings === undefined) {
      parent.right = [run];
      this.blocks.insertAfter(parent, run);
      return;
    }
    const at = addSibling(siblings, run);
    if (at === 0) this.blocks.insertAfter(parent, run);
    else this.#insertBetween(siblings[at - 1] as Run, siblings[at + 1], run);
  }

  #placeLeft(parent: Run, run: Run): void {
    const siblings = parent.left;
    if (siblings === undefined) {
      parent.left = [run];
      this.blocks.insertBefore(parent, run);
      return;
    }
    const at = addSibling(siblings, run);
    const following = siblings[at + 1];
    if (at > 0) this.#insertBetween(siblings[at - 1] as Run, following, run);
    else this.blocks.insertBefore(firstOf(following as Run), run);
  }

  /** Puts `run` behind the subtree of `before`, or just as well before that of `after`: the shorter walk wins. */
  #insertBetween(before: Run, after: Run | undefined, run: Run): void {
    if (after === undefined) {
      this.blocks.insertAfter(lastOf(before), run);
      return;
    }
    let last = before;
    let first = after;
    for (;;) {
      const right = last.right;
      if (right === undefined) {
        this.blocks.insertAfter(last, run);
        return;
      }
      last = right[right.length - 1] as Run;
      const left = first.left;
      if (left === undefined) {
        this.blocks.insertBefore(first, run);
        return;
      }
      first = left[0] as Run;
    }
  }

  /** Cuts `run` before its character `offset`, `0 < offset < length`; returns the second piece. */
  split(run: Run, offset: number): Run {
    assert(offset > 0 && offset < run.length, 'a run is cut inside');
    const piece = new Run(
      run.agent,
      run.start + offset,
      run.length - offset,
      run.text.slice(offset),
      'chain',
      undefined,
      0,
    );
    piece.right = run.right;
    run.right = [piece];
    if (run.visible > 0) run.shorten(run.length - offset);
    else run.length = offset;
    this.blocks.insertPiece(run, piece);
    run.agent.add(piece);
    return piece;
  }

  /** Turns the visible characters `[offset, offset + length)` of `run` into tombstones. */
  delete(run: Run, offset: number, length: number): void {
    if (offset > 0 && offset + length === run.length && this.#giveToNext(run, offset)) return;
    if (offset === 0 && length < run.length && this.#giveToPrevious(run, length)) return;
    const from = offset > 0 ? this.split(run, offset) : run;
    if (length < from.length) this.split(from, length);
    const visible = from.visible;
    from.bury();
    this.blocks.addVisible(from, -visible);
    const next = this.blocks.nextInBlock(from);
    if (next !== undefined) this.#join(from, next);
    const previous = this.blocks.previousInBlock(from);
    if (previous !== undefined) this.#join(previous, from);
  }

  /** Backspace: the tombstone that follows by id grows at its start. */
  #giveToNext(run: Run, offset: number): boolean {
    const right = run.right;
    const next = right?.[0];
    if (right?.length !== 1 || next === undefined || !continues(run, next) || next.visible > 0) return false;
    const length = run.length - offset;
    next.start -= length;
    next.length += length;
    run.shorten(length);
    this.blocks.addVisible(run, -length);
    return true;
  }

  /** Delete: the tombstone that comes before by id grows at its end. */
  #giveToPrevious(run: Run, length: number): boolean {
    if (run.hang !== 'chain') return false;
    const previous = this.blocks.previousInBlock(run);
    if (previous === undefined || !continues(previous, run) || previous.visible > 0) return false;
    previous.length += length;
    run.behead(length);
    this.blocks.addVisible(run, -length);
    return true;
  }

  /** Joins `run` and its neighbour `next` in the same block when they are one chain in one state. */
  #join(run: Run, next: Run): void {
    if (run.visible > 0 || next.visible > 0 || !continues(run, next)) return;
    this.blocks.removeMerged(next, run);
    run.agent.remove(next);
    run.right = next.right;
    run.length += next.length;
    next.length = 0;
  }
}

/** Is `next` nothing but the rest of `run`: chained to it, its only right child, without left children? */
export function continues(run: Run, next: Run): boolean {
  return next.hang === 'chain' && run.right?.length === 1 && run.right[0] === next && next.left === undefined;
}

/** Puts `run` where it belongs among its siblings; returns its index. */
function addSibling(siblings: Run[], run: Run): number {
  let low = 0;
  let high = siblings.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compareIds(siblings[middle] as Run, run) < 0) low = middle + 1;
    else high = middle;
  }
  siblings.splice(low, 0, run);
  return low;
}
