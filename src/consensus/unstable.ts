/**
 * The end of the log that is not known to be on disk yet, and a snapshot on its way there.
 *
 * `offset` is the index of the first entry kept here; the store may hold some at and after it, which are void: they
 * will be overwritten. `offsetInProgress` divides what was handed out to be written from what was not.
 */
import { assert } from '../base/assert.ts';
import type { Entry, EntryId, Snapshot } from './entry.ts';

export class Unstable {
  snapshot: Snapshot | undefined = undefined;
  offset: number;
  #entries: Entry[] = [];
  #offsetInProgress: number;
  #snapshotInProgress = false;

  constructor(offset: number) {
    this.offset = offset;
    this.#offsetInProgress = offset;
  }

  get isEmpty(): boolean {
    return this.#entries.length === 0;
  }
  firstIndex(): number | undefined {
    return this.snapshot === undefined ? undefined : this.snapshot.index + 1;
  }
  lastIndex(): number | undefined {
    if (this.#entries.length > 0) return this.offset + this.#entries.length - 1;
    return this.snapshot?.index;
  }
  /** Undefined when this index is not among what is kept here. */
  term(index: number): number | undefined {
    if (index >= this.offset) return this.#entries[index - this.offset]?.term;
    return this.snapshot?.index === index ? this.snapshot.term : undefined;
  }
  slice(low: number, high: number): readonly Entry[] {
    assert(low >= this.offset && high <= this.offset + this.#entries.length, 'these entries are unstable');
    return this.#entries.slice(low - this.offset, high - this.offset);
  }

  /** Not handed out yet. */
  nextEntries(): readonly Entry[] {
    return this.hasNextEntries ? this.#entries.slice(this.#offsetInProgress - this.offset) : [];
  }
  get hasNextEntries(): boolean {
    return this.#entries.length > this.#offsetInProgress - this.offset;
  }
  nextSnapshot(): Snapshot | undefined {
    return this.#snapshotInProgress ? undefined : this.snapshot;
  }
  /** All that is here has been handed out. */
  accept(): void {
    this.#offsetInProgress = this.offset + this.#entries.length;
    this.#snapshotInProgress = this.snapshot !== undefined;
  }

  /**
   * Everything up to `id` is on disk, and no write under way can undo it. Nothing happens where another entry has taken its place
   * meanwhile.
   */
  stableTo({ index, term }: EntryId): void {
    if (index < this.offset || this.term(index) !== term) return;
    this.#entries = this.#entries.slice(index + 1 - this.offset);
    this.offset = index + 1;
    this.#offsetInProgress = Math.max(this.#offsetInProgress, this.offset);
  }
  stableSnapshotTo(index: number): void {
    if (this.snapshot?.index !== index) return;
    this.snapshot = undefined;
    this.#snapshotInProgress = false;
  }

  restore(snapshot: Snapshot): void {
    this.snapshot = snapshot;
    this.#snapshotInProgress = false;
    this.#entries = [];
    this.offset = snapshot.index + 1;
    this.#offsetInProgress = this.offset;
  }

  /** Appends, after cutting off what was at the first new index and after it. */
  truncateAndAppend(entries: readonly Entry[]): void {
    const first = (entries[0] as Entry).index;
    assert(first <= this.offset + this.#entries.length, 'a log has no gaps');
    if (first <= this.offset) {
      this.#entries = [...entries];
      this.offset = first;
      this.#offsetInProgress = first;
      return;
    }
    this.#entries.length = first - this.offset;
    for (const entry of entries) this.#entries.push(entry);
    // What was cut off and is being written must be written again as it is now.
    this.#offsetInProgress = Math.min(this.#offsetInProgress, first);
  }
}
