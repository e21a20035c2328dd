/**
 * The runs in text order, found by position. A B-tree: blocks of runs at the bottom, branches above, each with
 * the visible length below it. A flat array of blocks is as fast until the document has some ten thousand runs
 * and then quadratic; a linked list with markers (Yjs) is slow at ten times the size. Blocks and branches are numbers, as
 * runs are, and what is in them stands in one array, so many places for each.
 *
 * The cursor remembers one run and where it starts, and is looked at first: people edit where they edited
 * last. **Every** change of a visible length goes through `addVisible`, which also keeps the cursor true.
 * Blocks and branches count it only when somebody edits another block or asks: typing touches no tree.
 */
import { ROOT } from './runs.ts';
import type { Runs } from './runs.ts';

/** Places of a node; when the last one is taken the node is split. Tuned on automerge-paper; 32 to 64 are alike. */
const places = 48;
/** Children of loaded nodes: full ones would split at the first edit. */
export const loadedChildren = 32;

/** The first block, and in an empty text the whole tree. */
const FIRST = 0;

export class Blocks {
  readonly #runs: Runs;
  /** Children of node `n`, in order, from `n * places` on: of a block its runs, of a branch blocks or branches. */
  #children = new Int32Array(places);
  /** By node: how many children it has, */
  readonly #counts: number[] = [];
  /** the characters shown below it, */
  readonly #shown: number[] = [];
  /** the branch it is in, -1 for the root, */
  readonly #parents: number[] = [];
  /** and the next one of its level, -1 for the last. */
  readonly #next: number[] = [];
  #root = FIRST;
  /** Levels of branches. All blocks are equally deep. */
  #depth = 0;
  /** The run that was looked at last. Plain fields, set by `setCursor`: every edit reads them before anything else. */
  cursor = ROOT;
  /** Position at which `cursor` starts. */
  cursorStart = 0;
  /** Where a run was found last: it is often asked for again at once. */
  #found = 0;
  /** This block and the branches above it lack `#uncounted` of the visible characters that are in its runs. */
  #typedIn = FIRST;
  #uncounted = 0;

  /** The root of `runs` stands before everything and is never visible. */
  constructor(runs: Runs) {
    this.#runs = runs;
    this.#newNode();
    this.#counts[FIRST] = 1;
  }

  /** Takes over all of `runs`, which stand in text order, in place of nothing. */
  load(): void {
    const { count, visible, block } = this.#runs;
    for (let run = 0; run < count;) {
      const node = run === 0 ? FIRST : this.#newNode();
      const end = Math.min(count, run + loadedChildren);
      let shown = 0;
      this.#counts[node] = end - run;
      for (let at = node * places; run < end; at++) {
        this.#children[at] = run;
        block[run] = node;
        shown += visible[run++] as number;
      }
      this.#shown[node] = shown;
      if (node > 0) this.#next[node - 1] = node;
    }
    let nodes = this.#counts.length;
    for (let first = 0; nodes > 1; this.#depth++) {
      const last = first + nodes;
      nodes = 0;
      for (let child = first; child < last; nodes++) {
        const branch = this.#newNode();
        if (nodes > 0) this.#next[branch - 1] = branch;
        for (const end = Math.min(last, child + loadedChildren); child < end; child++)
          this.#push(branch, child);
      }
      first = last;
    }
    this.#root = this.#counts.length - 1;
  }

