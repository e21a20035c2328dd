/** What the bytes of a state mean (docs/protocols/text-state.md), and what is left of them when they are read. */
import type { ReplicaId } from '../../base/ids.ts';

export const textStateVersion = 1;

/** Bit 0 of a header: shown. */
export const VISIBLE = 1;
/** Bits 1 and 2: how the run hangs; `ODD`: the column of odd places says. */
export const HANG_SHIFT = 1;
export const CHAIN = 0;
export const RIGHT = 1;
export const LEFT = 2;
export const ODD = 3;
/** Bit 3: has one left child. */
export const LEFT_CHILD = 8;
/** Bits 4 to 7: characters, 0 when the column of lengths says. */
export const LENGTH_SHIFT = 4;
export const lengthInlineMax = 15;

/** Runs of one chunk of a loaded index, half a full one. */
export const frozenChunkRuns = 64;
/** Runs of one block of a loaded text: two thirds of a full one, which would split at the first edit. */
export const frozenBlockRuns = 32;

/** The runs of one replica by counter. */
export interface Order {
  /** Those that are no chains. What goes on one (`pieces`) stands between it and the next. */
  readonly heads: readonly number[];
  /** Where every `frozenChunkRuns`-th run stands: the index of its head in `heads`, then the run, by turns. */
  readonly cuts: readonly number[];
  /** Counter after the last one. */
  readonly end: number;
}

/** What the bytes say, checked. Run `i` is the `i`-th in text order. */
export interface StateColumns {
  /** Sorted, so that places in it compare as ids do. */
  readonly replicas: readonly ReplicaId[];
  readonly headers: Uint8Array;
  readonly text: string;
  /** May `text` have surrogates? */
  readonly astral: boolean;
  /** By run: `CHAIN`, `RIGHT` or `LEFT`. */
  readonly hangs: Uint8Array;
  /** By run: place in `replicas`. */
  readonly authors: Uint16Array;
  /** By run. Not typed arrays: the interpreter would make an object of every number it takes from one of doubles. */
  readonly starts: readonly number[];
  readonly lengths: readonly number[];
  /** By run: the parent's index, -1 for the root. */
  readonly parents: Int32Array;
  /** By run, then the root: its last left and right child, -1 for none. */
  readonly lastLefts: Int32Array;
  readonly lastRights: Int32Array;
  /** By run: the sibling before it, -1 for none. */
  readonly siblings: Int32Array;
  /** Characters shown before each `frozenBlockRuns`-th run, then all. */
  readonly shownAt: readonly number[];
  /** By replica. */
  readonly orders: readonly Order[];
  /** By run: the run that goes on with the next id, 0 for none. */
  readonly pieces: Int32Array;
  /** Deleted surrogate pairs: place of the replica and counter of the high half, by turns. */
  readonly pairs: readonly number[];
  /** What `marks-codec.ts` wrote; empty when there is nothing. */
  readonly extras: Uint8Array;
}
