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
import type { ExtensionOp, TextOp } from './messages.ts';
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
  readonly #history: TextHistory;
  /** The numbers of its entries. */
  readonly entries: number[] = [];
  /** What it inserted, in the order of its counters. */
  readonly units = new UnitStore();
  /** Counter after its last operation here. */
  end: number;
  /** The last of `entries`, -1 for none. */
  last = -1;

  constructor(history: TextHistory, replicaId: ReplicaId, end: number) {
    this.#history = history;
    this.replicaId = replicaId;
    this.end = end;
  }

  /** The entry that has `counter`. */
  entryAt(counter: number): Entry | undefined {
    let low = 0;
    let high = this.entries.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#history.counterOf(this.entries[middle] as number) <= counter) low = middle + 1;
      else high = middle;
    }
    if (low === 0) return undefined;
    const entry = this.#history.entry(this.entries[low - 1] as number);
    return counter < entry.counter + entry.length ? entry : undefined;
  }
}

/** A stretch of typing or deleting, as it is now: `length` characters, one counter each, from `counter` on. */
export interface Entry {
  readonly log: ReplicaLog;
  readonly type: 'insert' | 'delete' | 'other';
  readonly counter: number;
  readonly length: number;
  /** The parent of an insert (`undefined`: the root), the replica of a delete's targets. */
  readonly on: ReplicaId | undefined;
  /** The parent's counter, the lowest counter of a delete's targets. */
  readonly onCounter: number;
  /** An insert on the left of its parent; a delete whose counters go backwards: the first deletes the last target. */
  readonly flag: boolean;
  /** Of an insert: where its text begins in `log.units`. */
  readonly at: number;
  /** Of any other operation than an insert or a delete: itself, whole. */
  readonly other: ExtensionOp | undefined;
}

/** What an entry is, with its flag. */
const INSERT = 0;
const DELETE = 1;
const OTHER = 2;
const FLAG = 4;

/** Where the entries begin: a state without history, and its version. */
export interface Base {
  readonly version: TextVersion;
  /** `encodeTextState` of the text at `version`. */
  readonly state: Uint8Array;
}

export class TextHistory {
  readonly base: Base | undefined;
  readonly logs = new Map<ReplicaId, ReplicaLog>();
  // What `Entry` says, in columns: a keystroke that jumps makes an entry, and objects would outlive every collection.
  readonly #logs: ReplicaLog[] = [];
  readonly #kinds: number[] = [];
  readonly #counters: number[] = [];
  readonly #lengths: number[] = [];
  readonly #ons: (ReplicaId | undefined)[] = [];
  readonly #onCounters: number[] = [];
  readonly #ats: number[] = [];
  readonly #others = new Map<number, ExtensionOp>();
  #log: ReplicaLog | undefined = undefined;

  constructor(base?: Base) {
    this.base = base;
    for (const [replicaId, end] of base?.version ?? [])
      this.logs.set(replicaId, new ReplicaLog(this, replicaId, end));
  }

  /** What is in here, with the base. */
  version(): Map<ReplicaId, number> {
    return new Map([...this.logs.values()].map(log => [log.replicaId, log.end]));
  }

  /** How many entries there are, each after those it builds on. */
  get size(): number {
    return this.#kinds.length;
  }

  /** All entries, in that order. */
  get entries(): readonly Entry[] {
    return this.#kinds.map((_, entry) => this.entry(entry));
  }

  /** The entry with this number, counted from 0. */
  entry(entry: number): Entry {
    const kind = this.#kinds[entry] as number;
    const type = kind & ~FLAG;
    return {
      log: this.#logs[entry] as ReplicaLog,
      type: type === INSERT ? 'insert' : type === DELETE ? 'delete' : 'other',
      counter: this.counterOf(entry),
      length: this.#lengths[entry] as number,
      on: this.#ons[entry],
      onCounter: this.#onCounters[entry] as number,
      flag: (kind & FLAG) !== 0,
      at: this.#ats[entry] as number,
      other: this.#others.get(entry),
    };
  }

  counterOf(entry: number): number {
    return this.#counters[entry] as number;
  }

