/** Reads what `history-codec.ts` writes: replays the events on a text, which says what the operations were. */
import { decode, Reader } from '../../base/codec.ts';
import type { Decoded } from '../../base/codec.ts';
import type { ReplicaId } from '../../base/ids.ts';
import { counterMax } from '../../base/limits.ts';
import type { Context, OpId } from '../context.ts';
import { ColumnReader } from './columns.ts';
import { decodeExtension } from './extension-codec.ts';
import type { Place } from './gap.ts';
import { TextHistory } from './history.ts';
import type { Base } from './history.ts';
import {
  DELETE_AT,
  DELETE_BY_ID,
  ERASE_AT,
  ERASE_HERE,
  INSERT_AT,
  INSERT_BY_ID,
  LENGTH_SHIFT,
  lengthInlineMax,
  textHistoryVersion,
} from './history-codec.ts';
import { piecesAt, placeAt } from './history-replay.ts';
import type { TextOp } from './messages.ts';
import { decodeTextState } from './state-codec.ts';
import { readReplicas, readUtf8 } from './state-columns.ts';
import { Text } from './text.ts';
import type { TextOptions } from './text.ts';

type Writer = Pick<Context, 'replicaId' | 'counter'> & TextOptions;

export interface LoadedHistory {
  readonly history: TextHistory;
  /** The text that the history ends with. */
  readonly text: Text;
}

/** Whatever the bytes are: a history and its text, to be edited as `writer.replicaId`, or the reason why not. */
export function decodeTextHistory(bytes: Uint8Array, writer: Writer): Decoded<LoadedHistory> {
  return decode(bytes, reader => new HistoryReader(reader, bytes.length, writer).read());
}

class HistoryReader {
  readonly #reader: Reader;
  readonly #replicas: readonly ReplicaId[];
  readonly #history: TextHistory;
  readonly #text: Text;
  readonly #inserted: string;
  #insertedAt = 0;
  readonly #headers: ColumnReader;
  readonly #lengths: ColumnReader;
  readonly #positions: ColumnReader;
  readonly #ids: ColumnReader;
  readonly #authors: ColumnReader;
  readonly #gaps: ColumnReader;
  readonly #others: Reader;
  #eventsToOther: number;
  /** By replica. */
  readonly #cursors: number[];
  readonly #ends: number[];
  #author = 0;
  #authorEvents: number;
  #eventsToGap: number;
  /** Runs that deletions by id may still touch: an honest writer cuts them so that each touches about one. */
  #runsLeft: number;

