/**
 * From ids to runs. Each replica that ever wrote here is interned once as an `Agent`; its runs are kept sorted
 * by counter in chunks, so that one split costs a short copy instead of one of the whole index. Most look-ups
 * hit the run of the look-up before or the last chunk.
 */
import { assert } from '../../base/assert.ts';
import type { ReplicaId } from '../../base/ids.ts';
import { ROOT } from './runs.ts';
import type { Runs } from './runs.ts';

/** Tuned on automerge-paper: 64 to 256 are alike, above that splices show. */
const chunkRunsMax = 128;

const noPairs: ReadonlySet<number> = new Set<number>();

export class Agent {
  readonly replicaId: ReplicaId;
  /** Among the agents. */
  readonly place: number;
  readonly #runs: Runs;
  #pairs: Set<number> | undefined = undefined;
  /** Runs that follow each other by counter, in chunks. */
  #chunks: number[][] = [[]];
  #hit = ROOT;
  /** Counter after the highest one known. A plain field: every local edit reads it. */
  end = 0;

  constructor(replicaId: ReplicaId, place: number, runs: Runs) {
    this.replicaId = replicaId;
    this.place = place;
    this.#runs = runs;
  }

  /**
   * Counters of the high halves of surrogate pairs, tombstones included: whether an operation would cut a pair
   * must not depend on whether this replica has already dropped the text.
   */
  get pairs(): ReadonlySet<number> {
    return this.#pairs ?? noPairs;
  }

  addPair(counter: number): void {
    (this.#pairs ??= new Set<number>()).add(counter);
  }

  /** Characters up to `end` are known now. */
  reach(end: number): void {
    if (end > this.end) this.end = end;
  }

  /** The run that holds `counter`; -1 when it is not known. */
  find(counter: number): number {
    const { start, length } = this.#runs;
    const hit = this.#hit;
    let from = start[hit] as number;
    if (hit !== ROOT && counter >= from && counter < from + (length[hit] as number)) return hit;
    const run = this.#floor(counter);
    if (run < 0) return -1;
    from = start[run] as number;
    if (counter >= from + (length[run] as number)) return -1;
    return (this.#hit = run);
  }

  /** Counter after the run that holds `counter`; 0 when it is not known. */
  endAt(counter: number): number {
    const run = this.find(counter);
    return run < 0 ? 0 : this.#runs.end(run);
  }

  /** Is any counter of `[start, end)` known? */
  knowsAny(start: number, end: number): boolean {
    const run = this.#floor(end - 1);
    return run >= 0 && this.#runs.end(run) > start;
  }

  add(run: number): void {
    this.reach(this.#runs.end(run));
    const start = this.#runs.start[run] as number;
    const at = this.#chunkOf(start);
    const chunk = this.#chunks[at] as number[];
    const slot = this.#slotOf(chunk, start) + 1;
    if (slot === chunk.length) chunk.push(run);
    else chunk.splice(slot, 0, run);
    if (chunk.length <= chunkRunsMax) return;
    // The last chunk grows at its end: leave it nearly full, or every chunk would stay half empty.
    const last = at === this.#chunks.length - 1 && slot === chunk.length - 1;
    this.#chunks.splice(at + 1, 0, chunk.splice(last ? chunkRunsMax : chunkRunsMax >> 1));
  }

  /** Takes over `chunks`, by counter, in place of nothing. `end`: as the field. */
  load(chunks: number[][], end: number): void {
    assert(this.end === 0, 'an index is loaded when empty');
    this.#chunks = chunks;
    this.end = end;
  }

  /** Takes out a run that was merged into another; its `start` must still be its own. */
  remove(run: number): void {
    const start = this.#runs.start[run] as number;
    const at = this.#chunkOf(start);
    const chunk = this.#chunks[at] as number[];
    chunk.splice(this.#slotOf(chunk, start), 1);
    if (chunk.length === 0 && this.#chunks.length > 1) this.#chunks.splice(at, 1);
    if (this.#hit === run) this.#hit = ROOT;
  }

  /** All runs by counter. */
  runs(): readonly number[] {
    return this.#chunks.flat();
  }

  /** The last run that starts at or before `counter`, or -1. */
  #floor(counter: number): number {
    const chunk = this.#chunks[this.#chunkOf(counter)] as number[];
    const slot = this.#slotOf(chunk, counter);
    // An index of -1 is a property name to V8, and a slow look-up.
    return slot < 0 ? -1 : (chunk[slot] as number);
  }

  #chunkOf(counter: number): number {
    const { start } = this.#runs;
    const chunks = this.#chunks;
    let low = chunks.length - 1;
    if (low === 0 || (start[(chunks[low] as [number])[0]] as number) <= counter) return low;
    let high = low;
    low = 0;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((start[(chunks[middle] as [number])[0]] as number) <= counter) low = middle;
      else high = middle;
    }
    return low;
  }

  /** Index of the last run of `chunk` that starts at or before `counter`, or -1. */
  #slotOf(chunk: readonly number[], counter: number): number {
    const { start } = this.#runs;
    let low = -1;
    let high = chunk.length;
    if (high > 0 && (start[chunk[high - 1] as number] as number) <= counter) return high - 1;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((start[chunk[middle] as number] as number) <= counter) low = middle;
      else high = middle;
    }
    return low;
  }
}

/** The replicas met so far, each interned once. */
export class Agents {
  readonly runs: Runs;
  readonly #byId = new Map<ReplicaId, Agent>();
  /** By place. The first is nobody: the root's, whose replica id is empty. */
  readonly #list: Agent[];
  #last: Agent | undefined = undefined;

  constructor(runs: Runs) {
    this.runs = runs;
    this.#list = [new Agent('' as ReplicaId, 0, runs)];
  }

  at(place: number): Agent {
    return this.#list[place] as Agent;
  }

  get(replicaId: ReplicaId): Agent | undefined {
    // Ids mostly come from the same replica as the one before; a reference to the same string compares at once.
    if (this.#last?.replicaId === replicaId) return this.#last;
    const agent = this.#byId.get(replicaId);
    if (agent !== undefined) this.#last = agent;
    return agent;
  }

  intern(replicaId: ReplicaId): Agent {
    const known = this.get(replicaId);
    if (known !== undefined) return known;
    const agent = new Agent(replicaId, this.#list.length, this.runs);
    this.#list.push(agent);
    this.#byId.set(replicaId, agent);
    this.#last = agent;
    return agent;
  }

  all(): Iterable<Agent> {
    return this.#byId.values();
  }
}
