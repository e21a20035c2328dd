/**
 * A list as bytes, without its history; docs/protocols/list.md describes them. Canonical: replicas that applied the same
 * operations write the same bytes, and a reader refuses whatever a writer would not have written: that is found out before
 * anything is made (`state-look.ts`).
 */
import { decodeLooked, Writer, type Decoded, type Reader } from '../../base/codec.ts';
import type { ReplicaId } from '../../base/ids.ts';
import { counterMax } from '../../base/limits.ts';
import type { Context } from '../context.ts';
import type { Replicas } from '../replicas.ts';
import { writeStamp } from '../op-bytes.ts';
import { buildSlots, readStretches, ReplicaTable, writeSlots } from '../slots/slots-bytes.ts';
import { Slots, type Slot } from '../slots/slots.ts';
import type { Agent } from '../text/agents.ts';
import { readValue, writeValue } from '../value.ts';
import { CellTable, Element, left, type Write } from './cells.ts';
import { List } from './list.ts';
import { listVersion, lookAtList, readTail } from './state-look.ts';

export function encodeList({ slots, cells }: List, replicas?: Replicas): Uint8Array<ArrayBuffer> {
  const table = tableOf(slots, cells);
  const writer = new Writer().byte(listVersion);
  table.write(writer, replicas);
  writeSlots(writer, slots, table);
  const living = new Writer();
  const values = new Writer();
  const sets = new Tail();
  const moves = new Tail();
  let index = 0;
  for (const id of table.ids) {
    const agent = slots.known(id);
    const own = agent === undefined ? undefined : cells.of(agent);
    const moveSlots: number[] = [];
    const ranges: [number, number][] = [];
    for (const counter of own?.filled(0, counterMax) ?? []) {
      const cell = own?.get(counter);
      if (cell === undefined || agent === undefined) continue;
      if (cell === left || (cell instanceof Element && !cell.isBornIn({ agent, counter }))) {
        moveSlots.push(counter);
        continue;
      }
      const last = ranges.at(-1);
      if (last?.[1] === counter) last[1]++;
      else ranges.push([counter, counter + 1]);
      if (cell instanceof Element) {
        writeValue(values, cell.value);
        if (cell.set !== undefined) sets.add(index, cell.set, table);
        const { slot, moved } = cell;
        if (moved !== undefined)
          moves.add(index, { stamp: moved, id: { ...slot, replicaId: slot.agent.replicaId } }, table);
      } else writeValue(values, cell);
      index++;
    }
    writeGaps(writer, moveSlots);
    living.varUint(ranges.length);
    let at = 0;
    for (const [start, end] of ranges) {
      living.varUint(start - at).varUint(end - start);
      at = end;
    }
  }
  return writer
    .bytes(living.finish())
    .bytes(values.finish())
    .bytes(sets.finish())
    .bytes(moves.finish())
    .finish();
}

/** Whatever the bytes are: the list, to be edited as `context` says, or the reason why not. */
export function decodeList(bytes: Uint8Array, context: Context, replicas?: Replicas): Decoded<List> {
  return decodeLooked(
    bytes,
    reader => {
      lookAtList(reader, replicas);
    },
    reader => readList(reader, context, replicas),
  );
}

