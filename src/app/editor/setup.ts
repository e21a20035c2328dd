/**
 * The editor without a page: what one types into. Its own undo, Markdown, the look. The benchmark puts other
 * bindings on exactly this list, so that what it compares is the bindings.
 */
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { EditorState, Transaction, type Extension, type TransactionSpec } from '@codemirror/state';
import { EditorView, drawSelection, keymap, placeholder } from '@codemirror/view';
import { links } from './links.ts';
import { markdown } from './markdown.ts';
import { slashMenu } from './slash-menu.ts';
import { tasks } from './tasks.ts';
import { theme } from './theme.ts';

const loneSurrogate = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;
const replacementCharacter = '\ufffd';

/**
 * Text from outside in the form a page holds: `\n` ends a line, every character is whole. Dropped and pasted
 * text passes through here before it becomes an edit.
 */
export function cleanText(text: string): string {
  return text.replace(/\r\n?/g, '\n').replace(loneSurrogate, replacementCharacter);
}

/**
 * Half a character may also come from a keyboard. It is replaced in the same transaction, unit for unit, so
 * that no place moves and undo takes both back together.
 */
const wholeCharacters = EditorState.transactionFilter.of(transaction => {
  if (!transaction.docChanged || transaction.annotation(Transaction.remote) === true) return transaction;
  const repairs: { from: number; to: number; insert: string }[] = [];
  transaction.changes.iterChanges((_fromA, _toA, fromB, toB) => {
    const from = Math.max(0, fromB - 1);
    const around = transaction.newDoc.sliceString(from, toB + 1, '\n');
    if (!/[\ud800-\udfff]/.test(around)) return;
    for (const match of around.matchAll(loneSurrogate)) {
      const at = from + match.index;
      if (at >= fromB && at < toB) repairs.push({ from: at, to: at + 1, insert: replacementCharacter });
    }
  });
  if (repairs.length === 0) return transaction;
  const specs: readonly TransactionSpec[] = [transaction, { changes: repairs, sequential: true }];
  return specs;
});

export function editorExtensions(): Extension {
  return [
    // A `\r` that someone else's device wrote is a character like any other: places stay equal on both sides.
    EditorState.lineSeparator.of('\n'),
    EditorView.clipboardInputFilter.of(cleanText),
    wholeCharacters,
    history(),
    slashMenu,
    tasks,
    links,
    markdown,
    keymap.of([...defaultKeymap, ...historyKeymap]),
    drawSelection(),
    EditorView.lineWrapping,
    placeholder('Write here. Markdown works.'),
    EditorView.contentAttributes.of({
      'aria-label': 'Page',
      spellcheck: 'true',
      autocorrect: 'on',
      autocapitalize: 'sentences',
    }),
    theme,
  ];
}
