/**
 * Everything that ever happened to a text: an append-only log, and the only holder of deleted text, since
 * tombstones in the tree have none. So it can be left out, loaded later, and pruned (`garbage.ts`), and the
 * text does not notice.
 *
 * One entry is a stretch of typing or deleting that one replica did in one go, kept by replica and counter. The
 * entries also stand in an order in which each comes after those it builds on. An insert that only goes on the
 * last one of its replica joins it even when others wrote in between, for it builds on nothing but that.
 *
 * What was pruned is the **base**: a state and the version it is the state of. The entries go on from there.
 */
import type { ReplicaId } from '../../base/ids.ts';
import type { OpId } from '../context.ts';
import { deleteOp, insertOp } from './messages.ts';
import type { DeleteOp, ExtensionOp, InsertOp, TextOp } from './messages.ts';
import { lengthOf } from './op-log.ts';
import { splitsPair } from './surrogates.ts';
import type { Text } from './text.ts';
import { UnitStore } from './unit-store.ts';
import { isChained } from './validate.ts';

/** Of each replica, the first counter not seen. Operations of this text are those with a smaller one. */
export type TextVersion = ReadonlyMap<ReplicaId, number>;

/** What one replica wrote, by counter. */
export class ReplicaLog {
  readonly replicaId: ReplicaId;
  readonly entries: Entry[] = [];
  /** What it inserted, in the order of its counters. */
  readonly units = new UnitStore();
  /** Counter after its last operation here. */
  end: number;
  /** The last of `entries`. */
  last: Entry | undefined = undefined;
  constructor(replicaId: ReplicaId, end: number) {
    this.replicaId = replicaId;
    this.end = end;
  }

  /** The entry that has `counter`. */
  entryAt(counter: number): Entry | undefined {
    let low = 0;
    let high = this.entries.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.entries[middle] as Entry).counter <= counter) low = middle + 1;
      else high = middle;
    }
    const entry = this.entries[low - 1];
    return entry !== undefined && counter < entry.counter + entry.length ? entry : undefined;
  }
}

/** A stretch of typing or deleting: `length` characters, one counter each, from `counter` on. */
export class Entry {
  readonly log: ReplicaLog;
  readonly type: 'insert' | 'delete' | 'other';
  readonly counter: number;
  length: number;
  /** The parent of an insert (`undefined`: the root), the replica of a delete's targets. */
  readonly on: ReplicaId | undefined;
  /** The parent's counter, the lowest counter of a delete's targets. */
  onCounter: number;
  /** An insert on the left of its parent; a delete whose counters go backwards: the first deletes the last target. */
  flag: boolean;
  /** Of an insert: where its text begins in `log.units`. */
  readonly at: number;
  /** Of any other operation than an insert or a delete: itself, whole. */
  readonly other: ExtensionOp | undefined;

  constructor(
    log: ReplicaLog,
    type: Entry['type'],
    counter: number,
    length: number,
    on: ReplicaId | undefined,
    onCounter: number,
    flag: boolean,
    other?: ExtensionOp,
  ) {
    this.log = log;
    this.type = type;
    this.counter = counter;
    this.length = length;
    this.on = on;
    this.onCounter = onCounter;
    this.flag = flag;
    this.at = log.units.length;
    this.other = other;
  }
}

/** Where the entries begin: a state without history, and its version. */
export interface Base {
  readonly version: TextVersion;
  /** `encodeTextState` of the text at `version`. */
  readonly state: Uint8Array;
}

export class TextHistory {
  readonly base: Base | undefined;
  readonly logs = new Map<ReplicaId, ReplicaLog>();
  /** All entries, each after those it builds on. */
  readonly entries: Entry[] = [];
  #log: ReplicaLog | undefined = undefined;

  constructor(base?: Base) {
    this.base = base;
    for (const [replicaId, end] of base?.version ?? [])
      this.logs.set(replicaId, new ReplicaLog(replicaId, end));
  }

  /** What is in here, with the base. */
  version(): Map<ReplicaId, number> {
    return new Map([...this.logs.values()].map(log => [log.replicaId, log.end]));
  }

