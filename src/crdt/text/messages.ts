/**
 * The operations of a text, and what applying them changed. See SPEC.md beside the engine for the rules and
 * docs/protocols/text-operations.md for the bytes.
 */
import type { OpId } from '../context.ts';

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

export type TextOp = InsertOp | DeleteOp;

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