  constructor(reader: Reader, size: number, writer: Writer) {
    this.#reader = reader;
    this.#runsLeft = size;
    if (reader.byte() !== textHistoryVersion) reader.fail('unknown version');
    this.#replicas = readReplicas(reader);
    const base = this.#readBase();
    this.#history = new TextHistory(base);
    this.#ends = this.#replicas.map(replicaId => base?.version.get(replicaId) ?? 0);
    this.#cursors = this.#replicas.map(() => 0);
    this.#text = this.#loadBase(base, writer);
    this.#inserted = readUtf8(reader, reader.varBytes(reader.left));
    this.#headers = new ColumnReader(reader);
    this.#lengths = new ColumnReader(reader);
    this.#positions = new ColumnReader(reader);
    this.#ids = new ColumnReader(reader);
    this.#authors = new ColumnReader(reader);
    this.#gaps = new ColumnReader(reader);
    this.#authorEvents = this.#replicas.length === 1 ? Infinity : 0;
    this.#eventsToGap = this.#readEventsToGap();
    const hasOthers = reader.left > 0;
    this.#others = new Reader(hasOthers ? reader.varBytes(reader.left) : new Uint8Array());
    if (hasOthers && this.#others.left === 0) reader.fail('not the shortest form');
    this.#eventsToOther = this.#readEventsToOther();
  }

  read(): LoadedHistory {
    this.#readOthers();
    while (this.#headers.left > 0) {
      this.#readEvent();
      this.#eventsToOther--;
      this.#readOthers();
    }
    if (this.#eventsToOther < Infinity) this.#reader.fail('malformed gaps');
    if (this.#insertedAt < this.#inserted.length) this.#reader.fail('text of another length');
    if (this.#eventsToGap < Infinity) this.#reader.fail('malformed gaps');
    for (const column of [this.#lengths, this.#positions, this.#ids, this.#authors, this.#gaps]) column.end();
    for (const replicaId of this.#replicas)
      if (!this.#history.logs.has(replicaId)) this.#reader.fail('a replica without operations');
    return { history: this.#history, text: this.#text };
  }

  #readBase(): Base | undefined {
    const reader = this.#reader;
    const state = reader.varBytes(reader.left);
    if (state.length === 0) return undefined;
    const version = new Map<ReplicaId, number>();
    for (const replicaId of this.#replicas) {
      const end = reader.varUint(counterMax);
      if (end > 0) version.set(replicaId, end);
    }
    return { version, state };
  }

  #loadBase(base: Base | undefined, writer: Writer): Text {
    if (base === undefined) return new Text(writer.replicaId, writer.counter, writer);
    const decoded = decodeTextState(base.state, writer);
    if (!decoded.ok) return this.#reader.fail(decoded.reason);
    for (const agent of decoded.value.tree.agents.all())
      if (agent.end > (base.version.get(agent.replicaId) ?? 0))
        this.#reader.fail('a base beyond its version');
    return decoded.value;
  }

  #readEvent(): void {
    const header = this.#headers.byte();
    let length = header >> LENGTH_SHIFT;
    if (length === 0) {
      length = this.#lengths.varUint(counterMax);
      if (length <= lengthInlineMax) this.#reader.fail('not the shortest form');
    }
    const author = this.#readAuthor();
    const counter = (this.#ends[author] as number) + this.#readGap();
    if (counter + length > counterMax) this.#reader.fail('counter out of range');
    this.#ends[author] = counter + length;
    const id = { replicaId: this.#replicas[author] as ReplicaId, counter };
    const kind = header & ((1 << LENGTH_SHIFT) - 1);
    if (kind === INSERT_BY_ID) this.#insert(id, length, this.#readPlace());
    else if (kind === DELETE_BY_ID) this.#deleteById(id, length);
    else {
      let at = this.#cursors[author] as number;
      if (kind === INSERT_AT || kind === DELETE_AT || kind === ERASE_AT) at += this.#readMove();
      if (at < 0 || at > this.#text.length) this.#reader.fail('position outside the text');
      if (kind <= INSERT_AT) {
        this.#insert(id, length, placeAt(this.#text, at));
        at += length;
      } else {
        const erases = kind === ERASE_HERE || kind === ERASE_AT;
        if (erases) at -= length;
        if (at < 0 || at + length > this.#text.length) this.#reader.fail('position outside the text');
        this.#deleteAt(id, length, at, erases);
      }
      this.#cursors[author] = at;
    }
  }

  #readMove(): number {
    const move = this.#positions.varInt(counterMax);
    return move === 0 ? this.#reader.fail('not the shortest form') : move;
  }

  #readAuthor(): number {
    if (this.#authorEvents === 0) {
      if (this.#replicas.length === 0) this.#reader.fail('unknown replica');
      this.#author = this.#authors.varUint(this.#replicas.length - 1);
      this.#authorEvents = this.#authors.varUint(this.#headers.left + 1);
      if (this.#authorEvents === 0) this.#reader.fail('not the shortest form');
    }
    this.#authorEvents--;
    return this.#author;
  }

  #readGap(): number {
    if (this.#eventsToGap > 0) {
      this.#eventsToGap--;
      return 0;
    }
    const gap = this.#gaps.varUint(counterMax);
    // The event after the gap counts, so that two gaps are never before one event.
    this.#eventsToGap = this.#readEventsToGap() - 1;
    return gap > 0 && this.#eventsToGap >= 0 ? gap : this.#reader.fail('not the shortest form');
  }

  /** All operations that are neither insert nor delete and stand before the next event. */
  #readOthers(): void {
    while (this.#eventsToOther === 0) {
      const author = this.#others.varUint(Math.max(0, this.#replicas.length - 1));
      const replicaId = this.#replicas[author];
      if (replicaId === undefined) return this.#reader.fail('unknown replica');
      const counter = (this.#ends[author] as number) + this.#others.varUint(counterMax);
      const kind = this.#others.varUint();
      const counters = this.#others.varUint(counterMax);
      if (counters === 0 || counter + counters > counterMax) this.#reader.fail('counter out of range');
      const bytes = this.#others.varBytes(this.#others.left);
      const op = decodeExtension({ replicaId, counter }, { kind, counters, bytes });
      if (!op.ok) return this.#reader.fail(op.reason);
      this.#ends[author] = counter + counters;
      this.#apply(op.value);
      this.#eventsToOther = this.#readEventsToOther();
    }
  }

  #readEventsToOther(): number {
    return this.#others.left > 0 ? this.#others.varUint(counterMax) : Infinity;
  }

  #readEventsToGap(): number {
    return this.#gaps.left > 0 ? this.#gaps.varUint(counterMax) : Infinity;
  }

  #readPlace(): Place {
    const on = this.#ids.varUint(2 * this.#replicas.length + 1);
    const side = on % 2 === 1 ? 'left' : 'right';
    if (on < 2) return { parent: null, side };
    const replicaId = this.#replicas[(on >> 1) - 1] as ReplicaId;
    return { parent: { replicaId, counter: this.#ids.varUint(counterMax) }, side };
  }

  #insert(id: OpId, length: number, place: Place): void {
    const text = this.#inserted.slice(this.#insertedAt, this.#insertedAt + length);
    if (text.length < length) this.#reader.fail('text of another length');
    this.#insertedAt += length;
    this.#apply({ type: 'insert', id, ...place, text });
  }

  #deleteAt(id: OpId, length: number, at: number, erases: boolean): void {
    const pieces = [...piecesAt(this.#text, at, length)];
    let counter = id.counter;
    for (const piece of erases ? pieces.reverse() : pieces) {
      this.#apply({ type: 'delete', id: { ...id, counter }, ...piece }, erases);
      counter += piece.length;
    }
  }

  #deleteById(id: OpId, length: number): void {
    const on = this.#ids.varUint(2 * this.#replicas.length - 1);
    const target = {
      replicaId: this.#replicas[on >> 1] as ReplicaId,
      counter: this.#ids.varUint(counterMax),
    };
    const agent = this.#text.tree.agents.get(target.replicaId);
    for (let counter = target.counter; counter < target.counter + length;) {
      const end = agent?.endAt(counter) ?? 0;
      if (end === 0) return this.#reader.fail('unknown target');
      if (--this.#runsLeft < 0) this.#reader.fail('too many deletions by id');
      counter = end;
    }
    this.#apply({ type: 'delete', id, target, length }, on % 2 === 1);
  }

  #apply(op: TextOp, erases = false): void {
    const applied = this.#text.apply([op]);
    if (!applied.ok) this.#reader.fail(applied.reason);
    this.#history.append([op], erases);
  }
}
