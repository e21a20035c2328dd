/**
 * The slots of a list or a tree, looked at while they are bytes: are they what `slots-bytes.ts` writes, and does every stretch hang on
 * the root in the end? Making them to find out takes dozens of bytes for each byte, and whoever sends a megabyte with one mistake
 * at its end would make us hold that. So next to nothing is kept: where every fourth stretch and every eighth slot of a move
 * stands in the bytes. What lies between is read again when it is asked for.
 */
import type { Reader } from '../../base/codec.ts';
import { counterMax } from '../../base/limits.ts';
import { ReplicaReader, type Replicas } from '../replicas.ts';
import { Numbers } from './numbers.ts';
import { StretchCursor } from './stretch-cursor.ts';

/** Two numbers for each of these, which are three bytes and more. */
const stretchesASample = 4;
/** Two numbers for each of these, which are a byte and more. */
const movesASample = 8;

export class LookedAtSlots {
  readonly replicaCount: number;
  readonly #reader: Reader;
  readonly #limits: Float64Array | undefined;
  /** By replica: how many stretches stand before its own, and how many samples of them. One entry more than there are replicas. */
  readonly #stretches: Uint32Array;
  readonly #stretchSamples: Uint32Array;
  /** Of every fourth stretch of a replica: where the one before it ends, where it stands in the bytes, how many slots are before it. */
  readonly #ends = new Numbers();
  readonly #stretchesAt = new Numbers();
  readonly #slotsBefore = new Numbers();
  /** The same for the slots of moves. */
  readonly #moves: Uint32Array;
  readonly #moveSamples: Uint32Array;
  readonly #nexts = new Numbers();
  readonly #movesAt = new Numbers();
  #slotCount = 0;

