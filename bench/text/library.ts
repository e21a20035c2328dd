/** What the suite asks of every library: an adapter of some fifty lines each, in `libraries/`. */

/** Somebody's text. */
export interface Editor {
  /** One transaction: `deleted` places at `position` become `inserted`. */
  edit(position: number, deleted: number, inserted: string): void;
  text(): string;
}

/** One copy of a text that others have copies of. */
export interface Replica extends Editor {
  /** As `edit`, and the update that tells the others. */
  editAndEncode(position: number, deleted: number, inserted: string): Uint8Array;
  /** Takes in what another replica's `editAndEncode` gave. */
  apply(update: Uint8Array): void;
  /** All of `updates`, which this replica has applied in this order, as one. Not timed. */
  merge(updates: readonly Uint8Array[]): Uint8Array;
  /** What `merge` gave, as a replica that had nothing takes it in. */
  applyMerged(merged: Uint8Array): void;
  /** The text as it is, with whatever is needed to go on editing with others. Absent: only with its history. */
  state?(): Uint8Array;
  /** Everything that ever happened; `updates` is all of it. Absent: the library does not keep that. */
  history?(updates: readonly Uint8Array[]): Uint8Array;
}

/** `units`: positions count UTF-16 code units; `characters`: Unicode characters. */
export type Counts = 'units' | 'characters';

/** A library of texts that merge. */
export interface Replicating {
  readonly counts: Counts;
  /** An empty text, the same one for all; `agent` names who writes. */
  open(agent: number): Replica;
  /** From `state`, or `history` where there is none. */
  load?(bytes: Uint8Array, agent: number): Editor;
}

/** A text of one's own, for comparison. */
export interface Alone {
  readonly counts: Counts;
  openAlone(): Editor;
}

export type Library = Replicating | Alone;
