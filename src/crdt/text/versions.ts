/**
 * Earlier versions of a text: what it said, what changed, who wrote it, and a live text to go on from there.
 *
 * Nothing is replayed to look at one. Text order never changes, so a version is the walk of today's tree with some
 * characters left out: those with a counter that the version has not seen, and those of a delete that it
 * has. Counters are dense, so both are tests of whole stretches, and a version costs one pass over the runs.
 *
 * Versions are those of whole batches. One that ends inside a stretch that a replica typed or deleted in one go has its first
 * characters, as far as they stand in the order of its counters (a batch does not say which way its deletes went).
 */
import { assert } from '../../base/assert.ts';
import type { ReplicaId } from '../../base/ids.ts';
import { covers } from '../../clocks/vector-clock.ts';
import type { Context } from '../context.ts';
import { baseText } from './history-codec.ts';
import { opOf, wholeCount } from './history.ts';
import type { Entry, ReplicaLog, TextHistory, TextVersion } from './history.ts';
import type { TextChange } from './messages.ts';
import type { Text, TextOptions } from './text.ts';

/**
 * Why a version is not to be had. `unknown`: it has operations that are not here (yet), or it lacks some on which
 * others of it build; `pruned`: what it takes was garbage collected (`garbage.ts`).
 */
export interface VersionError {
  readonly ok: false;
  readonly reason: 'unknown' | 'pruned';
}

/** Characters `[from, to)` of a text: the ids `counter`, `counter + 1`, … of `replicaId`, who wrote them. */
export interface BlameRun {
  readonly from: number;
  readonly to: number;
  readonly replicaId: ReplicaId;
  readonly counter: number;
}

/** `[start, end)` by turns, ascending, apart from each other. */
type Ranges = readonly number[];

/** A version made ready for one pass over the runs. */
interface View {
  readonly version: TextVersion;
  readonly deleted: ReadonlyMap<ReplicaId, Ranges>;
}

export class TextVersions {
  readonly #text: Text;
  readonly #history: TextHistory;
  readonly #knows: (replicaId: ReplicaId, counter: number) => boolean;
  #base: Text | undefined = undefined;
  /** Deletes by the replica of their targets. */
  readonly #deletes = new Map<ReplicaId, Entry[]>();
  #indexed = 0;

  /**
   * `history` has all operations of `text`. `knows`: has the log delivered everything of `replicaId` below
   * `counter`? A log with other documents knows more than this history shows; by default the history decides.
   */
  constructor(
    text: Text,
    history: TextHistory,
    knows = (replicaId: ReplicaId, counter: number): boolean =>
      counter <= (history.logs.get(replicaId)?.end ?? 0),
  ) {
    this.#text = text;
    this.#history = history;
    this.#knows = knows;
  }

