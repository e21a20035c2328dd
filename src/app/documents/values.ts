/** What a document says, read as the screens need it. Whoever wrote it may have written anything. */
import type { Value } from '../../crdt/value.ts';

/** A title, a name of a column, an answer: one line, in UTF-16 units. */
export const titleLengthMax = 200;

/** One line without control and direction-changing characters, which could make one name read as another. */
export function cleanTitle(value: Value | undefined): string {
  if (typeof value !== 'string') return '';
  const clean = value
    .slice(0, 4 * titleLengthMax)
    .replace(/[\t\n\r]+/g, ' ')
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '')
    .trim();
  return clean.length <= titleLengthMax
    ? clean
    : clean.slice(0, titleLengthMax).replace(/[\ud800-\udbff]$/, '');
}

/** Text of several lines. */
export function textValue(value: Value | undefined, lengthMax: number): string {
  return typeof value === 'string' ? value.slice(0, lengthMax) : '';
}

/** Places of what is in order: the elements, each with how it is called. */
export function keyOf(id: { readonly replicaId: string; readonly counter: number }): string {
  return `${id.replicaId}.${String(id.counter)}`;
}