  /** Reads the table of replicas and their stretches. */
  constructor(reader: Reader, replicas: Replicas | undefined) {
    this.#reader = reader;
    const names = new ReplicaReader(reader, replicas);
    this.replicaCount = reader.varUint(names.countMax);
    this.#limits = replicas === undefined ? undefined : new Float64Array(this.replicaCount);
    for (let place = 0; place < this.replicaCount; place++) {
      names.next();
      if (this.#limits !== undefined) this.#limits[place] = names.end;
    }
    this.#stretches = new Uint32Array(this.replicaCount + 1);
    this.#stretchSamples = new Uint32Array(this.replicaCount + 1);
    this.#moves = new Uint32Array(this.replicaCount + 1);
    this.#moveSamples = new Uint32Array(this.replicaCount + 1);
    let total = 0;
    for (let place = 0; place < this.replicaCount; place++) {
      const count = StretchCursor.readCount(reader);
      const cursor = new StretchCursor(reader, this.replicaCount);
      for (let i = 0; i < count; i++) {
        if (i % stretchesASample === 0) {
          this.#ends.push(cursor.end);
          this.#stretchesAt.push(reader.at);
          this.#slotsBefore.push(this.#slotCount);
        }
        const before = cursor.end;
        cursor.next();
        if (i > 0 && cursor.start === before && cursor.isChained(place)) reader.fail('not the one encoding');
        this.#slotCount += cursor.end - cursor.start;
      }
      if (cursor.end > this.endOf(place)) reader.fail('counter out of range');
      total += count;
      this.#stretches[place + 1] = total;
      this.#stretchSamples[place + 1] = this.#ends.length;
    }
    this.#hangTogether(total);
  }

  get slotCount(): number {
    return this.#slotCount;
  }

  get moveCount(): number {
    return this.#moves[this.replicaCount] as number;
  }

  /** Counters of that replica are below it. */
  endOf(place: number): number {
    return this.#limits?.[place] ?? counterMax;
  }

  hasSlots(place: number): boolean {
    return this.#countOf(this.#stretches, place) > 0;
  }

  /** Its stretches once more, from the first on. */
  stretchesOf(place: number): { readonly cursor: StretchCursor; readonly count: number } {
    const sample = this.#stretchSamples[place] as number;
    const count = this.#countOf(this.#stretches, place);
    const at = count === 0 ? 0 : this.#stretchesAt.at(sample);
    return { cursor: new StretchCursor(this.#reader.again(at), this.replicaCount), count };
  }

  /** Reads which slots moves made: all of them are slots. */
  readMoves(reader: Reader): void {
    for (let place = 0; place < this.replicaCount; place++) {
      const count = reader.varUint(reader.left);
      const { cursor, count: stretches } = this.stretchesOf(place);
      let seen = 0;
      let next = 0;
      for (let i = 0; i < count; i++) {
        if (i % movesASample === 0) {
          this.#nexts.push(next);
          this.#movesAt.push(reader.at);
        }
        const counter = next + reader.varUint(counterMax);
        for (; cursor.end <= counter && seen < stretches; seen++) cursor.next();
        if (counter < cursor.start || counter >= cursor.end) reader.fail('unknown slot');
        next = counter + 1;
      }
      this.#moves[place + 1] = (this.#moves[place] as number) + count;
      this.#moveSamples[place + 1] = this.#nexts.length;
    }
  }

  /** The slots that moves of a replica made, once more, from the first on. */
  movesOf(place: number): MoveCursor {
    const sample = this.#moveSamples[place] as number;
    const count = this.#countOf(this.#moves, place);
    return new MoveCursor(this.#reader.again(count === 0 ? 0 : this.#movesAt.at(sample)), 0, count);
  }

  /** The number of a slot of a move among all of them; -1 when no move made it. */
  moveAt(place: number, counter: number): number {
    const cursor = this.#movesBefore(place, counter);
    return cursor.counter === counter ? (this.#moves[place + 1] as number) - cursor.left - 1 : -1;
  }

  /** The number of a slot that no move made among all those, by replica and counter; -1 when there is none. */
  nodeAt(place: number, counter: number): number {
    const slots = this.#slotsUpTo(place, counter);
    if (slots < 0) return -1;
    const cursor = this.#movesBefore(place, counter);
    if (cursor.counter === counter) return -1;
    const passed = cursor.counter < counter ? 0 : 1;
    return slots - ((this.#moves[place + 1] as number) - cursor.left - passed);
  }

  /** A cursor at the first slot of a move that is not before `counter`, or behind the last one. */
  #movesBefore(place: number, counter: number): MoveCursor {
    const first = this.#moveSamples[place] as number;
    const sample = this.#nexts.countUpTo(counter, first, this.#moveSamples[place + 1] as number) - 1;
    const count = this.#countOf(this.#moves, place);
    if (sample < first) return new MoveCursor(this.#reader, 0, count);
    const passed = (sample - first) * movesASample;
    const cursor = new MoveCursor(
      this.#reader.again(this.#movesAt.at(sample)),
      this.#nexts.at(sample),
      count - passed,
    );
    while (cursor.counter < counter && cursor.left > 0) cursor.next();
    return cursor;
  }

  /** How many slots there are before `counter` of that replica, all replicas before it among them; -1 when it is no slot. */
  #slotsUpTo(place: number, counter: number): number {
    const found = this.#find(place, counter);
    return found === undefined ? -1 : found.slots + counter - found.start;
  }

  /** The stretch that holds `counter`: its number, and how many slots are before it. */
  #find(
    place: number,
    counter: number,
  ): { readonly stretch: number; readonly start: number; readonly slots: number } | undefined {
    const first = this.#stretchSamples[place] as number;
    const sample = this.#ends.countUpTo(counter, first, this.#stretchSamples[place + 1] as number) - 1;
    if (sample < first) return undefined;
    const cursor = new StretchCursor(
      this.#reader.again(this.#stretchesAt.at(sample)),
      this.replicaCount,
      this.#ends.at(sample),
    );
    const passed = (sample - first) * stretchesASample;
    const last = Math.min(this.#countOf(this.#stretches, place), passed + stretchesASample);
    let slots = this.#slotsBefore.at(sample);
    for (let i = passed; i < last; i++) {
      cursor.next();
      if (counter < cursor.end)
        return counter < cursor.start
          ? undefined
          : { stretch: (this.#stretches[place] as number) + i, start: cursor.start, slots };
      slots += cursor.end - cursor.start;
    }
    return undefined;
  }

  /** Follows every stretch up to the root; each step is taken once. */
  #hangTogether(count: number): void {
    const parents = new Int32Array(count);
    let at = 0;
    for (let place = 0; place < this.replicaCount; place++) {
      const { cursor, count: own } = this.stretchesOf(place);
      for (let i = 0; i < own; i++) {
        cursor.next();
        const parent = cursor.parent < 0 ? -1 : this.#find(cursor.parent, cursor.parentCounter)?.stretch;
        parents[at++] = parent ?? this.#reader.fail('a slot hangs nowhere');
      }
    }
    if (!leadsUp(parents)) this.#reader.fail('a slot hangs nowhere');
  }

  #countOf(sums: Uint32Array, place: number): number {
    return (sums[place + 1] as number) - (sums[place] as number);
  }
}

/** Does `parents`, places among themselves or -1 for the top, lead up from everywhere? Overwrites it. */
export function leadsUp(parents: Int32Array): boolean {
  for (let from = 0; from < parents.length; from++) {
    // Where this way up has been gets a mark of its own, so that a ring is met again and what earlier ways left is not gone through.
    const mark = -2 - from;
    let at = from;
    while (at >= 0) {
      const parent = parents[at] as number;
      if (parent === mark) return false;
      parents[at] = mark;
      at = parent;
    }
  }
  return true;
}

/** Goes through the slots of moves of one replica as they stand in the bytes. */
export class MoveCursor {
  /** Of the slot passed last; -1 before the first. */
  counter = -1;
  /** How many are still to come. */
  left: number;
  readonly #reader: Reader;
  #next: number;

  constructor(reader: Reader, next: number, left: number) {
    this.#reader = reader;
    this.#next = next;
    this.left = left;
  }

  next(): void {
    this.counter = this.#next + this.#reader.varUint();
    this.#next = this.counter + 1;
    this.left--;
  }
}
