/**
 * Where the log lies once it is written, read synchronously: the driver keeps what is not compacted in memory, beside the
 * disk. `MemoryLogStorage` is that memory, and all there is in tests.
 *
 * It begins with one entry that is no more than an id: the last one that was compacted, whose term appends still have to match.
 */
import { assert } from '../base/assert.ts';
import { emptyConfiguration, type Configuration } from './configuration.ts';
import {
  limitBytes,
  entryBytes,
  nobody,
  type Entry,
  type EntryId,
  type HardState,
  type Snapshot,
} from './entry.ts';

/** What the core reads. All of it is what was written last, whether or not the core was told so. */
export interface LogStorage {
  readonly hardState: HardState;
  /** As of the entry that the core is started with as applied. */
  readonly configuration: Configuration;
  /** Index of the first entry that was not compacted. */
  readonly firstIndex: number;
  readonly lastIndex: number;
  /** Of an index from `firstIndex - 1` to `lastIndex`. */
  term(index: number): number;
  /** `[low, high)` within what is stored, the longest prefix within `bytesMax` and at least one. */
  entries(low: number, high: number, bytesMax: number): readonly Entry[];
  /** The latest, undefined while none can be had. Its index is at least `firstIndex - 1`. */
  snapshot(): Snapshot | undefined;
}

/** What is on disk, as a member starts with it. */
export interface StoredLog {
  readonly hardState: HardState;
  readonly snapshot: Snapshot | undefined;
  /** The last entry that was compacted. */
  readonly compacted: EntryId;
  /** All after that. */
  readonly entries: readonly Entry[];
}

const nothingVoted: HardState = { term: 0, votedFor: nobody, commitIndex: 0 };

export class MemoryLogStorage implements LogStorage {
  hardState: HardState = nothingVoted;
  configuration: Configuration = emptyConfiguration;
  readonly #bytesOf: (entry: Entry) => number;
  #compacted: EntryId = { term: 0, index: 0 };
  #entries: Entry[] = [];
  #snapshot: Snapshot | undefined = undefined;

  constructor(bytesOf: (entry: Entry) => number = entryBytes) {
    this.#bytesOf = bytesOf;
  }

  static restored({ hardState, snapshot, compacted, entries }: StoredLog): MemoryLogStorage {
    const storage = new MemoryLogStorage();
    storage.hardState = hardState;
    storage.#snapshot = snapshot;
    storage.configuration = snapshot?.configuration ?? emptyConfiguration;
    storage.#compacted = compacted;
    storage.#entries = [...entries];
    return storage;
  }
  stored(): StoredLog {
    const { hardState } = this;
    return { hardState, snapshot: this.#snapshot, compacted: this.#compacted, entries: [...this.#entries] };
  }

  get firstIndex(): number {
    return this.#compacted.index + 1;
  }
  get lastIndex(): number {
    return this.#compacted.index + this.#entries.length;
  }
  term(index: number): number {
    if (index === this.#compacted.index) return this.#compacted.term;
    const entry = this.#entries[index - this.firstIndex];
    assert(entry !== undefined, 'a term is asked of what is stored');
    return entry.term;
  }
  entries(low: number, high: number, bytesMax: number): readonly Entry[] {
    assert(low >= this.firstIndex && high <= this.lastIndex + 1, 'entries are asked of what is stored');
    return limitBytes(
      this.#entries.slice(low - this.firstIndex, high - this.firstIndex),
      bytesMax,
      this.#bytesOf,
    );
  }
  snapshot(): Snapshot | undefined {
    return this.#snapshot;
  }

  /** Everything at and after the first of them is replaced. What was compacted meanwhile is passed over. */
  append(entries: readonly Entry[]): void {
    const kept = entries.filter(({ index }) => index >= this.firstIndex);
    const [first] = kept;
    if (first === undefined) return;
    assert(first.index <= this.lastIndex + 1, 'a log has no gaps');
    this.#entries.length = first.index - this.firstIndex;
    for (const entry of kept) this.#entries.push(entry);
  }
  /** A snapshot from the leader takes the place of the whole log. An older one than is stored is passed over. */
  applySnapshot(snapshot: Snapshot): void {
    if (this.#snapshot !== undefined && this.#snapshot.index >= snapshot.index) return;
    this.#snapshot = snapshot;
    this.#compacted = { term: snapshot.term, index: snapshot.index };
    this.#entries = [];
    this.configuration = snapshot.configuration;
  }
  /** A snapshot of our own state machine, which a restart begins with; the log stays until `compact`. */
  keepSnapshot(snapshot: Snapshot): void {
    if (this.#snapshot !== undefined && this.#snapshot.index >= snapshot.index) return;
    this.#snapshot = snapshot;
    this.configuration = snapshot.configuration;
  }
  /** Drops the entries up to `index`, which must be applied. */
  compact(index: number): void {
    assert(index <= this.lastIndex, 'only what is stored is compacted');
    if (index <= this.#compacted.index) return;
    const term = this.term(index);
    this.#entries = this.#entries.slice(index + 1 - this.firstIndex);
    this.#compacted = { term, index };
  }
}
