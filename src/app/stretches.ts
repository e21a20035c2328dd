/** Moments gathered into stretches, as one remembers them: what one person wrote in one go. Pure. */
import type { PastMoment } from './space-session.ts';

/** A pause this long, or somebody else in between, begins a new stretch. */
export const pauseMs = 60_000;

export interface Stretch {
  /** Its moments are those from the `from`th up to and without the `to`th. */
  readonly from: number;
  readonly to: number;
  readonly last: PastMoment;
}

/** Oldest first. */
export function stretchesOf(moments: readonly PastMoment[]): readonly Stretch[] {
  const stretches: Stretch[] = [];
  let before: PastMoment | undefined;
  for (const [at, last] of moments.entries()) {
    const goesOn = before?.replicaId === last.replicaId && Math.abs(last.wallMs - before.wallMs) < pauseMs;
    const open = stretches.at(-1);
    if (goesOn && open !== undefined) stretches[stretches.length - 1] = { from: open.from, to: at + 1, last };
    else stretches.push({ from: at, to: at + 1, last });
    before = last;
  }
  return stretches;
}

/** A piece of a text as it was: what stood there already, what this stretch put there, and what it took away. */
export interface PastPiece {
  readonly type: 'kept' | 'added' | 'removed';
  readonly text: string;
}

/**
 * `after` in pieces. `changes` led to it, in text order, each in the text after the ones before it; `before` is what they
 * began with.
 */
export function piecesOf(
  before: string,
  after: string,
  changes: readonly { readonly from: number; readonly to: number; readonly insert: string }[],
): readonly PastPiece[] {
  const pieces: PastPiece[] = [];
  const push = (type: PastPiece['type'], text: string): void => {
    if (text !== '') pieces.push({ type, text });
  };
  let [old, now] = [0, 0];
  for (const { from, to, insert } of changes) {
    push('kept', after.slice(now, from));
    old += from - now;
    push('removed', before.slice(old, old + to - from));
    old += to - from;
    push('added', insert);
    now = from + insert.length;
  }
  push('kept', after.slice(now));
  return pieces;
}

/** Characters put there and taken away. */
export function countsOf(
  changes: readonly { readonly from: number; readonly to: number; readonly insert: string }[],
): {
  readonly added: number;
  readonly removed: number;
} {
  let [added, removed] = [0, 0];
  for (const { from, to, insert } of changes) {
    added += insert.length;
    removed += to - from;
  }
  return { added, removed };
}
