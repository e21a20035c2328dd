/**
 * A history as bytes; docs/protocols/text-history.md describes them. `history-replay.ts` says why it is written as positions.
 *
 * Events are longer than the history's entries: ten characters deleted in one go may have been written in three,
 * which is three stretches of ids and one stretch of text. Each kind of number has a column of its own, so that a general compressor
 * finds like beside like.
 */
import { assert } from '../../base/assert.ts';
import { fromHex, utf8 } from '../../base/bytes.ts';
import type { ReplicaId } from '../../base/ids.ts';
import type { Context } from '../context.ts';
import { writeSection, writeVarInt } from './columns.ts';
import { encodeExtension } from './extension-codec.ts';
import { opOf } from './history.ts';
import type { Entry, ReplicaLog, TextHistory } from './history.ts';
import { indexOfPlace } from './history-replay.ts';
import type { InsertOp, TextOp } from './messages.ts';
import { ScratchWriter } from './scratch-writer.ts';
import { decodeTextState } from './state-codec.ts';
import { Text } from './text.ts';
import type { TextOptions } from './text.ts';

export const textHistoryVersion = 1;

/** Bits 0 to 2 of a header: what happened where. */
export const INSERT_HERE = 0;
export const INSERT_AT = 1;
export const INSERT_BY_ID = 2;
export const DELETE_HERE = 3;
export const DELETE_AT = 4;
export const ERASE_HERE = 5;
export const ERASE_AT = 6;
export const DELETE_BY_ID = 7;
/** Bits 3 to 7: characters, 0 when the column of lengths says. */
export const LENGTH_SHIFT = 3;
export const lengthInlineMax = 31;

/** Whoever replays a history writes nothing. */
const nobody = { replicaId: '0'.repeat(32) as ReplicaId, counter: { next: 0 } };

export function encodeTextHistory(history: TextHistory): Uint8Array<ArrayBuffer> {
  return new HistoryWriter(history).write();
}

/** Deletes that stand next to each other in the text, not written yet. */
interface Deletion {
  readonly log: ReplicaLog;
  readonly counter: number;
  /** Where they begin. */
  at: number;
  length: number;
  /** Backwards; `undefined` while it is one character. */
  erases: boolean | undefined;
}

class HistoryWriter {
  readonly #history: TextHistory;
  readonly #text: Text;
  readonly #places: ReadonlyMap<ReplicaId, number>;
  readonly #headers = new ScratchWriter();
  readonly #lengths = new ScratchWriter();
  readonly #positions = new ScratchWriter();
  readonly #ids = new ScratchWriter();
  readonly #authors = new ScratchWriter();
  readonly #gaps = new ScratchWriter();
  readonly #others = new ScratchWriter();
  /** Inserts and deletes since the last other operation. */
  #eventsSinceOther = 0;
  readonly #inserted: string[] = [];
  readonly #cursors = new Map<ReplicaLog, number>();
  /** Counter after the last event of each replica. */
  readonly #ends: Map<ReplicaId, number>;
  #author: ReplicaLog | undefined = undefined;
  #authorEvents = 0;
  #eventsSinceGap = 0;
  #deletion: Deletion | undefined = undefined;

  constructor(history: TextHistory) {
    this.#history = history;
    this.#text = baseText(history);
    this.#ends = new Map(history.base?.version);
    this.#places = new Map([...history.logs.keys()].sort().map((replicaId, place) => [replicaId, place]));
  }

