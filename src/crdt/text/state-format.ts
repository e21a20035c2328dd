/** What the bytes of a state mean (docs/protocols/text-state.md), and what is left of them when they are read. */
import type { ReplicaId } from '../../base/ids.ts';
import type { Runs } from './runs.ts';

export const textStateVersion = 1;

/** Bit 0 of a header: shown. */
export const VISIBLE = 1;
/** Bits 1 and 2: how the run hangs, as `runs.ts` has it; `ODD`: the column of odd places says. */
export const HANG_SHIFT = 1;
export const ODD = 3;
/** Bit 3: has one left child. */
export const LEFT_CHILD = 8;
/** Bits 4 to 7: characters, 0 when the column of lengths says. */
export const LENGTH_SHIFT = 4;
export const lengthInlineMax = 15;

/** Runs of one chunk of a loaded index, half a full one. */
export const loadedChunkRuns = 64;

/** The runs of one replica by counter. */
export interface Order {
  /** In chunks. */
  readonly chunks: number[][];
  /** Counter after the last one. */
  readonly end: number;
}

/** What the bytes say, checked. */
export interface StateColumns {
  /** Sorted, so that places in it compare as ids do. */
  readonly replicas: readonly ReplicaId[];
  /** In text order behind the root. The agent of the `n`-th replica, counted from 1, is `n`. */
  readonly runs: Runs;
  readonly text: string;
  /** May `text` have surrogates? */
  readonly astral: boolean;
  /** By replica. */
  readonly orders: readonly Order[];
  /** Deleted surrogate pairs: agent and counter of the high half, by turns. */
  readonly pairs: readonly number[];
  /** What `marks-codec.ts` wrote; empty when there is nothing. */
  readonly extras: Uint8Array;
}
