/**
 * The compressed Fugue tree: runs, where they stand in the text, and how an insert or a delete changes them.
 * Nothing here checks where an operation came from; `validate.ts` has done that.
 *
 * Placing an insert: its siblings are the sorted list on the parent's run. Without a smaller sibling it stands
 * right next to the parent; with one, just behind that sibling's subtree, which ends where the next sibling's
 * begins. Both ends are found by walking down one side of a subtree, so whichever walk is shorter decides.
 *
 * Two runs are joined only when nothing can tell them apart again: the second hangs on the first by its id
 * alone (`CHAIN`), is its only right child and has no left children. Then they stand next to each other, and
 * no order of delivery can have put anything between them.
 */
import { assert } from '../../base/assert.ts';
import type { ReplicaId } from '../../base/ids.ts';
import { opId } from '../context.ts';
import type { OpId } from '../context.ts';
import { Agents } from './agents.ts';
import type { Agent } from './agents.ts';
import { Blocks } from './blocks.ts';
import { CHAIN, LEFT, RIGHT, Runs } from './runs.ts';
import { splitsPair } from './surrogates.ts';
import { TextPool } from './text-pool.ts';

/** A run whose characters are not the last ones of the pool is typed onto when it is not longer: they are copied to its end then. */
const movedUnitsMax = 512;

export class RunTree {
  readonly runs: Runs;
  readonly agents: Agents;
  readonly blocks: Blocks;
  readonly pool = new TextPool();

  /** `loaded`: runs in text order, whose characters `text` are; their agents and blocks are still to be told. */
  constructor(loaded?: Runs, text = '') {
    this.runs = loaded ?? new Runs();
    if (loaded === undefined) this.runs.add(0, 0, 1, -1, CHAIN, 0, 0);
    this.pool.settle(text);
    this.agents = new Agents(this.runs);
    this.blocks = new Blocks(this.runs);
    if (loaded !== undefined) this.blocks.load();
  }

  /** The author of `run`. */
  agentOf(run: number): Agent {
    return this.agents.list[this.runs.agent[run] as number] as Agent;
  }

  /** The id of the character `offset` of `run`. */
  idAt(run: number, offset: number): OpId {
    return opId(this.agentOf(run).replicaId, (this.runs.start[run] as number) + offset);
  }

  /** The characters of `run` from its `from`-th on, all that are shown. */
  textOf(run: number, from = 0, to: number = this.runs.visible[run] as number): string {
    const at = this.runs.textAt[run] as number;
    return from < to ? this.pool.slice(at + from, at + to) : '';
  }

  /** Is the place before the character `offset` of a visible `run` inside a surrogate pair? */
  splitsPair(run: number, offset: number): boolean {
    if (!this.runs.astral || offset <= 0 || offset >= (this.runs.visible[run] as number)) return false;
    return splitsPair(this.textOf(run, offset - 1, offset + 1), 1);
  }

  /** All that is shown. The pool holds nothing else then, in text order, and whoever asks next has it at once. */
  text(): string {
    const { blocks, pool } = this;
    const { visible, textAt } = this.runs;
    const { settled, end } = pool;
    if (end === settled.length && end === blocks.visible) return settled;
    const all = pool.slice(0, end);
    const parts: string[] = [];
    const runs = blocks.all();
    let at = 0;
    for (let i = 0; i < runs.length; i++) {
      const run = runs[i] as number;
      const length = visible[run] as number;
      if (length === 0) continue;
      const from = textAt[run] as number;
      parts.push(all.slice(from, from + length));
      textAt[run] = at;
      at += length;
    }
    pool.settle(parts.join(''));
    return pool.settled;
  }

  /** The text of `[from, to)`, both inside it. */
  slice(from: number, to: number): string {
    if (from >= to) return '';
    const { blocks } = this;
    let run = blocks.locate(from);
    let at = from - blocks.cursorStart;
    let text = '';
    for (let left = to - from; left > 0; run = blocks.nextOf(run)) {
      const part = this.textOf(run, at, Math.min(at + left, this.runs.visible[run] as number));
      text += part;
      left -= part.length;
      at = 0;
    }
    return text;
  }

