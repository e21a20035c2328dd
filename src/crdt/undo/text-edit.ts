/** What one's own edits did to a text, by ids: enough to take it back whatever others did since. */
import { idAt } from '../text/id-range.ts';
import type { KnownText } from '../text/deleted-text.ts';
import type { IdRange, MarkOp } from '../text/messages.ts';
import type { MarkSegment } from '../text/marks.ts';

/** Edits grow in place while their group is open. */
export interface TextEdit {
  /** All of one's own, rising. */
  readonly inserted: IdRange[];
  /** With a copy of the text: tombstones have none. */
  readonly deleted: KnownText[];
  /** In the order they were made. */
  readonly marked: MarkEdit[];
}

/** A mark, and what was there before it, piece by piece from its start to its end. */
export interface MarkEdit {
  readonly op: MarkOp;
  readonly before: readonly MarkSegment[];
}

export function textEdit(parts: {
  readonly inserted?: readonly IdRange[];
  readonly deleted?: readonly KnownText[];
  readonly marked?: readonly MarkEdit[];
}): TextEdit {
  const edit: TextEdit = { inserted: [], deleted: [], marked: [...(parts.marked ?? [])] };
  for (const range of parts.inserted ?? []) addInserted(edit.inserted, range);
  for (const text of parts.deleted ?? []) addDeleted(edit.deleted, text);
  return edit;
}

export function isEmpty({ inserted, deleted, marked }: TextEdit): boolean {
  return inserted.length === 0 && deleted.length === 0 && marked.length === 0;
}

/** Makes `first` do what it did and then `second`. Text that came and went again is in neither list. */
export function joinEdits(first: TextEdit, second: TextEdit): TextEdit {
  for (const known of second.deleted) deleteAgain(first, known);
  for (const range of second.inserted) addInserted(first.inserted, range);
  first.marked.push(...second.marked);
  return first;
}

/** Notes that `known` was deleted after `edit`: what `edit` had inserted of it just leaves that list. */
function deleteAgain({ inserted, deleted }: TextEdit, known: KnownText): void {
  const { id, text } = known;
  const end = id.counter + text.length;
  const own = inserted[0]?.target.replicaId === id.replicaId;
  let at = id.counter;
  for (let slot = own ? firstBehind(inserted, at) : inserted.length; at < end;) {
    const range = inserted[slot];
    const start = range === undefined ? end : Math.min(end, range.target.counter);
    if (start > at) addDeleted(deleted, { id: idAt(id, at - id.counter), text: slice(known, at, start) });
    at = Math.max(at, start);
    if (range === undefined || at >= end) return;
    const stop = Math.min(end, range.target.counter + range.length);
    const rest = cut(range, at, stop);
    inserted.splice(slot, 1, ...rest);
    slot += rest.length;
    at = stop;
  }
}

/** The first of the rising `ranges` that ends behind `counter`. */
function firstBehind(ranges: readonly IdRange[], counter: number): number {
  let low = 0;
  let high = ranges.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const { target, length } = ranges[middle] as IdRange;
    if (target.counter + length > counter) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** What of `range` lies outside the counters `[start, end)`, which lie in it. */
function cut({ target, length }: IdRange, start: number, end: number): readonly IdRange[] {
  const stop = target.counter + length;
  const parts: IdRange[] = [];
  if (start > target.counter) parts.push({ target, length: start - target.counter });
  if (end < stop) parts.push({ target: idAt(target, end - target.counter), length: stop - end });
  return parts;
}

function slice({ id, text }: KnownText, start: number, end: number): string {
  return text.slice(start - id.counter, end - id.counter);
}

function addInserted(inserted: IdRange[], range: IdRange): void {
  const last = inserted[inserted.length - 1];
  if (last !== undefined && last.target.counter + last.length === range.target.counter)
    inserted[inserted.length - 1] = { target: last.target, length: last.length + range.length };
  else inserted.push(range);
}

/** Neighbours are joined, as deleting forwards and backwards leaves them. */
function addDeleted(deleted: KnownText[], next: KnownText): void {
  const last = deleted[deleted.length - 1];
  if (last !== undefined && goesOn(last, next))
    deleted[deleted.length - 1] = { id: last.id, text: last.text + next.text };
  else if (last !== undefined && goesOn(next, last))
    deleted[deleted.length - 1] = { id: next.id, text: next.text + last.text };
  else deleted.push(next);
}

function goesOn(first: KnownText, second: KnownText): boolean {
  return (
    first.id.replicaId === second.id.replicaId && first.id.counter + first.text.length === second.id.counter
  );
}
