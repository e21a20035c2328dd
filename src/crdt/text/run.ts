/**
 * The run: what the engine stores instead of characters (RGASplit, Briot et al. 2016).
 *
 * Fugue (Weidner and Kleppmann 2023) is a tree with one node a character; the text is its in-order walk: left
 * children, the character, right children, siblings by id. One object a character would cost a hundred bytes
 * each. But people type forwards, and then every character is the right child of the one before with the next
 * id. A run is such a chain, all of it visible or all of it tombstones.
 *
 * Where this departs from RGASplit: a run is a node of a **compressed Fugue tree**. Only its first character
 * may have left children and only its last may have right children; an insert anywhere else first splits the
 * run. So siblings live in two short sorted lists on the run, no origin of any character is kept except at
 * the head of a run, and a place among siblings is found by binary search instead of a scan.
 */
import type { Agent } from './agents.ts';
import type { Block } from './blocks.ts';

/** How a run's first character hangs on its parent. `chain`: right child of the id before it, so the parent need not be stored. */
export type Hang = 'left' | 'right' | 'chain';

export class Run {
  readonly agent: Agent;
  /** Counter of the first character. */
  start: number;
  /** Characters (UTF-16 units, ids), >= 1; 0 only after the run was merged away. */
  length: number;
  /** The characters, or '' for tombstones. */
  text: string;
  /** Characters that are shown: `length`, or 0 for tombstones. */
  visible: number;
  readonly hang: Hang;
  /** The parent of the first character; `undefined` for a chain and for the root itself. */
  readonly parentAgent: Agent | undefined;
  readonly parentCounter: number;
  block!: Block;
  /** Knows the children of a loaded run that nobody asked for yet (`frozen.ts`). */
  unlinked: { link(run: Run): void } | undefined = undefined;
  #left: Run[] | undefined = undefined;
  #right: Run[] | undefined = undefined;

  constructor(
    agent: Agent,
    start: number,
    length: number,
    text: string,
    hang: Hang,
    parentAgent: Agent | undefined,
    parentCounter: number,
  ) {
    this.agent = agent;
    this.start = start;
    this.length = length;
    this.text = text;
    this.visible = text.length;
    this.hang = hang;
    this.parentAgent = parentAgent;
    this.parentCounter = parentCounter;
  }

  /** Adds to the end of a visible run. */
  append(text: string): void {
    this.text += text;
    this.length += text.length;
    this.visible += text.length;
  }

  /** Forgets the last `count` characters of a visible run, fewer than all. */
  shorten(count: number): void {
    this.length -= count;
    this.visible = this.length;
    this.text = this.text.slice(0, this.length);
  }

  /** Forgets the first `count` characters of a visible run, fewer than all. */
  behead(count: number): void {
    this.start += count;
    this.length -= count;
    this.visible = this.length;
    this.text = this.text.slice(count);
  }

  /** Makes tombstones of its characters. */
  bury(): void {
    this.text = '';
    this.visible = 0;
  }

  /** Runs that hang left of the first character, by `compareIds`. */
  get left(): Run[] | undefined {
    if (this.unlinked !== undefined) this.#link();
    return this.#left;
  }
  set left(runs: Run[] | undefined) {
    if (this.unlinked !== undefined) this.#link();
    this.#left = runs;
  }

  /** Runs that hang right of the last character, by `compareIds`. */
  get right(): Run[] | undefined {
    if (this.unlinked !== undefined) this.#link();
    return this.#right;
  }
  set right(runs: Run[] | undefined) {
    if (this.unlinked !== undefined) this.#link();
    this.#right = runs;
  }

  #link(): void {
    const { unlinked } = this;
    this.unlinked = undefined;
    unlinked?.link(this);
  }

  /** Counter after the last character. */
  get end(): number {
    return this.start + this.length;
  }
}

/** The order of siblings: the stable replica id, then the counter. Never the order in which a replica met them. */
export function compareIds(a: Run, b: Run): number {
  if (a.agent === b.agent) return a.start - b.start;
  return a.agent.replicaId < b.agent.replicaId ? -1 : 1;
}

/** The last run of the subtree of `run` in text order. */
export function lastOf(run: Run): Run {
  let last = run;
  for (let right = last.right; right !== undefined; right = last.right) last = right[right.length - 1] as Run;
  return last;
}

/** The first run of the subtree of `run` in text order. */
export function firstOf(run: Run): Run {
  let first = run;
  for (let left = first.left; left !== undefined; left = first.left) first = left[0] as Run;
  return first;
}
