/**
 * The runs in text order, found by position. A B-tree: blocks of runs at the bottom, branches above, each with
 * the visible length below it. A flat array of blocks is as fast until the document has some ten thousand runs
 * and then quadratic; a linked list with markers (Yjs) is slow at ten times the size.
 *
 * The cursor remembers one run and where it starts, and is looked at first: people edit where they edited
 * last. **Every** change of a visible length goes through `addVisible`, which also keeps the cursor true.
 * Blocks and branches count it only when somebody edits another block or asks: typing touches no tree.
 */
import { assert } from '../../base/assert.ts';
import type { Run } from './run.ts';

/** Tuned on automerge-paper; 32 to 64 are alike. */
const blockRunsMax = 48;
const branchChildrenMax = 32;
/** Loaded branches are two thirds full, as loaded blocks are: full ones would split at the first edit. */
const branchChildrenLoaded = 21;

export class Block {
  parent: Branch | undefined = undefined;
  next: Block | undefined = undefined;
  visible = 0;
  #runs: Run[] | undefined;
  readonly #frozen: FrozenBlock | undefined;

  constructor(runs: Run[] | undefined, frozen?: FrozenBlock) {
    this.#runs = runs;
    this.#frozen = frozen;
  }

  get runs(): Run[] {
    return this.#runs ?? this.thaw();
  }

  /** What it shows, if its runs are not even made yet. */
  get frozenText(): string | undefined {
    return this.#runs === undefined ? this.#frozen?.text() : undefined;
  }

  /** Makes its runs, if they are still to be made. */
  thaw(): Run[] {
    return (this.#runs ??= this.#frozen?.runs() ?? []);
  }
}

/** A loaded block that nobody has looked into yet (`frozen.ts`). */
interface FrozenBlock {
  runs(): Run[];
  text(): string;
}

class Branch {
  parent: Branch | undefined = undefined;
  visible = 0;
  children: Node[];
  constructor(children: Node[]) {
    this.children = children;
  }
}

type Node = Block | Branch;

export class Blocks {
  #root: Branch;
  readonly #first: Block;
  /** The run that was looked at last. Plain fields, set by `setCursor`: every edit reads them before anything else. */
  cursor: Run;
  /** Position at which `cursor` starts. */
  cursorStart = 0;
  /** This block and the branches above it lack `#uncounted` of the visible characters that are in its runs. */
  #typedIn: Block;
  #uncounted = 0;

  /** `root` stands before everything and is never visible. */
  constructor(root: Run) {
    this.#first = new Block([root]);
    root.block = this.#first;
    this.#root = new Branch([this.#first]);
    this.#first.parent = this.#root;
    this.cursor = root;
    this.#typedIn = this.#first;
  }

