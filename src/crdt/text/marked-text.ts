/** Text that carries its marks, as the clipboard holds it. */
import type { Value } from '../value.ts';
import { valueKey } from '../value.ts';
import type { TextOp } from './messages.ts';
import { toWellFormed } from './surrogates.ts';
import type { Text } from './text.ts';

export interface MarkedText {
  readonly text: string;
  readonly marks: Iterable<readonly [name: string, value: Value]>;
}

/**
 * Inserts `pieces` at `position`, which lies inside no surrogate pair, and writes only the marks that they do not
 * have from where they stand already.
 */
export function insertMarked(text: Text, position: number, pieces: readonly MarkedText[]): readonly TextOp[] {
  const wellFormed = pieces.map(piece => toWellFormed(piece.text));
  const ops = [...text.localInsert(position, wellFormed.join(''))];
  let from = position;
  pieces.forEach((piece, i) => {
    const to = from + (wellFormed[i] ?? '').length;
    const wanted = new Map(piece.marks);
    const found = text.spans(from, to);
    const names = new Set([...wanted.keys(), ...found.flatMap(span => [...span.marks.keys()])]);
    for (const name of names) {
      const value = wanted.get(name) ?? null;
      const key = valueKey(value);
      if (found.some(span => valueKey(span.marks.get(name) ?? null) !== key))
        ops.push(...text.localMark(from, to, name, value));
    }
    from = to;
  });
  return ops;
}