  /** What the text said at `version`. */
  checkout(version: TextVersion): { readonly ok: true; readonly text: string } | VersionError {
    const error = this.#check(version);
    if (error !== undefined) return error;
    const view = this.#view(version);
    const parts: string[] = [];
    const { tree } = this.#text;
    for (const run of tree.blocks.all()) {
      const { replicaId, start, end } = tree.idsOf(run);
      const shown = shownIn(view, replicaId, start, end);
      for (let i = 0; i < shown.length; i += 2)
        parts.push(this.#textOf(replicaId, shown[i] as number, shown[i + 1] as number));
    }
    return { ok: true, text: parts.join('') };
  }

  /** What to do to the text at `from` to get the text at `to`; in text order. */
  diff(
    from: TextVersion,
    to: TextVersion,
  ): { readonly ok: true; readonly changes: readonly TextChange[] } | VersionError {
    const error = this.#check(from) ?? this.#check(to);
    if (error !== undefined) return error;
    const [before, after] = [this.#view(from), this.#view(to)];
    const changes: TextChange[] = [];
    /** What differs since the last character that both show: `from` in the text as it will be. */
    let open = { from: 0, removed: 0, insert: '' };
    const close = (next: number): void => {
      if (open.removed > 0 || open.insert !== '')
        changes.push({ from: open.from, to: open.from + open.removed, insert: open.insert });
      open = { from: next, removed: 0, insert: '' };
    };
    const { tree } = this.#text;
    for (const run of tree.blocks.all()) {
      const { replicaId, start, end } = tree.idsOf(run);
      const old = shownIn(before, replicaId, start, end);
      const now = shownIn(after, replicaId, start, end);
      // Between two neighbouring ends of ranges, each of the two shows all or nothing.
      const cuts = [...old, ...now].sort((a, b) => a - b);
      for (let i = 1; i < cuts.length; i++) {
        const [first, stop] = [cuts[i - 1] as number, cuts[i] as number];
        if (first === stop) continue;
        const was = holds(old, first);
        const is = holds(now, first);
        if (was && is) close(open.from + open.insert.length + stop - first);
        else if (was) open.removed += stop - first;
        else if (is) open.insert += this.#textOf(replicaId, first, stop);
      }
    }
    close(0);
    return { ok: true, changes };
  }

  /** Who wrote what the text said at `version`, or says now. */
  blame(
    version: TextVersion = this.#history.version(),
  ): { readonly ok: true; readonly runs: readonly BlameRun[] } | VersionError {
    const error = this.#check(version);
    if (error !== undefined) return error;
    const view = this.#view(version);
    const runs: BlameRun[] = [];
    let at = 0;
    const { tree } = this.#text;
    for (const run of tree.blocks.all()) {
      const { replicaId, start, end } = tree.idsOf(run);
      const shown = shownIn(view, replicaId, start, end);
      for (let i = 0; i < shown.length; i += 2) {
        const counter = shown[i] as number;
        const to = at + (shown[i + 1] as number) - counter;
        const last = runs[runs.length - 1];
        const goesOn = last?.replicaId === replicaId && last.counter + last.to - last.from === counter;
        if (last !== undefined && goesOn) runs[runs.length - 1] = { ...last, to };
        else runs.push({ from: at, to, replicaId, counter });
        at = to;
      }
    }
    return { ok: true, runs };
  }

  /**
   * A live text that stands at `version`, to be edited as `writer.replicaId`, which must not write in this text at the
   * same time. To merge it back is to apply its operations here.
   */
  branch(
    version: TextVersion,
    writer: Pick<Context, 'replicaId' | 'counter'> & TextOptions,
  ): { readonly ok: true; readonly text: Text } | VersionError {
    const error = this.#check(version);
    if (error !== undefined) return error;
    const view = this.#view(version);
    const branch = baseText(this.#history, writer);
    for (const entry of this.#history.entries) {
      const count = wholeCount(entry, countIn(view.version, entry), branch);
      if (count > 0 && !branch.apply([opOf(entry, 0, count)]).ok) return { ok: false, reason: 'unknown' };
    }
    return { ok: true, text: branch };
  }

  #check(version: TextVersion): VersionError | undefined {
    for (const [replicaId, end] of version)
      if (!this.#knows(replicaId, end)) return { ok: false, reason: 'unknown' };
    const { base } = this.#history;
    return base === undefined || covers(version, base.version) ? undefined : { ok: false, reason: 'pruned' };
  }

  #view(version: TextVersion): View {
    this.#index();
    const whole = new Map<ReplicaId, number>();
    for (const log of this.#history.logs.values())
      whole.set(log.replicaId, wholeVersion(log, version.get(log.replicaId) ?? 0, this.#text));
    const deleted = new Map<ReplicaId, Ranges>();
    const base = this.#baseText()?.tree;
    for (const agent of this.#text.tree.agents.all()) {
      const ranges: [start: number, end: number][] = [];
      if (base !== undefined)
        for (const run of base.agents.get(agent.replicaId)?.runs() ?? []) {
          const { start, end } = base.idsOf(run);
          if (base.runs.visible[run] === 0) ranges.push([start, end]);
        }
      for (const entry of this.#deletes.get(agent.replicaId) ?? []) {
        const count = countIn(whole, entry);
        const start = entry.onCounter + (entry.flag ? entry.length - count : 0);
        if (count > 0) ranges.push([start, start + count]);
      }
      deleted.set(agent.replicaId, joined(ranges));
    }
    return { version: whole, deleted };
  }

  /** Takes in the deletes that came since; the last one known may have grown, which its entry says itself. */
  #index(): void {
    const { entries } = this.#history;
    for (; this.#indexed < entries.length; this.#indexed++) {
      const entry = entries[this.#indexed] as Entry;
      if (entry.type === 'insert' || entry.on === undefined) continue;
      const known = this.#deletes.get(entry.on);
      if (known === undefined) this.#deletes.set(entry.on, [entry]);
      else known.push(entry);
    }
  }

  #baseText(): Text | undefined {
    if (this.#history.base !== undefined) this.#base ??= baseText(this.#history);
    return this.#base;
  }

  /** Characters `[start, end)` of a replica, all of them in some version. */
  #textOf(replicaId: ReplicaId, start: number, end: number): string {
    const log = this.#history.logs.get(replicaId);
    assert(log !== undefined, 'a version has what the history has');
    const baseEnd = this.#history.base?.version.get(replicaId) ?? 0;
    let text = '';
    for (let at = start; at < end;) {
      if (at < baseEnd) {
        const tree = this.#baseText()?.tree;
        const run = tree?.agents.get(replicaId)?.find(at) ?? -1;
        assert(tree !== undefined && run >= 0, 'a base has what its versions have');
        const of = tree.idsOf(run);
        const stop = Math.min(end, of.end);
        const part = tree.textOf(run, at - of.start, stop - of.start);
        assert(part.length === stop - at, 'a base shows what its versions show');
        text += part;
        at = stop;
      } else {
        const entry = log.entryAt(at);
        assert(entry?.type === 'insert', 'a character was inserted');
        const stop = Math.min(end, entry.counter + entry.length);
        text += log.units.slice(entry.at + at - entry.counter, entry.at + stop - entry.counter);
        at = stop;
      }
    }
    return text;
  }
}

/** How many counters of `entry` are in `version`. */
export function countIn(version: TextVersion, { log, counter, length }: Entry): number {
  return Math.max(0, Math.min(length, (version.get(log.replicaId) ?? 0) - counter));
}

/** The counter up to which `log` is in a version that says `end`, without half a surrogate pair. */
export function wholeVersion(log: ReplicaLog, end: number, text: Text): number {
  const entry = end > 0 ? log.entryAt(end - 1) : undefined;
  return entry === undefined
    ? Math.min(end, log.end)
    : entry.counter + wholeCount(entry, end - entry.counter, text);
}

/** The stretches of `[start, end)` of a replica that a version shows. */
function shownIn(view: View, replicaId: ReplicaId, start: number, end: number): Ranges {
  const stop = Math.min(end, view.version.get(replicaId) ?? 0);
  const deleted = view.deleted.get(replicaId) ?? [];
  const shown: number[] = [];
  let at = start;
  for (let i = firstAfter(deleted, start); at < stop; i += 2) {
    const next = Math.min(stop, deleted[i] ?? Infinity);
    if (next > at) shown.push(at, next);
    at = deleted[i + 1] ?? Infinity;
  }
  return shown;
}

/** Index of the first range that ends after `at`. */
function firstAfter(ranges: Ranges, at: number): number {
  let low = 0;
  let high = ranges.length >> 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ranges[2 * middle + 1] as number) <= at) low = middle + 1;
    else high = middle;
  }
  return 2 * low;
}

function holds(ranges: Ranges, at: number): boolean {
  return (ranges[firstAfter(ranges, at)] ?? Infinity) <= at;
}

function joined(ranges: [start: number, end: number][]): Ranges {
  ranges.sort((a, b) => a[0] - b[0]);
  const all: number[] = [];
  for (const [start, end] of ranges) {
    const last = all[all.length - 1] ?? -1;
    if (start > last) all.push(start, end);
    else if (end > last) all[all.length - 1] = end;
  }
  return all;
}