  get visible(): number {
    return (this.#shown[this.#root] as number) + this.#uncounted;
  }

  /** The run that shows the character at `index`, `0 <= index < visible`; `cursorStart` is then where it starts. */
  locate(index: number): number {
    const { visible } = this.#runs;
    const offset = index - this.cursorStart;
    if (offset >= 0 && offset < (visible[this.cursor] as number)) return this.cursor;
    if (this.#uncounted !== 0) this.#count();
    const children = this.#children;
    const shown = this.#shown;
    let left = index;
    let at = this.#root * places;
    for (let level = this.#depth; level > 0; level--) {
      let child = children[at] as number;
      for (let size = shown[child] as number; left >= size; size = shown[child] as number) {
        left -= size;
        child = children[++at] as number;
      }
      at = child * places;
    }
    let run = children[at] as number;
    for (let size = visible[run] as number; left >= size; size = visible[run] as number) {
      left -= size;
      run = children[++at] as number;
    }
    this.#found = at;
    this.cursor = run;
    this.cursorStart = index - left;
    return run;
  }

  /** Says that `run` starts at position `start`. */
  setCursor(run: number, start: number): void {
    this.cursor = run;
    this.cursorStart = start;
  }

  /** The position at which `run` starts, or would. */
  startOf(run: number): number {
    if (run === this.cursor) return this.cursorStart;
    if (this.#uncounted !== 0) this.#count();
    const { visible, block } = this.#runs;
    const children = this.#children;
    const shown = this.#shown;
    let node = block[run] as number;
    let start = 0;
    let at = node * places;
    for (let other = children[at] as number; other !== run; other = children[++at] as number)
      start += visible[other] as number;
    this.#found = at;
    for (let branch = this.#parents[node] as number; branch >= 0; branch = this.#parents[node] as number) {
      at = branch * places;
      for (let other = children[at] as number; other !== node; other = children[++at] as number)
        start += shown[other] as number;
      node = branch;
    }
    this.setCursor(run, start);
    return start;
  }

  /** The run after `run`, or -1. */
  nextOf(run: number): number {
    const block = this.#runs.block[run] as number;
    const at = this.#placeOf(run) + 1;
    if (at < block * places + (this.#counts[block] as number)) return this.#children[at] as number;
    const next = this.#next[block] as number;
    return next < 0 ? -1 : (this.#children[next * places] as number);
  }

  /** The run before `run`, whatever block it is in; -1 before the root. */
  previousOf(run: number): number {
    const inBlock = this.previousInBlock(run);
    if (inBlock >= 0) return inBlock;
    let node = this.#runs.block[run] as number;
    let levels = 0;
    for (; ; levels++) {
      const branch = this.#parents[node] as number;
      if (branch < 0) return -1;
      const at = this.#children.indexOf(node, branch * places);
      node = branch;
      if (at === branch * places) continue;
      node = this.#children[at - 1] as number;
      break;
    }
    for (; levels >= 0; levels--)
      node = this.#children[node * places + (this.#counts[node] as number) - 1] as number;
    return node;
  }

  /** Which of two runs comes first in the text: < 0 when `a` does. */
  compare(a: number, b: number): number {
    const { block } = this.#runs;
    const children = this.#children;
    let nodeA = block[a] as number;
    let nodeB = block[b] as number;
    if (nodeA === nodeB) return children.indexOf(a, nodeA * places) - children.indexOf(b, nodeB * places);
    while (this.#parents[nodeA] !== this.#parents[nodeB]) {
      nodeA = this.#parents[nodeA] as number;
      nodeB = this.#parents[nodeB] as number;
    }
    const from = (this.#parents[nodeA] as number) * places;
    return children.indexOf(nodeA, from) - children.indexOf(nodeB, from);
  }

  /** The run before `run` when both are in one block, or -1. */
  previousInBlock(run: number): number {
    const at = this.#placeOf(run);
    return at === (this.#runs.block[run] as number) * places ? -1 : (this.#children[at - 1] as number);
  }

  /**
   * Puts `run` just behind `anchor` (`offset` 1) or before it (0). `uncounted`: its visible length, which nothing counts yet; 0 when
   * it was just cut off the end of `anchor`.
   */
  insert(anchor: number, offset: 0 | 1, run: number, uncounted: number): void {
    const { block } = this.#runs;
    const node = block[anchor] as number;
    const at = this.#placeOf(anchor) + offset;
    block[run] = node;
    if (uncounted > 0) this.addVisible(run, uncounted);
    this.#found = at;
    this.#insertChild(node, at, run, 0);
  }

  /** Takes out `run`, which shows nothing. */
  remove(run: number): void {
    const block = this.#runs.block[run] as number;
    const at = this.#placeOf(run);
    const count = (this.#counts[block] as number) - 1;
    this.#children.copyWithin(at, at + 1, block * places + count + 1);
    this.#counts[block] = count;
    if (this.cursor === run) this.setCursor(ROOT, 0);
  }

  /** The visible length of `run` has changed by `delta`. The cursor stays true only if it is on `run`. */
  addVisible(run: number, delta: number): void {
    if (delta === 0) return;
    if (run !== this.cursor) this.setCursor(ROOT, 0);
    const block = this.#runs.block[run] as number;
    if (block !== this.#typedIn) {
      if (this.#uncounted !== 0) this.#count();
      this.#typedIn = block;
    }
    this.#uncounted += delta;
  }

  /** Brings blocks and branches up to date. */
  #count(): void {
    const uncounted = this.#uncounted;
    if (uncounted === 0) return;
    this.#uncounted = 0;
    const shown = this.#shown;
    for (let node = this.#typedIn; node >= 0; node = this.#parents[node] as number)
      shown[node] = (shown[node] as number) + uncounted;
  }

  /** All runs in text order, the root first. */
  all(): readonly number[] {
    const runs: number[] = [];
    for (let block = FIRST; block >= 0; block = this.#next[block] as number) {
      const from = block * places;
      const end = from + (this.#counts[block] as number);
      for (let at = from; at < end; at++) runs.push(this.#children[at] as number);
    }
    return runs;
  }

  /** Where `run` is among all children. */
  #placeOf(run: number): number {
    const children = this.#children;
    const block = this.#runs.block[run] as number;
    let at = block * places;
    const found = this.#found;
    // Behind the children of a node may be some that were moved away.
    if (children[found] === run && found >= at && found < at + (this.#counts[block] as number)) return found;
    while (children[at] !== run) at++;
    return (this.#found = at);
  }

  /** Puts `child` at the place `at` of `node`, `level` levels above the blocks, and splits what is full then. */
  #insertChild(node: number, at: number, child: number, level: number): void {
    const count = this.#counts[node] as number;
    this.#children.copyWithin(at + 1, at, node * places + count);
    this.#children[at] = child;
    this.#counts[node] = count + 1;
    if (count + 1 === places) this.#split(node, level);
  }

  #split(node: number, level: number): void {
    this.#count();
    const half = this.#newNode();
    const children = this.#children;
    const from = node * places;
    const kept = places >> 1;
    const counts = level === 0 ? this.#runs.visible : this.#shown;
    const homes = level === 0 ? this.#runs.block : this.#parents;
    let shown = 0;
    for (let i = 0; i < places - kept; i++) {
      const child = children[from + kept + i] as number;
      children[half * places + i] = child;
      homes[child] = half;
      shown += counts[child] as number;
    }
    this.#counts[node] = kept;
    this.#counts[half] = places - kept;
    this.#shown[half] = shown;
    this.#shown[node] = (this.#shown[node] as number) - shown;
    this.#next[half] = this.#next[node] as number;
    this.#next[node] = half;
    const branch = this.#parents[node] as number;
    if (branch < 0) {
      this.#root = this.#newNode();
      this.#depth++;
      this.#push(this.#root, node);
      this.#push(this.#root, half);
      return;
    }
    this.#parents[half] = branch;
    let at = branch * places;
    while (this.#children[at] !== node) at++;
    this.#insertChild(branch, at + 1, half, level + 1);
  }

  #newNode(): number {
    const node = this.#counts.length;
    if ((node + 1) * places > this.#children.length) {
      const larger = new Int32Array(2 * this.#children.length);
      larger.set(this.#children);
      this.#children = larger;
    }
    this.#counts.push(0);
    this.#shown.push(0);
    this.#parents.push(-1);
    this.#next.push(-1);
    return node;
  }

  /** Puts `child` at the end of `branch`, which is not full. */
  #push(branch: number, child: number): void {
    const count = this.#counts[branch] as number;
    this.#children[branch * places + count] = child;
    this.#counts[branch] = count + 1;
    this.#shown[branch] = (this.#shown[branch] as number) + (this.#shown[child] as number);
    this.#parents[child] = branch;
  }
}
