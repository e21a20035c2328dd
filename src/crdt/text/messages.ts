/**
 * The operations of a text, and what applying them changed. See SPEC.md beside the engine for the rules and
 * docs/protocols/text-operations.md for the bytes.
 */
import type { HybridTime } from '../../clocks/hybrid-logical-clock.ts';
import type { OpId } from '../context.ts';
import type { Value } from '../value.ts';

/**
 * `insert`: `text` becomes characters `id`, `id + 1`, …; the first hangs on `parent` at `side` (Fugue; `null`
 * is the root, always `right`), each further one is the right child of the one before.
 */
export interface InsertOp {
  readonly type: 'insert';
  readonly id: OpId;
  readonly parent: OpId | null;
  readonly side: 'left' | 'right';
  /** Non-empty, well-formed UTF-16. Its length in code units is how many counters the operation uses. */
  readonly text: string;
}

/** `delete`: characters `target`, `target + 1`, … (`length` of them) become tombstones. Uses `length` counters. */
export interface DeleteOp {
  readonly type: 'delete';
  readonly id: OpId;
  readonly target: OpId;
  readonly length: number;
}

/**
 * `mark`: what lies between `start` and `end` has `value` under `name`, or nothing when `value` is null, unless a
 * later stamp says otherwise (Peritext). Uses one counter.
 */
export interface MarkOp {
  readonly type: 'mark';
  readonly id: OpId;
  /** `id` null: from the start of the text on. */
  readonly start: RelativePosition;
  /** `id` null: to the end of the text, whatever is typed there. */
  readonly end: RelativePosition;
  /** Each name is a register of its own: comments that overlap have names of their own, `comment:ID`. */
  readonly name: string;
  readonly value: Value;
  readonly stamp: HybridTime;
  /** Of a mark with the last stamp there is, which no stamp comes after: the highest such mark it was written over, if any. */
  readonly follows?: OpId;
}

/**
 * `restore`: the characters just before `id` (its author's) are those of `ranges` again, one after the other: what
 * names a deleted character means the new one from now on. Uses one counter.
 */
export interface RestoreOp {
  readonly type: 'restore';
  readonly id: OpId;
  readonly ranges: readonly IdRange[];
}

/** An operation of a newer version: kept and passed on, and without effect here. Uses `counters` counters, >= 1. */
export interface UnknownOp {
  readonly type: 'unknown';
  readonly id: OpId;
  /** The number its type has in bytes. */
  readonly kind: number;
  readonly counters: number;
  readonly bytes: Uint8Array;
}

/** What does not insert or delete: rare, and kept beside the text. */
export type ExtensionOp = MarkOp | RestoreOp | UnknownOp;

export type TextOp = InsertOp | DeleteOp | ExtensionOp;

/** Characters `target`, `target + 1`, …, `length` (>= 1) of them. */
export interface IdRange {
  readonly target: OpId;
  readonly length: number;
}

/**
 * Operations are made here and nowhere else where speed matters: V8 gives objects from each literal in the source a
 * shape of their own, and code that meets more than four shapes looks every field up by name.
 */
export function insertOp(id: OpId, parent: OpId | null, side: InsertOp['side'], text: string): InsertOp {
  return { type: 'insert', id, parent, side, text };
}

export function deleteOp(id: OpId, target: OpId, length: number): DeleteOp {
  return { type: 'delete', id, target, length };
}

/**
 * One visible change, in UTF-16 code units of the text just before it: `[from, to)` became `insert`. Lists of
 * changes are in the order they happened: each refers to the text after the ones before it.
 */
export interface TextChange {
  readonly from: number;
  readonly to: number;
  readonly insert: string;
}

/**
 * A place between two characters that survives edits: just after (`assoc` -1) or just before (`assoc` 1) the
 * character `id`; `id` null is the start of the text (-1) or its end (1).
 */
export interface RelativePosition {
  readonly id: OpId | null;
  readonly assoc: -1 | 1;
}

/** `[from, to)` of the text as it is now may look different: its marks changed. */
export interface MarkChange {
  readonly from: number;
  readonly to: number;
}

/** `marks`: what else to draw again beside `changes`, in order, not touching each other; absent when nothing. */
export type TextApplied =
  | { readonly ok: true; readonly changes: readonly TextChange[]; readonly marks?: readonly MarkChange[] }
  | { readonly ok: false; readonly reason: string };