  /** Takes over `blocks`, in text order, behind the root and in place of nothing. */
  load(blocks: readonly Block[]): void {
    assert(this.#first.runs.length === 1 && this.#first.next === undefined, 'blocks are loaded when empty');
    let last = this.#first;
    for (const block of blocks) last = last.next = block;
    let nodes: Node[] = [this.#first, ...blocks];
    while (nodes.length > 1 || nodes[0] === this.#first) {
      const branches: Branch[] = [];
      for (let at = 0; at < nodes.length; at += branchChildrenLoaded) {
        const branch = new Branch(nodes.slice(at, at + branchChildrenLoaded));
        for (const child of branch.children) {
          child.parent = branch;
          branch.visible += child.visible;
        }
        branches.push(branch);
      }
      nodes = branches;
    }
    this.#root = nodes[0] as Branch;
  }

  get visible(): number {
    return this.#root.visible + this.#uncounted;
  }

  /** The run that shows the character at `index`, `0 <= index < visible`; `cursorStart` is then where it starts. */
  locate(index: number): Run {
    const offset = index - this.cursorStart;
    if (offset >= 0 && offset < this.cursor.visible) return this.cursor;
    this.#count();
    let left = index;
    let node: Node = this.#root;
    while (node instanceof Branch) {
      const children: Node[] = node.children;
      let at = 0;
      let child = children[0] as Node;
      while (left >= child.visible) {
        left -= child.visible;
        child = children[++at] as Node;
      }
      node = child;
    }
    const runs = node.runs;
    let at = 0;
    let run = runs[0] as Run;
    while (left >= run.visible) {
      left -= run.visible;
      run = runs[++at] as Run;
    }
    this.setCursor(run, index - left);
    return run;
  }

  /** Says that `run` starts at position `start`. */
  setCursor(run: Run, start: number): void {
    this.cursor = run;
    this.cursorStart = start;
  }

  /** The position at which `run` starts, or would. */
  startOf(run: Run): number {
    if (run === this.cursor) return this.cursorStart;
    this.#count();
    let start = 0;
    const { runs } = run.block;
    for (let i = 0; runs[i] !== run; i++) start += (runs[i] as Run).visible;
    let node: Node = run.block;
    for (let branch = node.parent; branch !== undefined; branch = node.parent) {
      const { children } = branch;
      for (let i = 0; children[i] !== node; i++) start += (children[i] as Node).visible;
      node = branch;
    }
    this.setCursor(run, start);
    return start;
  }

  nextOf(run: Run): Run | undefined {
    const block = run.block;
    return block.runs[block.runs.indexOf(run) + 1] ?? block.next?.runs[0];
  }

  /** The run before `run`, whatever block it is in. */
  previousOf(run: Run): Run | undefined {
    const inBlock = this.previousInBlock(run);
    if (inBlock !== undefined) return inBlock;
    let node: Node = run.block;
    while (node.parent?.children[0] === node) node = node.parent;
    let before: Node | undefined = node.parent?.children[node.parent.children.indexOf(node) - 1];
    while (before instanceof Branch) before = before.children[before.children.length - 1];
    return before?.runs[before.runs.length - 1];
  }

  /** Which of two runs comes first in the text: < 0 when `a` does. */
  compare(a: Run, b: Run): number {
    if (a.block === b.block) return a.block.runs.indexOf(a) - a.block.runs.indexOf(b);
    let nodeA: Node = a.block;
    let nodeB: Node = b.block;
    // All blocks are equally deep.
    while (nodeA.parent !== undefined && nodeB.parent !== undefined && nodeA.parent !== nodeB.parent) {
      nodeA = nodeA.parent;
      nodeB = nodeB.parent;
    }
    const children = nodeA.parent?.children ?? [];
    return children.indexOf(nodeA) - children.indexOf(nodeB);
  }

  /** The run before `run` when both are in one block: enough for merging, which is only thrift. */
  previousInBlock(run: Run): Run | undefined {
    const { runs } = run.block;
    const at = runs.indexOf(run);
    return at === 0 ? undefined : runs[at - 1];
  }

  nextInBlock(run: Run): Run | undefined {
    return run.block.runs[run.block.runs.indexOf(run) + 1];
  }

  /** Puts `run`, with a visible length nothing counts yet, just after `anchor`. */
  insertAfter(anchor: Run, run: Run): void {
    this.#insert(anchor.block, anchor.block.runs.indexOf(anchor) + 1, run, run.visible);
  }

  insertBefore(anchor: Run, run: Run): void {
    this.#insert(anchor.block, anchor.block.runs.indexOf(anchor), run, run.visible);
  }

  /** Puts `piece`, just cut off the end of `run`, after it: no visible length changes. */
  insertPiece(run: Run, piece: Run): void {
    this.#insert(run.block, run.block.runs.indexOf(run) + 1, piece, 0);
  }

  /** Takes out `run`, whose characters `into`, just before it in the same block, is about to take over. */
  removeMerged(run: Run, into: Run): void {
    const runs = run.block.runs;
    runs.splice(runs.indexOf(run), 1);
    if (this.cursor === run) this.setCursor(into, this.cursorStart - into.visible);
  }

  /** The visible length of `run` has changed by `delta`. The cursor stays true only if it is on `run`. */
  addVisible(run: Run, delta: number): void {
    if (delta === 0) return;
    if (run !== this.cursor) this.setCursor(this.#first.runs[0] as Run, 0);
    if (run.block !== this.#typedIn) this.#typeIn(run.block);
    this.#uncounted += delta;
  }

  #typeIn(block: Block): void {
    this.#count();
    // The text of a block that nobody looked into is that of its state.
    block.thaw();
    this.#typedIn = block;
  }

  /** Brings blocks and branches up to date. */
  #count(): void {
    const uncounted = this.#uncounted;
    if (uncounted === 0) return;
    this.#uncounted = 0;
    this.#typedIn.visible += uncounted;
    for (let branch = this.#typedIn.parent; branch !== undefined; branch = branch.parent)
      branch.visible += uncounted;
  }

  /** All runs in text order, the root first. */
  *all(): IterableIterator<Run> {
    for (let block: Block | undefined = this.#first; block !== undefined; block = block.next)
      yield* block.runs;
  }

  text(): string {
    this.#count();
    const parts: string[] = [];
    for (let block: Block | undefined = this.#first; block !== undefined; block = block.next) {
      const { frozenText } = block;
      if (frozenText !== undefined) parts.push(frozenText);
      else if (block.visible > 0) for (const run of block.runs) if (run.visible > 0) parts.push(run.text);
    }
    return parts.join('');
  }

  /** The text of `[from, to)`, both inside it. */
  slice(from: number, to: number): string {
    if (from >= to) return '';
    let run: Run | undefined = this.locate(from);
    let at = from - this.cursorStart;
    let left = to - from;
    let text = '';
    while (left > 0 && run !== undefined) {
      const part = run.text.slice(at, at + left);
      text += part;
      left -= part.length;
      at = 0;
      run = this.nextOf(run);
    }
    return text;
  }

  #insert(block: Block, at: number, run: Run, uncounted: number): void {
    const runs = block.runs;
    run.block = block;
    if (at === runs.length) runs.push(run);
    else runs.splice(at, 0, run);
    this.addVisible(run, uncounted);
    if (runs.length <= blockRunsMax) return;
    this.#count();
    const moved = runs.splice(runs.length >> 1);
    const half = new Block(moved);
    half.next = block.next;
    block.next = half;
    let visible = 0;
    for (let i = 0; i < moved.length; i++) {
      const run = moved[i] as Run;
      run.block = half;
      visible += run.visible;
    }
    half.visible = visible;
    block.visible -= visible;
    this.#insertNode(block, half);
  }

  /**
   * Puts `node`, cut off the end of its sibling `after`, behind it, splitting branches upwards as they fill. All
   * branches must be up to date.
   */
  #insertNode(after: Node, node: Node): void {
    const branch = after.parent;
    if (branch === undefined) {
      this.#root = new Branch([after, node]);
      this.#root.visible = after.visible + node.visible;
      after.parent = this.#root;
      node.parent = this.#root;
      return;
    }
    const children = branch.children;
    children.splice(children.indexOf(after) + 1, 0, node);
    node.parent = branch;
    if (children.length <= branchChildrenMax) return;
    const half = new Branch(children.splice(children.length >> 1));
    for (const child of half.children) {
      child.parent = half;
      half.visible += child.visible;
    }
    branch.visible -= half.visible;
    this.#insertNode(branch, half);
  }
}
