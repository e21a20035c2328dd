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

/** What is written to: a text, or its undo. */
export type MarkedTarget = Pick<Text, 'localInsert' | 'localMark' | 'indexOf' | 'spans'>;

/** Inserts `pieces` at `position` and writes only the marks that they do not have from where they stand already. */
export function insertMarked(
  text: MarkedTarget,
  position: number,
  pieces: readonly MarkedText[],
): readonly TextOp[] {
  const wellFormed = pieces.map(piece => toWellFormed(piece.text));
  const ops = [...text.localInsert(position, wellFormed.join(''))];
  const [first] = ops;
  const start = first === undefined ? undefined : text.indexOf({ id: first.id, assoc: 1 });
  if (start === undefined) return ops;
  let from = start;
  for (const [i, piece] of pieces.entries()) {
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
  }
  return ops;
}