  /**
   * Takes down operations that the text has just made or applied, in that order. What is here already is
   * skipped. `erases`: their deletes went backwards, which operations do not say.
   */
  append(ops: readonly TextOp[], erases = false): void {
    // Not `for … of`, here and wherever a keystroke passes: eslint.config.js says why.
    for (let i = 0; i < ops.length; i++) {
      const op = ops[i] as TextOp;
      if (op.type === 'insert' && this.#typedOn(op)) continue;
      const log = this.#logOf(op.id.replicaId);
      const { counter } = op.id;
      const length = lengthOf(op);
      if (op.type !== 'insert' && op.type !== 'delete') {
        if (counter >= log.end) this.#add(new Entry(log, 'other', counter, length, undefined, 0, false, op));
        log.end = Math.max(log.end, counter + length);
      } else if (counter >= log.end) this.#append(log, op, counter, length, erases);
      else if (counter + length > log.end) this.#appendRest(log, op, log.end - counter, erases);
    }
  }

  /** All operations since the base, joined, each after those it builds on. */
  ops(): readonly TextOp[] {
    return this.entries.map(entry => opOf(entry, 0, entry.length));
  }

  /** Takes down one more character after the last one of a replica: most of what is ever written. */
  #typedOn(op: InsertOp): boolean {
    const { id, text } = op;
    const log = this.#log;
    const counter = id.counter;
    if (text.length !== 1 || log?.end !== counter || log.replicaId !== id.replicaId) return false;
    if (!isChained(op)) return false;
    const last = log.last;
    if (last?.type !== 'insert' || last.counter + last.length !== counter) return false;
    log.end = counter + 1;
    last.length++;
    log.units.push(text.charCodeAt(0));
    return true;
  }

  #append(log: ReplicaLog, op: InsertOp | DeleteOp, counter: number, length: number, erases: boolean): void {
    const last = log.last;
    const follows = last?.type === op.type && last.counter + last.length === counter;
    log.end = counter + length;
    if (op.type === 'insert') {
      if (follows && isChained(op)) last.length += length;
      else {
        const { parent, side } = op;
        this.#add(
          new Entry(log, 'insert', counter, length, parent?.replicaId, parent?.counter ?? 0, side === 'left'),
        );
      }
      log.units.append(op.text);
      return;
    }
    const { target } = op;
    // A joined delete stands where its first did, so nothing may have come between that its targets build on.
    if (follows && last === this.entries[this.entries.length - 1] && last.on === target.replicaId) {
      if (!last.flag && (!erases || length === 1) && target.counter === last.onCounter + last.length) {
        last.length += length;
        return;
      }
      const backwards = (erases || length === 1) && (last.flag || last.length === 1);
      if (backwards && target.counter + length === last.onCounter) {
        last.flag = true;
        last.onCounter = target.counter;
        last.length += length;
        return;
      }
    }
    this.#add(
      new Entry(log, 'delete', counter, length, target.replicaId, target.counter, erases && length > 1),
    );
  }

  /** Appends what is left of `op` without its first `known` characters. */
  #appendRest(log: ReplicaLog, op: InsertOp | DeleteOp, known: number, erases: boolean): void {
    const id = { ...op.id, counter: op.id.counter + known };
    if (op.type === 'insert') {
      const parent = { ...id, counter: id.counter - 1 };
      const text = op.text.slice(known);
      this.#append(log, insertOp(id, parent, 'right', text), id.counter, text.length, erases);
    } else {
      const target = { ...op.target, counter: op.target.counter + (erases ? 0 : known) };
      const length = op.length - known;
      this.#append(log, deleteOp(id, target, length), id.counter, length, erases);
    }
  }

  #add(entry: Entry): void {
    entry.log.entries.push(entry);
    entry.log.last = entry;
    this.entries.push(entry);
  }

  #logOf(replicaId: ReplicaId): ReplicaLog {
    if (this.#log?.replicaId === replicaId) return this.#log;
    let log = this.logs.get(replicaId);
    if (log === undefined) this.logs.set(replicaId, (log = new ReplicaLog(replicaId, 0)));
    return (this.#log = log);
  }
}

/** The operation, all of it if it is neither insert nor delete, that says what the counters `[from, to)` of `entry`, counted from its first, did. */
export function opOf(entry: Entry, from: number, to: number): TextOp {
  const { log, type, on, onCounter, other } = entry;
  if (other !== undefined) return other;
  const id: OpId = { replicaId: log.replicaId, counter: entry.counter + from };
  if (type === 'delete') {
    const first = entry.flag ? onCounter + entry.length - to : onCounter + from;
    return deleteOp(id, { replicaId: on as ReplicaId, counter: first }, to - from);
  }
  const text = log.units.slice(entry.at + from, entry.at + to);
  if (from > 0) return insertOp(id, { ...id, counter: id.counter - 1 }, 'right', text);
  const parent = on === undefined ? null : { replicaId: on, counter: onCounter };
  return insertOp(id, parent, entry.flag ? 'left' : 'right', text);
}

/** The most counters of `entry`, not above `count`, with which no surrogate pair and no mark is cut. `text` has what the entry deletes. */
export function wholeCount(entry: Entry, count: number, text: Text): number {
  if (count <= 0) return 0;
  if (count >= entry.length) return entry.length;
  if (entry.type === 'other') return 0;
  if (entry.type === 'insert') {
    const { units } = entry.log;
    return splitsPair(units.slice(entry.at + count - 1, entry.at + count + 1), 1) ? count - 1 : count;
  }
  // The last of the lower targets, or of those that stay.
  const last = entry.onCounter + (entry.flag ? entry.length - count : count) - 1;
  return text.tree.agents.get(entry.on as ReplicaId)?.pairs.has(last) === true ? count - 1 : count;
}
