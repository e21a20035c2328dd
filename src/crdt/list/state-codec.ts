/**
 * A list as bytes, without its history; docs/protocols/list.md describes them. Canonical: replicas that applied the same
 * operations write the same bytes, and a reader refuses whatever a writer would not have written.
 */
import { assert } from '../../base/assert.ts';
import { equalBytes } from '../../base/bytes.ts';
import { decode, Writer, type Decoded, type Reader } from '../../base/codec.ts';
import type { ReplicaId } from '../../base/ids.ts';
import { counterMax } from '../../base/limits.ts';
import type { Context } from '../context.ts';
import { readStamp, writeStamp } from '../op-bytes.ts';
import {
  buildSlots,
  readStretches,
  ReplicaTable,
  stretchOf,
  writeSlots,
  type Stretch,
} from '../slots/slots-bytes.ts';
import { Slots, type Slot } from '../slots/slots.ts';
import { readValue, writeValue } from '../value.ts';
import { CellTable, Element, left, type Write } from './cells.ts';
import { List } from './list.ts';

const listVersion = 1;

export function encodeList({ slots, cells }: List): Uint8Array<ArrayBuffer> {
  const table = tableOf(slots, cells);
  const writer = new Writer().byte(listVersion);
  table.write(writer);
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
export function decodeList(bytes: Uint8Array, context: Context): Decoded<List> {
  return decode(bytes, reader => {
    const list = readList(reader, context);
    reader.end();
    if (!equalBytes(encodeList(list), bytes)) reader.fail('not the one encoding');
    return list;
  });
}

function readList(reader: Reader, context: Context): List {
  if (reader.byte() !== listVersion) reader.fail('unknown version');
  const table = ReplicaTable.read(reader);
  const stretches = readStretches(reader, table);
  const moveSlots = stretches.map(own => readGaps(reader, own));
  const living = stretches.map((own, place) => readLiving(reader, own, moveSlots[place] as Set<number>));
  const count = living.reduce(
    (sum, ranges) => sum + ranges.reduce((all, [from, to]) => all + to - from, 0),
    0,
  );
  // A value takes at least a byte.
  if (count > reader.left) reader.fail('short');
  const slots = new Slots();
  const cells = new CellTable();
  const born: Slot[] = [];
  for (const [place, ranges] of living.entries()) {
    const agent = slots.agent(table.ids[place] as ReplicaId);
    for (const [from, to] of ranges)
      for (let counter = from; counter < to; counter++) {
        cells.set(agent, counter, readValue(reader));
        born.push({ agent, counter });
      }
  }
  for (const [place, counters] of moveSlots.entries())
    for (const counter of counters) cells.set(slots.agent(table.ids[place] as ReplicaId), counter, left);
  const element = (index: number): Element => {
    const { agent, counter } = born[index] ?? reader.fail('unknown element');
    return cells.element(agent, counter) as Element;
  };
  readTail(reader, table, (index, write) => {
    element(index).set = write;
  });
  const entered = living.map((): number[] => []);
  const gone = living.map(() => new Set<number>());
  readTail(reader, table, (index, { id, stamp }) => {
    const moved = element(index);
    const agent = slots.agent(id.replicaId);
    const place = table.placeOf(id.replicaId);
    if (cells.get(agent, id.counter) !== left) reader.fail('moved to no slot of a move');
    gone[table.placeOf(moved.born.agent.replicaId)]?.add(moved.born.counter);
    entered[place]?.push(id.counter);
    moved.moved = stamp;
    moved.slot = { agent, counter: id.counter };
    cells.set(agent, id.counter, moved);
  });
  const shown = living.map((ranges, place) =>
    shownOf(ranges, gone[place] as Set<number>, entered[place] as number[]),
  );
  if (!buildSlots(slots, table, stretches, shown)) reader.fail('a slot hangs nowhere');
  return new List(context, slots, cells);
}

type Range = [start: number, end: number];

/** The living elements without those that went, and the slots that some came into. */
function shownOf(ranges: readonly Range[], gone: ReadonlySet<number>, entered: readonly number[]): Range[] {
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

function readGaps(reader: Reader, stretches: readonly Stretch[]): Set<number> {
  const count = reader.varUint(reader.left);
  const counters = new Set<number>();
  let next = 0;
  for (let i = 0; i < count; i++) {
    const counter = next + reader.varUint(counterMax);
    if (stretchOf(stretches, counter) < 0) reader.fail('unknown slot');
    counters.add(counter);
    next = counter + 1;
  }
  return counters;
}

/** Elements that are there, as ranges of the slots they were inserted into. */
function readLiving(reader: Reader, stretches: readonly Stretch[], moves: ReadonlySet<number>): Range[] {
  const count = reader.varUint(reader.left >> 1);
  const sortedMoves = [...moves];
  const ranges: Range[] = [];
  let at = 0;
  let move = 0;
  for (let i = 0; i < count; i++) {
    const start = at + reader.varUint(counterMax);
    const end = start + reader.varUint(counterMax);
    if (end <= start || end > counterMax) reader.fail('counter out of range');
    for (let counter = start; counter < end;) {
      const stretch = stretches[stretchOf(stretches, counter)];
      if (stretch === undefined) return reader.fail('unknown slot');
      counter = stretch.end;
    }
    while (move < sortedMoves.length && (sortedMoves[move] as number) < start) move++;
    if (move < sortedMoves.length && (sortedMoves[move] as number) < end) reader.fail('slot of two kinds');
    ranges.push([start, end]);
    at = end;
  }
  return ranges;
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

function readTail(reader: Reader, table: ReplicaTable, take: (index: number, write: Write) => void): void {
  const count = reader.varUint(reader.left);
  let next = 0;
  let wallMs = 0;
  for (let i = 0; i < count; i++) {
    const index = next + reader.varUint();
    const replicaId = table.ids[table.readPlace(reader)];
    assert(replicaId !== undefined, 'a place of the table');
    const id = { replicaId, counter: reader.varUint(counterMax - 1) };
    const stamp = readStamp(reader, wallMs);
    take(index, { id, stamp });
    next = index + 1;
    wallMs = stamp.wallMs;
  }
}
