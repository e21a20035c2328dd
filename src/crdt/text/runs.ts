/**
 * The runs: what the engine stores instead of characters (RGASplit, Briot et al. 2016).
 *
 * Fugue (Weidner and Kleppmann 2023) is a tree with one node a character; the text is its in-order walk: left
 * children, the character, right children, siblings by id. One object a character would cost a hundred bytes
 * each. But people type forwards, and then every character is the right child of the one before with the next
 * id. A run is such a chain, all of it visible or all of it tombstones.
 *
 * Where this departs from RGASplit: a run is a node of a **compressed Fugue tree**. Only its first character
 * may have left children and only its last may have right children; an insert anywhere else first splits the
 * run. So siblings live in two short sorted lists of the run, no origin of any character is kept except at
 * the head of a run, and a place among siblings is found by binary search instead of a scan.
 *
 * A run is a number, and what is known of it stands in columns. An object a run, with its lists and its text, was 220
 * bytes that the collector had to carry about; forty bytes of numbers it never looks at. Loading hands over columns as they
 * were read (`state-columns.ts`).
 */
import type { Agents } from './agents.ts';

/** How a run's first character hangs on its parent. `CHAIN`: right child of the id before it, so the parent need not be stored. */
export const CHAIN = 0;
export const RIGHT = 1;
export const LEFT = 2;

/** Never a child, and so also what stands for "no run" among children. A tombstone of nobody (agent 0) before everything. */
export const ROOT = 0;

const runsAtFirst = 16;
const columns = ['agent', 'visible', 'textAt', 'hang', 'parentAgent', 'block', 'left', 'right'] as const;

export class Runs {
  /** Runs that were made, with those that were merged away since. */
  count = 0;
  /** Are there surrogate pairs? Most texts have none, and then nobody need look for them. */
  astral = false;
  /** Place of the author among the agents. */
  agent: Int32Array;
  /** Counter of the first character. Counters are no 32-bit numbers, so these are no typed arrays. */
  readonly start: number[] = [];
  /** Characters (UTF-16 units, ids), >= 1. */
  readonly length: number[] = [];
  /** Characters that are shown: `length`, or 0 for tombstones. */
  visible: Int32Array;
  /** Where the characters of a visible run are in the pool. */
  textAt: Int32Array;
  hang: Int32Array;
  /** The parent of the first character, by agent and counter; of no meaning for a chain. */
  parentAgent: Int32Array;
  readonly parentCounter: number[] = [];
  block: Int32Array;
  /** The only child on a side, 0 when there is none; `-n` when there are more, in `#families[n]`. */
  left: Int32Array;
  right: Int32Array;
  /** Children of one run and side, two or more, by `compare`. */
  readonly families: number[][] = [[]];
  /** Numbers of runs that were merged away: they are given out again. */
  readonly free: number[] = [];

  /** With room for `capacity` runs. */
  constructor(capacity = runsAtFirst) {
    this.agent = new Int32Array(capacity);
    this.visible = new Int32Array(capacity);
    this.textAt = new Int32Array(capacity);
    this.hang = new Int32Array(capacity);
    this.parentAgent = new Int32Array(capacity);
    this.block = new Int32Array(capacity);
    this.left = new Int32Array(capacity);
    this.right = new Int32Array(capacity);
  }

  /** `textAt` -1: tombstones. */
  add(
    agent: number,
    start: number,
    length: number,
    textAt: number,
    hang: number,
    parentAgent: number,
    parentCounter: number,
  ): number {
    const run = this.free.pop() ?? this.count++;
    if (run === this.agent.length) this.#grow();
    this.agent[run] = agent;
    this.start[run] = start;
    this.length[run] = length;
    this.visible[run] = textAt < 0 ? 0 : length;
    this.textAt[run] = textAt;
    this.hang[run] = hang;
    this.parentAgent[run] = parentAgent;
    this.parentCounter[run] = parentCounter;
    this.left[run] = 0;
    this.right[run] = 0;
    return run;
  }

  #grow(): void {
    for (const column of columns) {
      const larger = new Int32Array(2 * this[column].length);
      larger.set(this[column]);
      this[column] = larger;
    }
  }

  /** Counter after the last character. */
  end(run: number): number {
    return (this.start[run] as number) + (this.length[run] as number);
  }

  /** The children of one side, as its column has them, in order. */
  children(column: number): readonly number[] {
    if (column < 0) return this.families[-column] as number[];
    return column === 0 ? [] : [column];
  }

  /** Makes `run` one more child of `parent` on the side of `column`, where it has some. Returns the siblings next to it, 0 for none. */
  adopt(
    column: Int32Array,
    parent: number,
    run: number,
    agents: Agents,
  ): { readonly before: number; readonly after: number } {
    const known = column[parent] as number;
    if (known > 0) column[parent] = this.columnOf([known]);
    const family = this.families[-(column[parent] as number)] as number[];
    let low = 0;
    let high = family.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.compare(family[middle] as number, run, agents) < 0) low = middle + 1;
      else high = middle;
    }
    family.splice(low, 0, run);
    return { before: family[low - 1] ?? 0, after: family[low + 1] ?? 0 };
  }

  /** Keeps `family`, of two or more, or soon to be; returns what the column of its parent says then. */
  columnOf(family: number[]): number {
    return -(this.families.push(family) - 1);
  }

  /** The order of siblings: the stable replica id, then the counter. Never the order in which a replica met them. */
  compare(a: number, b: number, agents: Agents): number {
    const agentA = this.agent[a] as number;
    const agentB = this.agent[b] as number;
    if (agentA === agentB) return (this.start[a] as number) - (this.start[b] as number);
    return agents.at(agentA).replicaId < agents.at(agentB).replicaId ? -1 : 1;
  }

  /** The first child on the left, or 0. */
  firstLeft(run: number): number {
    const left = this.left[run] as number;
    return left < 0 ? ((this.families[-left] as number[])[0] as number) : left;
  }

  /** The last child on the right, or 0. */
  lastRight(run: number): number {
    const right = this.right[run] as number;
    if (right >= 0) return right;
    const family = this.families[-right] as number[];
    return family[family.length - 1] as number;
  }

  /** Is `next` nothing but the rest of `run`: chained to it, its only right child, without left children? */
  continues(run: number, next: number): boolean {
    return this.right[run] === next && this.hang[next] === CHAIN && this.left[next] === 0;
  }
}
