/**
 * A sequence of slots as bytes. Every replica's slots stand in the order of their counters, as **stretches**: slots of
 * which each hangs right of the one before. Where a stretch hangs says all about its order, so none is written, and
 * nothing depends on how the engine happens to have cut its runs: equal slots have equal bytes.
 *
 * Reading back inserts stretch by stretch, parents first: that each has one and that there is no ring was seen before (`slots-look.ts`).
 */
import { assert } from '../../base/assert.ts';
import type { Reader, Writer } from '../../base/codec.ts';
import type { ReplicaId } from '../../base/ids.ts';
import type { Agent } from '../text/agents.ts';
import { CHAIN, LEFT, ROOT } from '../text/runs.ts';
import { marksOf, type Slots } from './slots.ts';
import { ReplicaReader, writeReplica, type Replicas } from '../replicas.ts';
import { StretchCursor } from './stretch-cursor.ts';

/** Replicas that a state names, sorted: elsewhere only their places in this list stand. */
export class ReplicaTable {
  readonly ids: readonly ReplicaId[];
  readonly #places: ReadonlyMap<ReplicaId, number>;

  /** Sorts `ids`; the same one may come more than once. */
  constructor(ids: Iterable<ReplicaId>) {
    this.ids = [...new Set(ids)].sort();
    this.#places = new Map(this.ids.map((id, place) => [id, place]));
  }

  placeOf(id: ReplicaId): number {
    return this.#places.get(id) as number;
  }

  write(writer: Writer, replicas: Replicas | undefined): void {
    writer.varUint(this.ids.length);
    for (const id of this.ids) writeReplica(writer, id, replicas);
  }

  /** As `write` wrote it. */
  static read(reader: Reader, replicas: Replicas | undefined): ReplicaTable {
    const names = new ReplicaReader(reader, replicas);
    const ids = Array.from({ length: reader.varUint() }, () => {
      names.next();
      return names.replicaId;
    });
    return new ReplicaTable(ids);
  }
}

/** Slots `[start, end)` of one replica, each right of the one before; the first hangs on `parent`, -1 for the root. */
export interface Stretch {
  readonly start: number;
  readonly end: number;
  /** Place of the parent's replica. */
  readonly parent: number;
  readonly parentCounter: number;
  readonly side: 'left' | 'right';
}

/** The root, right of which the first slots hang. */
const ROOT_PLACE = 0;

/** All slots of the replicas of `table`, among which are all that have any. */
export function writeSlots(writer: Writer, slots: Slots, table: ReplicaTable): void {
  const { runs, agents } = slots.tree;
  for (const id of table.ids) {
    const heads: { run: number; end: number }[] = [];
    for (const run of slots.known(id)?.runs() ?? []) {
      const last = heads.at(-1);
      if (last !== undefined && runs.hang[run] === CHAIN) last.end = runs.end(run);
      else heads.push({ run, end: runs.end(run) });
    }
    writer.varUint(heads.length);
    let at = 0;
    for (const { run, end } of heads) {
      const start = runs.start[run] as number;
      writer.varUint(start - at).varUint(end - start);
      const parent = agents.at(runs.parentAgent[run] as number);
      // Nobody's is the root alone.
      if (parent.place === 0) writer.varUint(ROOT_PLACE);
      else
        writer
          .varUint(1 + 2 * table.placeOf(parent.replicaId) + (runs.hang[run] === LEFT ? 1 : 0))
          .varUint(runs.parentCounter[run] as number);
      at = end;
    }
  }
}

/** By place in `table`, the stretches by counter. They may still hang nowhere: `slots-look.ts` finds that out. */
export function readStretches(reader: Reader, table: ReplicaTable): readonly (readonly Stretch[])[] {
  return table.ids.map(() => {
    const count = StretchCursor.readCount(reader);
    const cursor = new StretchCursor(reader, table.ids.length);
    return Array.from({ length: count }, (): Stretch => {
      cursor.next();
      const { start, end, parent, parentCounter, side } = cursor;
      return { start, end, parent, parentCounter, side };
    });
  });
}