/** What was looked at is believed. */
function readList(reader: Reader, context: Context, replicas: Replicas | undefined): List {
  reader.byte();
  const table = ReplicaTable.read(reader, replicas);
  const stretches = readStretches(reader, table);
  const moveSlots = table.ids.map(() => readGaps(reader));
  const living = table.ids.map(() => readLiving(reader));
  const slots = new Slots();
  const cells = new CellTable();
  const agents = table.ids.map(id => slots.agent(id));
  const born: Slot[] = [];
  for (const [place, ranges] of living.entries()) {
    const agent = agents[place] as Agent;
    for (const [from, to] of ranges)
      for (let counter = from; counter < to; counter++) {
        cells.set(agent, counter, readValue(reader));
        born.push({ agent, counter });
      }
  }
  for (const [place, counters] of moveSlots.entries())
    for (const counter of counters) cells.set(agents[place] as Agent, counter, left);
  const element = (index: number): Element => {
    const { agent, counter } = born[index] as Slot;
    return cells.element(agent, counter) as Element;
  };
  readTail(reader, table.ids.length, ({ index, place, counter, stamp }) => {
    element(index).set = { id: { replicaId: table.ids[place] as ReplicaId, counter }, stamp };
  });
  const entered = living.map((): number[] => []);
  const gone = living.map((): number[] => []);
  readTail(reader, table.ids.length, ({ index, place, counter, stamp }) => {
    const moved = element(index);
    gone[table.placeOf(moved.born.agent.replicaId)]?.push(moved.born.counter);
    entered[place]?.push(counter);
    moved.moved = stamp;
    moved.slot = { agent: agents[place] as Agent, counter };
    cells.set(moved.slot.agent, counter, moved);
  });
  const shown = living.map((ranges, place) =>
    shownOf(ranges, gone[place] as number[], entered[place] as number[]),
  );
  buildSlots(slots, table, stretches, shown);
  return new List(context, slots, cells);
}

type Range = [start: number, end: number];

/** The living elements without those that went, and the slots that some came into. */
function shownOf(ranges: readonly Range[], gone: readonly number[], entered: readonly number[]): Range[] {
  const shown: Range[] = entered.map(counter => [counter, counter + 1]);
  const gaps = [...gone].sort((a, b) => a - b);
  let next = 0;
  for (const [start, end] of ranges) {
    let from = start;
    for (; next < gaps.length && (gaps[next] as number) < end; next++) {
      const gap = gaps[next] as number;
      if (gap > from) shown.push([from, gap]);
      from = gap + 1;
    }
    if (from < end) shown.push([from, end]);
  }
  return shown.sort(([a], [b]) => a - b);
}

function tableOf(slots: Slots, cells: CellTable): ReplicaTable {
  const ids: ReplicaId[] = [];
  for (const agent of slots.tree.agents.all()) {
    if (agent.end > 0) ids.push(agent.replicaId);
    const own = cells.of(agent);
    for (const counter of own?.filled(0, counterMax) ?? []) {
      const cell = own?.get(counter);
      if (cell instanceof Element && cell.set !== undefined) ids.push(cell.set.id.replicaId);
    }
  }
  return new ReplicaTable(ids);
}

function writeGaps(writer: Writer, counters: readonly number[]): void {
  writer.varUint(counters.length);
  let next = 0;
  for (const counter of counters) {
    writer.varUint(counter - next);
    next = counter + 1;
  }
}

function readGaps(reader: Reader): readonly number[] {
  let next = 0;
  return Array.from({ length: reader.varUint() }, () => {
    const counter = next + reader.varUint();
    next = counter + 1;
    return counter;
  });
}

/** Elements that are there, as ranges of the slots they were inserted into. */
function readLiving(reader: Reader): readonly Range[] {
  let at = 0;
  return Array.from({ length: reader.varUint() }, (): Range => {
    const start = at + reader.varUint();
    at = start + reader.varUint();
    return [start, at];
  });
}

/** What few elements have: the last set, or the slot they moved to. By the number of the element. */
class Tail {
  readonly #writer = new Writer();
  #count = 0;
  #next = 0;
  #wallMs = 0;

  add(index: number, { id, stamp }: Write, table: ReplicaTable): void {
    this.#writer
      .varUint(index - this.#next)
      .varUint(table.placeOf(id.replicaId))
      .varUint(id.counter);
    writeStamp(this.#writer, stamp, this.#wallMs);
    this.#count++;
    this.#next = index + 1;
    this.#wallMs = stamp.wallMs;
  }

  finish(): Uint8Array {
    return new Writer().varUint(this.#count).bytes(this.#writer.finish()).finish();
  }
}
