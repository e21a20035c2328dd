/**
 * A loaded state whose runs are still numbers. Making an object of every run, with its children, block and place in
 * the index, costs more than everything else about loading, and most documents are opened, read and edited in
 * two places. So runs are made when somebody comes near: a block's when it is first looked into, a chunk of the index's
 * likewise, a run's children when it is first asked for them. Nobody sees the difference: `Block`, `Chunk` and `Run` ask here
 * on their own, once.
 *
 * A run may be made, and changed, before its block is looked into (an operation names it). It is the same object then and
 * later, and whatever changes how much of a block is shown looks into the block first.
 */
import { Chunk } from './agents.ts';
import type { Agent } from './agents.ts';
import { Block } from './blocks.ts';
import { Run } from './run.ts';
import type { Hang } from './run.ts';
import { CHAIN, frozenBlockRuns, frozenChunkRuns, LEFT, VISIBLE } from './state-format.ts';
import type { Order, StateColumns } from './state-format.ts';

const hangs: readonly Hang[] = ['chain', 'right', 'left'];

export class FrozenState {
  readonly #columns: StateColumns;
  readonly #agents: readonly Agent[];
  readonly #root: Run;
  /** The runs made so far. */
  readonly #runs: (Run | undefined)[];
  readonly #blocks: Block[] = [];

  /** `root`: of the tree that the state becomes. */
  constructor(columns: StateColumns, agents: readonly Agent[], root: Run) {
    this.#columns = columns;
    this.#agents = agents;
    this.#root = root;
    this.#runs = new Array<Run | undefined>(columns.headers.length);
    root.unlinked = new FrozenRun(this, columns.headers.length);
  }

  /** All blocks, in text order. */
  blocks(): readonly Block[] {
    const { shownAt } = this.#columns;
    for (let index = 0; index < shownAt.length - 1; index++) {
      const block = new Block(undefined, new FrozenBlock(this, index));
      block.visible = (shownAt[index + 1] as number) - (shownAt[index] as number);
      this.#blocks.push(block);
    }
    return this.#blocks;
  }

  /** The index of replica `author`. */
  chunks(author: number): readonly Chunk[] {
    const { cuts } = this.#columns.orders[author] as Order;
    const chunks: Chunk[] = [];
    for (let at = 0; at < cuts.length; at += 2)
      chunks.push(
        new Chunk(undefined, new FrozenChunk(this, author, cuts[at] as number, cuts[at + 1] as number)),
      );
    return chunks;
  }

  textOf(index: number): string {
    const { shownAt, text } = this.#columns;
    return text.slice(shownAt[index], shownAt[index + 1]);
  }

  /** The runs of block `index`. */
  runsOf(index: number): Run[] {
    const { headers, lengths, shownAt } = this.#columns;
    const first = index * frozenBlockRuns;
    const runs: Run[] = [];
    let shown = shownAt[index] as number;
    for (let i = first; i < Math.min(headers.length, first + frozenBlockRuns); i++) {
      runs.push(this.#runs[i] ?? this.#make(i, shown));
      if ((headers[i] as number) & VISIBLE) shown += lengths[i] as number;
    }
    return runs;
  }

  run(i: number): Run {
    const made = this.#runs[i];
    if (made !== undefined) return made;
    const { headers, lengths, shownAt } = this.#columns;
    const block = Math.floor(i / frozenBlockRuns);
    let shown = shownAt[block] as number;
    for (let before = block * frozenBlockRuns; before < i; before++)
      if ((headers[before] as number) & VISIBLE) shown += lengths[before] as number;
    return this.#make(i, shown);
  }

  /** Counter at which run `i` starts now. */
  startOf(i: number): number {
    return this.#runs[i]?.start ?? (this.#columns.starts[i] as number);
  }

  /** The runs of a chunk that begins with run `first`, on the `head`-th of the author's heads. */
  chunkOf(author: number, head: number, first: number): Run[] {
    const { orders, pieces } = this.#columns;
    const { heads } = orders[author] as Order;
    const runs: Run[] = [];
    let at = head;
    let i = first;
    while (runs.length < frozenChunkRuns) {
      runs.push(this.run(i));
      i = pieces[i] as number;
      if (i > 0) continue;
      if (++at === heads.length) break;
      i = heads[at] as number;
    }
    return runs;
  }

  /** Gives `run`, the `i`-th, its children. */
  link(run: Run, i: number): void {
    const { lastLefts, lastRights } = this.#columns;
    run.left = this.#siblings(lastLefts[i] as number);
    run.right = this.#siblings(lastRights[i] as number);
  }

  #siblings(last: number): Run[] | undefined {
    if (last < 0) return undefined;
    const siblings: Run[] = [];
    for (let i = last; i >= 0; i = this.#columns.siblings[i] as number) siblings.push(this.run(i));
    return siblings.reverse();
  }

  /** `shown`: what is shown before run `i`. */
  #make(i: number, shown: number): Run {
    const { headers, authors, starts, lengths, parents, text } = this.#columns;
    const length = lengths[i] as number;
    const hang = this.#columns.hangs[i] as number;
    const parent = parents[i] as number;
    let parentAgent: Agent | undefined;
    let parentCounter = 0;
    if (hang !== CHAIN) {
      parentAgent = parent < 0 ? this.#root.agent : this.#agents[authors[parent] as number];
      if (parent >= 0) parentCounter = starts[parent] as number;
      if (parent >= 0 && hang !== LEFT) parentCounter += (lengths[parent] as number) - 1;
    }
    const run = new Run(
      this.#agents[authors[i] as number] as Agent,
      starts[i] as number,
      length,
      (headers[i] as number) & VISIBLE ? text.slice(shown, shown + length) : '',
      hangs[hang] as Hang,
      parentAgent,
      parentCounter,
    );
    run.block = this.#blocks[Math.floor(i / frozenBlockRuns)] as Block;
    run.unlinked = new FrozenRun(this, i);
    return (this.#runs[i] = run);
  }
}

class FrozenBlock {
  readonly #state: FrozenState;
  readonly #index: number;
  constructor(state: FrozenState, index: number) {
    this.#state = state;
    this.#index = index;
  }
  runs(): Run[] {
    return this.#state.runsOf(this.#index);
  }
  text(): string {
    return this.#state.textOf(this.#index);
  }
}

/** What a run that has no children yet knows of them. */
class FrozenRun {
  readonly #state: FrozenState;
  readonly #index: number;
  constructor(state: FrozenState, index: number) {
    this.#state = state;
    this.#index = index;
  }
  link(run: Run): void {
    this.#state.link(run, this.#index);
  }
}

class FrozenChunk {
  readonly #state: FrozenState;
  readonly #author: number;
  readonly #head: number;
  readonly #first: number;
  constructor(state: FrozenState, author: number, head: number, first: number) {
    this.#state = state;
    this.#author = author;
    this.#head = head;
    this.#first = first;
  }
  get start(): number {
    return this.#state.startOf(this.#first);
  }
  runs(): Run[] {
    return this.#state.chunkOf(this.#author, this.#head, this.#first);
  }
}