  /**
   * Takes down operations that the text has just made or applied, in that order. What is here already is
   * skipped. `erases`: their deletes went backwards, which operations do not say.
   */
  append(ops: readonly TextOp[], erases = false): void {
    // Not `for … of`, here and wherever a keystroke passes: eslint.config.js says why.
    for (let i = 0; i < ops.length; i++) {
      const op = ops[i] as TextOp;
      const { replicaId, counter } = op.id;
      let log = this.#log;
      if (log?.replicaId !== replicaId) log = this.#logOf(replicaId);
      if (counter >= log.end) this.#append(log, op, erases);
      else this.#appendRest(log, op, log.end - counter, erases);
    }
  }

  /** All operations since the base, joined, each after those it builds on. */
  ops(): readonly TextOp[] {
    return this.entries.map(entry => opOf(entry, 0, entry.length));
  }

  #append(log: ReplicaLog, op: TextOp, erases: boolean): void {
    const { counter } = op.id;
    const { last } = log;
    const lengths = this.#lengths;
    // -1 is no index to ask an array for.
    const follows = last >= 0 && this.counterOf(last) + (lengths[last] as number) === counter;
    const kind = follows ? (this.#kinds[last] as number) : OTHER;
    if (op.type === 'insert') {
      const { parent, text } = op;
      if ((kind & ~FLAG) === INSERT && isChained(op)) lengths[last] = (lengths[last] as number) + text.length;
      else {
        const flag = op.side === 'left' ? FLAG : 0;
        this.#add(log, INSERT + flag, counter, text.length, parent?.replicaId, parent?.counter ?? 0);
      }
      log.units.append(text);
      log.end = counter + text.length;
      return;
    }
    if (op.type !== 'delete') {
      this.#others.set(this.size, op);
      const length = lengthOf(op);
      this.#add(log, OTHER, counter, length, undefined, 0);
      log.end = counter + length;
      return;
    }
    const { target, length } = op;
    log.end = counter + length;
    // A joined delete stands where its first did, so nothing may have come between that its targets build on.
    if ((kind & ~FLAG) === DELETE && last === this.size - 1 && this.#ons[last] === target.replicaId) {
      const known = lengths[last] as number;
      const lowest = this.#onCounters[last] as number;
      if (kind === DELETE && (!erases || length === 1) && target.counter === lowest + known) {
        lengths[last] = known + length;
        return;
      }
      const backwards = (erases || length === 1) && (kind !== DELETE || known === 1);
      if (backwards && target.counter + length === lowest) {
        this.#kinds[last] = DELETE + FLAG;
        this.#onCounters[last] = target.counter;
        lengths[last] = known + length;
        return;
      }
    }
    const flag = erases && length > 1 ? FLAG : 0;
    this.#add(log, DELETE + flag, counter, length, target.replicaId, target.counter);
  }

  /** Appends what is left of `op` without its first `known` characters, if anything is. */
  #appendRest(log: ReplicaLog, op: TextOp, known: number, erases: boolean): void {
    const left = lengthOf(op) - known;
    if (left <= 0) return;
    const id = { ...op.id, counter: op.id.counter + known };
    if (op.type === 'insert') {
      const parent = { ...id, counter: id.counter - 1 };
      this.#append(log, insertOp(id, parent, 'right', op.text.slice(known)), erases);
    } else if (op.type === 'delete') {
      const target = { ...op.target, counter: op.target.counter + (erases ? 0 : known) };
      this.#append(log, deleteOp(id, target, left), erases);
    } else log.end += left;
  }

  #add(
    log: ReplicaLog,
    kind: number,
    counter: number,
    length: number,
    on: ReplicaId | undefined,
    onCounter: number,
  ): void {
    log.last = this.size;
    log.entries.push(log.last);
    this.#logs.push(log);
    this.#kinds.push(kind);
    this.#counters.push(counter);
    this.#lengths.push(length);
    this.#ons.push(on);
    this.#onCounters.push(onCounter);
    this.#ats.push(log.units.length);
  }

  #logOf(replicaId: ReplicaId): ReplicaLog {
    let log = this.logs.get(replicaId);
    if (log === undefined) this.logs.set(replicaId, (log = new ReplicaLog(this, replicaId, 0)));
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