  write(): Uint8Array<ArrayBuffer> {
    for (const entry of this.#history.entries) {
      if (entry.type === 'insert') this.#insert(entry);
      else if (entry.type === 'delete') this.#delete(entry);
      else this.#other(entry);
    }
    this.#flushDeletion();
    this.#flushAuthor();
    const whole = new ScratchWriter().byte(textHistoryVersion).varUint(this.#places.size);
    for (const replicaId of this.#places.keys()) whole.bytes(fromHex(replicaId));
    const { base } = this.#history;
    writeSection(whole, base?.state ?? new Uint8Array());
    if (base !== undefined)
      for (const replicaId of this.#places.keys()) whole.varUint(base.version.get(replicaId) ?? 0);
    writeSection(whole, utf8(this.#inserted.join('')));
    for (const column of [
      this.#headers,
      this.#lengths,
      this.#positions,
      this.#ids,
      this.#authors,
      this.#gaps,
    ])
      writeSection(whole, column.finish());
    const others = this.#others.finish();
    if (others.length > 0) writeSection(whole, others);
    return whole.finish();
  }

  /** Marks and the like have no place in the text of their own, and the columns no room for them. */
  #other({ log, counter, length, other }: Entry): void {
    assert(other !== undefined, 'an entry has its operation');
    this.#flushDeletion();
    const { kind, bytes } = encodeExtension(other);
    this.#others.varUint(this.#eventsSinceOther).varUint(this.#places.get(log.replicaId) as number);
    this.#others
      .varUint(counter - (this.#ends.get(log.replicaId) ?? 0))
      .varUint(kind)
      .varUint(length);
    writeSection(this.#others, bytes);
    this.#eventsSinceOther = 0;
    this.#ends.set(log.replicaId, counter + length);
  }

  #insert(entry: Entry): void {
    this.#flushDeletion();
    const op = opOf(entry, 0, entry.length) as InsertOp;
    const index = indexOfPlace(this.#text, op);
    this.#inserted.push(op.text);
    if (index === undefined) {
      this.#event(entry.log, entry.counter, entry.length, INSERT_BY_ID);
      const on = op.parent === null ? 0 : 1 + (this.#places.get(op.parent.replicaId) as number);
      this.#ids.varUint(2 * on + (op.side === 'left' ? 1 : 0));
      if (op.parent !== null) this.#ids.varUint(op.parent.counter);
    } else this.#eventAt(entry.log, entry.counter, entry.length, index, INSERT_HERE);
    this.#apply(op);
    if (index !== undefined) this.#cursors.set(entry.log, index + entry.length);
  }

  /** In pieces that are each shown or gone already. */
  #delete(entry: Entry): void {
    const { tree } = this.#text;
    const agent = tree.agents.get(entry.on as ReplicaId);
    for (let done = 0; done < entry.length;) {
      // The next to go: the lowest that is left, or the highest.
      const counter = entry.flag ? entry.onCounter + entry.length - 1 - done : entry.onCounter + done;
      const run = agent?.find(counter) ?? -1;
      assert(run >= 0, 'a history deletes what it has');
      const { start, end } = tree.idsOf(run);
      const length = Math.min(entry.length - done, entry.flag ? counter + 1 - start : end - counter);
      const op = opOf(entry, done, done + length);
      assert(op.type === 'delete', 'a piece of a delete is a delete');
      if ((tree.runs.visible[run] as number) > 0) {
        const at = tree.blocks.startOf(run) + op.target.counter - start;
        this.#deleteAt(entry.log, op.id.counter, length, at, entry.flag);
      } else {
        this.#flushDeletion();
        this.#event(entry.log, op.id.counter, length, DELETE_BY_ID);
        this.#ids.varUint(2 * (this.#places.get(op.target.replicaId) as number) + (entry.flag ? 1 : 0));
        this.#ids.varUint(op.target.counter);
      }
      this.#apply(op);
      done += length;
    }
  }

  #deleteAt(log: ReplicaLog, counter: number, length: number, at: number, erases: boolean): void {
    const open = this.#deletion;
    const direction = length === 1 ? undefined : erases;
    if (open?.log === log && open.counter + open.length === counter) {
      if (open.erases !== true && direction !== true && at === open.at) {
        open.length += length;
        open.erases = false;
        return;
      }
      if (open.erases !== false && direction !== false && at + length === open.at) {
        open.at = at;
        open.length += length;
        open.erases = true;
        return;
      }
    }
    this.#flushDeletion();
    this.#deletion = { log, counter, at, length, erases: direction };
  }

  #flushDeletion(): void {
    const open = this.#deletion;
    if (open === undefined) return;
    this.#deletion = undefined;
    const { log, counter, length, at } = open;
    const cursor = this.#cursors.get(log) ?? 0;
    // One character is erased if that is where the cursor was.
    const erases = open.erases ?? cursor === at + length;
    this.#eventAt(log, counter, length, erases ? at + length : at, erases ? ERASE_HERE : DELETE_HERE);
    this.#cursors.set(log, at);
  }

  #eventAt(log: ReplicaLog, counter: number, length: number, at: number, kind: number): void {
    const moved = at - (this.#cursors.get(log) ?? 0);
    if (moved !== 0) writeVarInt(this.#positions, moved);
    this.#event(log, counter, length, moved === 0 ? kind : kind + 1);
  }

  #event(log: ReplicaLog, counter: number, length: number, kind: number): void {
    const inline = length <= lengthInlineMax;
    this.#headers.byte(kind | (inline ? length << LENGTH_SHIFT : 0));
    if (!inline) this.#lengths.varUint(length);
    if (log !== this.#author) this.#flushAuthor();
    this.#author = log;
    this.#authorEvents++;
    const gap = counter - (this.#ends.get(log.replicaId) ?? 0);
    if (gap > 0) {
      this.#gaps.varUint(this.#eventsSinceGap).varUint(gap);
      this.#eventsSinceGap = 0;
    }
    this.#eventsSinceGap++;
    this.#eventsSinceOther++;
    this.#ends.set(log.replicaId, counter + length);
  }

  #flushAuthor(): void {
    if (this.#author !== undefined && this.#places.size > 1)
      this.#authors.varUint(this.#places.get(this.#author.replicaId) as number).varUint(this.#authorEvents);
    this.#authorEvents = 0;
  }

  #apply(op: TextOp): void {
    assert(this.#text.apply([op]).ok, 'a history can be replayed');
  }
}

/** The text on which the entries build. */
export function baseText(
  { base }: TextHistory,
  writer: Pick<Context, 'replicaId' | 'counter'> & TextOptions = nobody,
): Text {
  if (base === undefined) return new Text(writer.replicaId, writer.counter, writer);
  const decoded = decodeTextState(base.state, writer);
  assert(decoded.ok, 'the base of a history is a state');
  return decoded.value;
}
