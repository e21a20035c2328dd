/**
 * From ids to runs. Each replica that ever wrote here is interned once as an `Agent`; its runs are kept sorted
 * by counter in chunks, so that one split costs a short copy instead of one of the whole index. Most look-ups
 * hit the run of the look-up before or the last chunk.
 */
import { assert } from '../../base/assert.ts';
import type { ReplicaId } from '../../base/ids.ts';
import type { Run } from './run.ts';

/** Tuned on automerge-paper: 64 to 256 are alike, above that splices show. */
const chunkRunsMax = 128;

/** Runs that follow each other by counter. */
export class Chunk {
  #runs: Run[] | undefined;
  #frozen: FrozenChunk | undefined;

  constructor(runs: Run[] | undefined, frozen?: FrozenChunk) {
    this.#runs = runs;
    this.#frozen = frozen;
  }

  get runs(): Run[] {
    return this.#runs ?? this.#thaw();
  }

  /** Counter at which the first one starts; there must be one. */
  get start(): number {
    return this.#frozen?.start ?? (this.runs as [Run])[0].start;
  }

  #thaw(): Run[] {
    const runs = this.#frozen?.runs() ?? [];
    this.#frozen = undefined;
    return (this.#runs = runs);
  }
}

/** A chunk of a loaded index that nobody has looked into yet (`frozen.ts`). */
interface FrozenChunk {
  readonly start: number;
  runs(): Run[];
}

export class Agent {
  readonly replicaId: ReplicaId;
  /**
   * Counters of the high halves of surrogate pairs, tombstones included: whether an operation would cut a pair
   * must not depend on whether this replica has already dropped the text.
   */
  readonly pairs = new Set<number>();
  readonly #chunks = [new Chunk([])];
  #hit: Run | undefined = undefined;
  /** Counter after the highest one known. A plain field: every local edit reads it. */
  end = 0;

  constructor(replicaId: ReplicaId) {
    this.replicaId = replicaId;
  }

  /** Characters up to `end` are known now. */
  reach(end: number): void {
    if (end > this.end) this.end = end;
  }

  /** The run that holds `counter`. */
  find(counter: number): Run | undefined {
    const hit = this.#hit;
    if (hit !== undefined && counter >= hit.start && counter < hit.start + hit.length) return hit;
    const run = this.floor(counter);
    if (run === undefined || counter >= run.end) return undefined;
    this.#hit = run;
    return run;
  }

  /** The last run that starts at or before `counter`. */
  floor(counter: number): Run | undefined {
    const chunk = (this.#chunks[this.#chunkOf(counter)] as Chunk).runs;
    const slot = slotOf(chunk, counter);
    // An index of -1 is a property name to V8, and a slow look-up.
    return slot < 0 ? undefined : chunk[slot];
  }

  /** Is any counter of `[start, end)` known? */
  knowsAny(start: number, end: number): boolean {
    const run = this.floor(end - 1);
    return run !== undefined && run.end > start;
  }

  add(run: Run): void {
    this.reach(run.end);
    const at = this.#chunkOf(run.start);
    const chunk = (this.#chunks[at] as Chunk).runs;
    const slot = slotOf(chunk, run.start) + 1;
    if (slot === chunk.length) chunk.push(run);
    else chunk.splice(slot, 0, run);
    if (chunk.length <= chunkRunsMax) return;
    // The last chunk grows at its end: leave it nearly full, or every chunk would stay half empty.
    const last = at === this.#chunks.length - 1 && slot === chunk.length - 1;
    this.#chunks.splice(at + 1, 0, new Chunk(chunk.splice(last ? chunkRunsMax : chunkRunsMax >> 1)));
  }

  /** Takes over `chunks`, by counter, in place of nothing. `end`: as the field. */
  load(chunks: readonly Chunk[], end: number): void {
    assert(this.end === 0, 'an index is loaded when empty');
    this.#chunks.splice(0, 1, ...chunks);
    this.end = end;
  }

  /** Takes out a run that was merged into another; its `start` must still be its own. */
  remove(run: Run): void {
    const at = this.#chunkOf(run.start);
    const chunk = (this.#chunks[at] as Chunk).runs;
    chunk.splice(slotOf(chunk, run.start), 1);
    if (chunk.length === 0 && this.#chunks.length > 1) this.#chunks.splice(at, 1);
    if (this.#hit === run) this.#hit = undefined;
  }

  /** All runs by counter. */
  *runs(): IterableIterator<Run> {
    for (const chunk of this.#chunks) yield* chunk.runs;
  }

  #chunkOf(counter: number): number {
    const chunks = this.#chunks;
    let low = chunks.length - 1;
    if (low === 0 || (chunks[low] as Chunk).start <= counter) return low;
    low = 0;
    let high = chunks.length - 1;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((chunks[middle] as Chunk).start <= counter) low = middle;
      else high = middle;
    }
    return low;
  }
}

/** Index of the last run of `chunk` that starts at or before `counter`, or -1. */
function slotOf(chunk: readonly Run[], counter: number): number {
  let low = -1;
  let high = chunk.length;
  if (high > 0 && (chunk[high - 1] as Run).start <= counter) return high - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((chunk[middle] as Run).start <= counter) low = middle;
    else high = middle;
  }
  return low;
}

/** The replicas met so far, each interned once. */
export class Agents {
  readonly #byId = new Map<ReplicaId, Agent>();
  #last: Agent | undefined = undefined;

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
    const agent = new Agent(replicaId);
    this.#byId.set(replicaId, agent);
    this.#last = agent;
    return agent;
  }

  all(): Iterable<Agent> {
    return this.#byId.values();
  }
}