  /** Makes room for `count` characters in the pool. */
  #makeRoom(count: number): void {
    const { blocks, pool } = this;
    // Not before as much is waste as there is to look at, or settling would be all that is done.
    if (pool.end > 2 * blocks.visible + this.runs.count) this.text();
    if (pool.end + count > pool.limit) pool.grow(count);
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
    parent: number,
    parentCounter: number,
    side: 'left' | 'right',
    length: number = text.length,
  ): number {
    const { runs, pool } = this;
    const { place } = agent;
    const chained = side === 'right' && runs.agent[parent] === place && parentCounter === start - 1;
    const shown = text.length === length;
    if (chained && shown && runs.end(parent) === start && this.appends(parent)) {
      this.append(parent, text);
      return parent;
    }
    let at = -1;
    if (shown) {
      if (pool.end + length > pool.limit) this.#makeRoom(length);
      at = pool.end;
      pool.push(text);
    }
    const parentAgent = runs.agent[parent] as number;
    const right = side === 'right';
    // Of the two pieces of a parent that is cut, its right children hang on the first and its left ones on the second.
    const offset = parentCounter - (runs.start[parent] as number) + (right ? 1 : 0);
    let on = parent;
    if (offset > 0 && offset < (runs.length[parent] as number)) {
      const piece = this.split(parent, offset);
      if (!right) on = piece;
    }
    const hang = chained ? CHAIN : right ? RIGHT : LEFT;
    const run = runs.add(place, start, length, at, hang, parentAgent, parentCounter);
    this.#place(on, right ? 1 : 0, run);
    agent.add(run);
    return run;
  }

  /** May text with the next id be added to `run` itself? */
  appends(run: number): boolean {
    const { runs } = this;
    const visible = runs.visible[run] as number;
    if (visible === 0 || runs.right[run] !== 0) return false;
    return visible < movedUnitsMax || (runs.textAt[run] as number) + visible === this.pool.end;
  }

  /** Adds to the end of a visible run that has no right children. */
  append(run: number, text: string): void {
    const { runs, pool } = this;
    const { length } = text;
    const visible = runs.visible[run] as number;
    if (pool.end + length > pool.limit) this.#makeRoom(length);
    if ((runs.textAt[run] as number) + visible !== pool.end) {
      const before = this.textOf(run);
      // What makes room may move them, too.
      if (pool.end + visible + length > pool.limit) this.#makeRoom(visible + length);
      runs.textAt[run] = pool.end;
      pool.push(before);
    }
    pool.push(text);
    runs.visible[run] = visible + length;
    runs.length[run] = visible + length;
    const agent = this.agents.list[runs.agent[run] as number] as Agent;
    const end = (runs.start[run] as number) + visible + length;
    if (end > agent.end) agent.end = end;
    this.blocks.addVisible(run, length);
  }

  /** Makes `run` a child of `parent`, on its right (`side` 1) or left (0). */
  #place(parent: number, side: 0 | 1, run: number): void {
    const { runs, blocks } = this;
    const column = side === 1 ? runs.right : runs.left;
    if (column[parent] === 0) {
      column[parent] = run;
      blocks.insert(parent, side, run, runs.visible[run] as number);
      return;
    }
    const { before, after } = runs.adopt(column, parent, run, this.agents);
    if (before !== 0) this.#insertBetween(before, after, run);
    else if (side === 1) blocks.insert(parent, 1, run, runs.visible[run] as number);
    else {
      let first = after;
      for (let left = runs.firstLeft(first); left !== 0; left = runs.firstLeft(first)) first = left;
      blocks.insert(first, 0, run, runs.visible[run] as number);
    }
  }

  /** Puts `run` behind the subtree of `before`, or just as well before that of `after` (0 for none): the shorter walk wins. */
  #insertBetween(before: number, after: number, run: number): void {
    const { runs, blocks } = this;
    const shown = runs.visible[run] as number;
    if (after === 0) {
      blocks.insert(this.lastOf(before), 1, run, shown);
      return;
    }
    let last = before;
    let first = after;
    for (;;) {
      const right = runs.lastRight(last);
      if (right === 0) {
        blocks.insert(last, 1, run, shown);
        return;
      }
      last = right;
      const left = runs.firstLeft(first);
      if (left === 0) {
        blocks.insert(first, 0, run, shown);
        return;
      }
      first = left;
    }
  }

  /** The last run of the subtree of `run` in text order. */
  lastOf(run: number): number {
    let last = run;
    for (let right = this.runs.lastRight(last); right !== 0; right = this.runs.lastRight(last)) last = right;
    return last;
  }

  /** Cuts `run` before its character `offset`, `0 < offset < length`; returns the second piece. */
  split(run: number, offset: number): number {
    const { runs } = this;
    const length = runs.length[run] as number;
    assert(offset > 0 && offset < length, 'a run is cut inside');
    const shown = (runs.visible[run] as number) > 0;
    const agent = runs.agent[run] as number;
    const textAt = shown ? (runs.textAt[run] as number) + offset : -1;
    const piece = runs.add(
      agent,
      (runs.start[run] as number) + offset,
      length - offset,
      textAt,
      CHAIN,
      agent,
      0,
    );
    runs.right[piece] = runs.right[run] as number;
    runs.right[run] = piece;
    runs.length[run] = offset;
    if (shown) runs.visible[run] = offset;
    this.blocks.insert(run, 1, piece, 0);
    (this.agents.list[agent] as Agent).add(piece);
    return piece;
  }

  /** Turns the visible characters `[offset, offset + length)` of `run` into tombstones. */
  delete(run: number, offset: number, length: number): void {
    const { runs, blocks } = this;
    const whole = runs.length[run] as number;
    if (offset > 0 && offset + length === whole && this.#giveToNext(run, length)) return;
    const from = offset > 0 ? this.split(run, offset) : run;
    if (offset + length < whole) this.split(from, length);
    runs.visible[from] = 0;
    blocks.addVisible(from, -length);
    const next = runs.right[from] as number;
    if (next > 0) this.#join(from, next);
    const previous = blocks.previousInBlock(from);
    if (previous >= 0) this.#join(previous, from);
  }

  /** Backspace: the tombstone that follows by id grows at its start, by the last `length` characters of `run`. */
  #giveToNext(run: number, length: number): boolean {
    const { runs } = this;
    const next = runs.right[run] as number;
    if (next <= 0 || (runs.visible[next] as number) > 0 || !runs.continues(run, next)) return false;
    runs.start[next] = (runs.start[next] as number) - length;
    runs.length[next] = (runs.length[next] as number) + length;
    const left = (runs.length[run] as number) - length;
    runs.length[run] = left;
    runs.visible[run] = left;
    this.blocks.addVisible(run, -length);
    return true;
  }

  /** Joins two runs when they are one chain of tombstones, and in one block: that is enough for what is only thrift. */
  #join(run: number, next: number): void {
    const { runs } = this;
    if (runs.block[run] !== runs.block[next]) return;
    if ((runs.visible[run] as number) > 0 || (runs.visible[next] as number) > 0 || !runs.continues(run, next))
      return;
    this.blocks.remove(next);
    this.agentOf(run).remove(next);
    runs.right[run] = runs.right[next] as number;
    runs.length[run] = (runs.length[run] as number) + (runs.length[next] as number);
    runs.free.push(next);
  }
}

/** The ids of the characters of `run`. */
export function idsOf(
  tree: RunTree,
  run: number,
): { readonly replicaId: ReplicaId; readonly start: number; readonly end: number } {
  return {
    replicaId: tree.agentOf(run).replicaId,
    start: tree.runs.start[run] as number,
    end: tree.runs.end(run),
  };
}