/** Where the stretch that holds `counter` is among `stretches`; -1 when none does. */
export function stretchOf(stretches: readonly Stretch[], counter: number): number {
  let low = 0;
  let high = stretches.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((stretches[middle] as Stretch).start <= counter) low = middle + 1;
    else high = middle;
  }
  const stretch = stretches[low - 1];
  return stretch !== undefined && counter < stretch.end ? low - 1 : -1;
}

/** Ranges of counters, `[start, end)`, that do not touch, rising. */
export type Ranges = readonly (readonly [start: number, end: number])[];

/**
 * Fills the empty `slots`. `shown`: by place in `table`, the slots that are shown, all of them in `stretches`; `undefined`
 * when all are.
 */
export function buildSlots(
  slots: Slots,
  table: ReplicaTable,
  stretches: readonly (readonly Stretch[])[],
  shown: readonly Ranges[] | undefined,
): void {
  const firsts: number[] = [];
  let count = 0;
  for (const own of stretches) {
    firsts.push(count);
    count += own.length;
  }
  // Children of a stretch as a chain of numbers: most have none or one.
  const firstChild = new Int32Array(count).fill(-1);
  const nextChild = new Int32Array(count).fill(-1);
  const places = new Int32Array(count);
  const ready: number[] = [];
  for (const [place, own] of stretches.entries()) {
    let index = firsts[place] as number;
    for (const { parent, parentCounter } of own) {
      places[index] = place;
      if (parent < 0) ready.push(index);
      else {
        const at = stretchOf(stretches[parent] as readonly Stretch[], parentCounter);
        assert(at >= 0, 'a stretch that was looked at has a parent');
        const above = (firsts[parent] as number) + at;
        nextChild[index] = firstChild[above] as number;
        firstChild[above] = index;
      }
      index++;
    }
  }
  const agents = table.ids.map(id => slots.agent(id));
  let built = 0;
  for (let index = ready.pop(); index !== undefined; index = ready.pop()) {
    const place = places[index] as number;
    const stretch = (stretches[place] as readonly Stretch[])[index - (firsts[place] as number)] as Stretch;
    buildStretch(slots, agents, agents[place] as Agent, stretch, shown?.[place]);
    built++;
    for (let child = firstChild[index] as number; child >= 0; child = nextChild[child] as number)
      ready.push(child);
  }
  assert(built === count, 'stretches that were looked at hang on the root');
}

function buildStretch(
  slots: Slots,
  agents: readonly Agent[],
  agent: Agent,
  stretch: Stretch,
  shown: Ranges | undefined,
): void {
  const { start, end, side } = stretch;
  let { parentCounter } = stretch;
  let run = stretch.parent < 0 ? ROOT : (agents[stretch.parent] as Agent).find(parentCounter);
  let hang = side;
  const build = (from: number, to: number, marks: string) => {
    run = slots.tree.insert(agent, from, marks, run, parentCounter, hang, to - from);
    parentCounter = to - 1;
    hang = 'right';
  };
  if (shown === undefined) {
    build(start, end, marksOf(end - start));
    return;
  }
  let at = start;
  for (let i = firstRange(shown, start); at < end; i++) {
    const [from = end, to = end] = shown[i] ?? [];
    const showFrom = Math.min(Math.max(from, start), end);
    const showTo = Math.min(to, end);
    if (at < showFrom) build(at, showFrom, '');
    if (showFrom < showTo) build(showFrom, showTo, marksOf(showTo - showFrom));
    at = Math.max(showFrom, showTo);
  }
}

/** Index of the first range that ends after `counter`. */
function firstRange(ranges: Ranges, counter: number): number {
  let low = 0;
  let high = ranges.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ranges[middle] as readonly [number, number])[1] <= counter) low = middle + 1;
    else high = middle;
  }
  return low;
}
