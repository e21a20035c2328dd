/**
 * The replicated log as one member sees it: what is stored, then what is not yet (Ongaro's thesis, sections 3.5 and 3.6).
 *
 *     compacted | stored … | unstable …
 *                     ↑ applied ≤ applying ≤ committed
 *
 * `committed` is stored on a quorum, though perhaps not here. `applying` was handed out to be applied, `applied` has been. Those two
 * part when the state machine works on its own time; `applyingBytesMax` then bounds what it may be behind.
 */
import { assert } from '../base/assert.ts';
import { limitBytes, sumBytes, type Entry, type EntryId, type Snapshot } from './entry.ts';
import type { LogStorage } from './log-storage.ts';
import { Unstable } from './unstable.ts';

export interface LogLimits {
  /** Bytes of entries handed out and not applied yet. One entry may pass it. */
  readonly applyingBytesMax: number;
  readonly bytesOf: (entry: Entry) => number;
}

export class RaftLog {
  readonly unstable: Unstable;
  committed: number;
  applied: number;
  applying: number;
  readonly #storage: LogStorage;
  readonly #limits: LogLimits;
  #applyingBytes = 0;
  #applyingPaused = false;

  constructor(storage: LogStorage, limits: LogLimits) {
    this.#storage = storage;
    this.#limits = limits;
    this.unstable = new Unstable(storage.lastIndex + 1);
    this.committed = storage.firstIndex - 1;
    this.applied = this.committed;
    this.applying = this.committed;
  }

  get firstIndex(): number {
    return this.unstable.firstIndex() ?? this.#storage.firstIndex;
  }
  get lastIndex(): number {
    return this.unstable.lastIndex() ?? this.#storage.lastIndex;
  }
  get last(): EntryId {
    const index = this.lastIndex;
    return { index, term: this.term(index) ?? 0 };
  }
  /** Undefined when it is compacted or not there. */
  term(index: number): number | undefined {
    const unstable = this.unstable.term(index);
    if (unstable !== undefined) return unstable;
    if (index < this.firstIndex - 1 || index > this.lastIndex) return undefined;
    return this.#storage.term(index);
  }
  matches({ index, term }: EntryId): boolean {
    return this.term(index) === term;
  }
  /** Whether a log that ends with `last` has all that is committed here: the vote's condition (thesis, section 3.6.1). */
  isUpToDate(last: EntryId): boolean {
    const own = this.last;
    return last.term > own.term || (last.term === own.term && last.index >= own.index);
  }
  /** From `index` on; undefined when that is compacted. */
  entries(index: number, bytesMax: number): readonly Entry[] | undefined {
    if (index > this.lastIndex) return [];
    return index < this.firstIndex ? undefined : this.slice(index, this.lastIndex + 1, bytesMax);
  }
  /** `[low, high)`, the longest prefix within `bytesMax` and at least one. */
  slice(low: number, high: number, bytesMax: number): readonly Entry[] {
    const { offset } = this.unstable;
    if (low >= offset) return limitBytes(this.unstable.slice(low, high), bytesMax, this.#limits.bytesOf);
    const until = Math.min(high, offset);
    const stored = this.#storage.entries(low, until, bytesMax);
    if (high <= offset || stored.length < until - low) return stored;
    return limitBytes([...stored, ...this.unstable.slice(offset, high)], bytesMax, this.#limits.bytesOf);
  }
  snapshot(): Snapshot | undefined {
    return this.unstable.snapshot ?? this.#storage.snapshot();
  }

  /** In place of what is there at and after the first of them. */
  append(entries: readonly Entry[]): void {
    const [first] = entries;
    if (first === undefined) return;
    assert(first.index > this.committed, 'what is committed is not overwritten');
    this.unstable.truncateAndAppend(entries);
  }

  /**
   * Appends what a leader sent after `previous`. Nothing is cut off unless an entry of it conflicts: an append that was delayed must
   * not take back what a later one brought (thesis, section 3.5, rule 3 of AppendEntries). False when `previous` is not here.
   */
  appendAfter(previous: EntryId, entries: readonly Entry[], leaderCommit: number): boolean {
    if (!this.matches(previous)) return false;
    const firstNew = entries.findIndex(entry => !this.matches(entry));
    if (firstNew >= 0) this.append(firstNew === 0 ? entries : entries.slice(firstNew));
    // Behind what this append covers our log may differ from the leader's, so nothing there counts as committed.
    this.commitTo(Math.min(leaderCommit, previous.index + entries.length));
    return true;
  }

  /**
   * The last place up to `index` where this log might still match another that has an entry of `term` there: terms only rise along a log,
   * so what is later than `term` cannot match. Its term is 0 when unknown here (thesis, section 3.5, skipping whole terms).
   */
  lastPossibleMatch(index: number, term: number): EntryId {
    for (let at = index; at > 0; at--) {
      const own = this.term(at);
      if (own === undefined) return { index: at, term: 0 };
      if (own <= term) return { index: at, term: own };
    }
    return { index: 0, term: 0 };
  }

  /** False when there is no such entry here: somebody's log is lost. */
  commitTo(index: number): boolean {
    if (index > this.lastIndex) return false;
    if (index > this.committed) this.committed = index;
    return true;
  }
  /** A leader counts copies of entries of its own term only; the others are committed with them (thesis, section 3.6.2). */
  commitIfOfTerm(index: number, term: number): boolean {
    if (index <= this.committed || this.term(index) !== term) return false;
    this.committed = index;
    return true;
  }

  #appliable(allowUnstable: boolean): number {
    return allowUnstable ? this.committed : Math.min(this.committed, this.unstable.offset - 1);
  }
  hasNextCommitted(allowUnstable: boolean): boolean {
    // A snapshot that waits is applied first, or the order would be lost.
    if (this.#applyingPaused || this.unstable.snapshot !== undefined) return false;
    return this.applying < this.#appliable(allowUnstable);
  }
  /** Committed, and not handed out yet. */
  nextCommitted(allowUnstable: boolean): readonly Entry[] {
    if (!this.hasNextCommitted(allowUnstable)) return [];
    const bytesMax = this.#limits.applyingBytesMax - this.#applyingBytes;
    return this.slice(this.applying + 1, this.#appliable(allowUnstable) + 1, bytesMax);
  }
  acceptApplying(entries: readonly Entry[], allowUnstable: boolean): void {
    const last = entries.at(-1);
    if (last === undefined) return;
    this.applying = last.index;
    this.#applyingBytes += sumBytes(entries, this.#limits.bytesOf);
    // Cut short by the limit counts as having reached it.
    this.#applyingPaused =
      this.#applyingBytes >= this.#limits.applyingBytesMax || last.index < this.#appliable(allowUnstable);
  }
  appliedTo(index: number, bytes: number): void {
    assert(index <= this.committed && index >= this.applied, 'only what is committed is applied, in order');
    this.applied = index;
    this.applying = Math.max(this.applying, index);
    this.#applyingBytes = Math.max(0, this.#applyingBytes - bytes);
    this.#applyingPaused = this.#applyingBytes >= this.#limits.applyingBytesMax;
  }

  restore(snapshot: Snapshot): void {
    this.committed = snapshot.index;
    this.unstable.restore(snapshot);
  }
}
