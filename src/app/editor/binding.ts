/**
 * Ties a CodeMirror view to a page. CodeMirror gives the changes of a transaction all in places of the old
 * text; a page wants each in the text after the ones before it, and hands out its own in that form too.
 *
 * Places are UTF-16 code units on both sides, and `\n` is the only line break the editor knows (setup.ts), so
 * the two texts are equal unit for unit at all times. Whatever a page hands out is shown in the same turn.
 */
import { ChangeSet, Transaction, type Extension, type StateEffect, type Text } from '@codemirror/state';
import { EditorView } from '@codemirror/view';
import { assert } from '../../base/assert.ts';
import type { TextChange } from '../../crdt/text/messages.ts';
import type { PageSession, Profile } from '../space-session.ts';
import { markFresh } from './fresh-text.ts';
import { cursorsChanged, setCursors } from './remote-cursors.ts';

const lineBreak = '\n';

/** Whether `place` lies between the two halves of a character beyond the basic plane. */
function splitsPair(text: Text, place: number): boolean {
  if (place === 0 || place === text.length) return false;
  return /^[\ud800-\udbff][\udc00-\udfff]$/.test(text.sliceString(place - 1, place + 1, lineBreak));
}

/**
 * The changes one after the other. A change that begins or ends inside a surrogate pair (CodeMirror reads
 * 😀 → 😁 from the DOM as a change of the second half) is widened to the pair, so that no operation ever
 * carries half a character; the resulting text is the same.
 */
export function sequentialChanges(changes: ChangeSet, before: Text, after: Text): TextChange[] {
  const list: TextChange[] = [];
  changes.iterChanges((fromA, toA, fromB, toB) => {
    const atStart = splitsPair(before, fromA) || splitsPair(after, fromB) ? 1 : 0;
    const atEnd = splitsPair(before, toA) || splitsPair(after, toB) ? 1 : 0;
    const insert = after.sliceString(fromB - atStart, toB + atEnd, lineBreak);
    list.push({ from: fromB - atStart, to: fromB + (toA - fromA) + atEnd, insert });
  });
  return list;
}

/** The same changes as one set over a text of `length`. Composed in halves: a merge may bring thousands. */
export function composedChanges(changes: readonly TextChange[], length: number): ChangeSet {
  let now = length;
  let sets = changes.map(({ from, to, insert }) => {
    const set = ChangeSet.of({ from, to, insert }, now, lineBreak);
    now = set.newLength;
    return set;
  });
  while (sets.length > 1) {
    const halves: ChangeSet[] = [];
    for (let i = 0; i < sets.length; i += 2) {
      const [first, second] = sets.slice(i, i + 2);
      if (first !== undefined) halves.push(second === undefined ? first : first.compose(second));
    }
    sets = halves;
  }
  return sets[0] ?? ChangeSet.empty(length);
}

const isRemote = (transaction: Transaction): boolean => transaction.annotation(Transaction.remote) === true;

/**
 * Our own edits, to the page: the `dispatchTransactions` of a view. The page has an edit before the view draws it, so
 * that it is being signed meanwhile and is on its way to the others a millisecond or two earlier.
 */
export const reportTo =
  (page: PageSession) =>
  (transactions: readonly Transaction[], view: EditorView): void => {
    for (const transaction of transactions) {
      if (!transaction.docChanged || isRemote(transaction)) continue;
      page.edit(sequentialChanges(transaction.changes, transaction.startState.doc, transaction.newDoc));
      if (import.meta.env.DEV) assertEqual(transaction.newDoc, page);
    }
    view.update(transactions);
  };

/** Our selection, to the page. */
export function reportSelectionTo(page: PageSession): Extension {
  return EditorView.updateListener.of(update => {
    const selected = update.transactions.some(
      transaction =>
        !isRemote(transaction) && (transaction.docChanged || transaction.selection !== undefined),
    );
    if (!selected && !update.focusChanged) return;
    const { anchor, head } = update.state.selection.main;
    page.select(update.view.hasFocus ? { anchor, head } : undefined);
  });
}

/** Others' edits and cursors, from the page. Returns what ends it. */
export function showFrom(page: PageSession, view: EditorView): () => void {
  const show = (changes: readonly TextChange[], author: Profile | undefined): void => {
    const set = composedChanges(changes, view.state.doc.length);
    const effects: StateEffect<unknown>[] = [setCursors.of(page.cursors())];
    if (author !== undefined)
      effects.push(markFresh.of({ changes: set, colour: author.colour, now: performance.now() }));
    const height = view.contentHeight;
    view.dispatch({
      changes: set,
      effects,
      annotations: [Transaction.remote.of(true), Transaction.addToHistory.of(false)],
    });
    // CodeMirror keeps the line at the top in place when it next measures, once a frame; a second transaction
    // before that makes it forget by how much the first one moved it. Asking for a line makes it measure now.
    if (view.contentHeight !== height) view.lineBlockAtHeight(0);
    if (import.meta.env.DEV) assertEqual(view.state.doc, page);
  };
  const showCursors = (): void => {
    const cursors = page.cursors();
    if (!cursorsChanged(view.state, cursors)) return;
    view.dispatch({ effects: setCursors.of(cursors), annotations: Transaction.remote.of(true) });
  };
  const ends = [page.subscribe(show), page.subscribeCursors(showCursors)];
  showCursors();
  return () => {
    for (const end of ends) end();
  };
}

/** While developing: an editor that drifted from its page must not go on writing. */
function assertEqual(doc: Text, page: PageSession): void {
  assert(doc.length === page.text().length, 'the editor and its page hold texts of different lengths');
}
