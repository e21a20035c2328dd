/**
 * A watch: every change of a range of keys from a revision on, in order, none twice and none left out. It pulls, so a watcher that
 * is slow, or asleep, holds nothing back and grows no queue; one that comes after its history was compacted is told so, and reads anew.
 */
import type { KeyRange, Version } from './commands.ts';
import type { Revisions } from './revisions.ts';

export type Watched =
  | { readonly ok: true; readonly changes: readonly Version[] }
  | { readonly ok: false; readonly reason: 'compacted'; readonly compactedRevision: number };

export class Watch {
  readonly #range: KeyRange;
  #upTo: number;

  /** The first change it tells of is that of `from`. */
  constructor(range: KeyRange, from: number) {
    this.#range = range;
    this.#upTo = from - 1;
  }
  /** All up to here it has told. */
  get toldUpTo(): number {
    return this.#upTo;
  }
  /** What came since, by whole revisions, until there are `atLeast` changes. */
  take(revisions: Revisions, atLeast = 256): Watched {
    // A member that restored an older snapshot has not come so far again yet.
    if (this.#upTo >= revisions.revision) return { ok: true, changes: [] };
    const told = revisions.changesAfter(this.#upTo, this.#range, atLeast);
    if (!told.ok) return { ok: false, reason: 'compacted', compactedRevision: revisions.compactedRevision };
    this.#upTo = told.upTo;
    return { ok: true, changes: told.changes };
  }
}
