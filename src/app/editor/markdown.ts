/**
 * Markdown as one reads it while writing it: the marks stay, quietly, and the text takes its shape around them.
 *
 * @lezer/markdown with GitHub's extensions, as a CodeMirror language of our own: the ready-made
 * lang-markdown brings the HTML, CSS and JavaScript languages with it, most of a hundred kilobytes for
 * code one does not write here. Headings, quotes and code set the whole line, and the marks of a list stand
 * out to its left so that wrapped lines align; both are decorations of the visible part of the tree only.
 */
import { insertNewline } from '@codemirror/commands';
import {
  HighlightStyle,
  Language,
  defineLanguageFacet,
  languageDataProp,
  syntaxHighlighting,
  syntaxTree,
} from '@codemirror/language';
import {
  EditorSelection,
  RangeSetBuilder,
  type EditorState,
  type Extension,
  type Line,
} from '@codemirror/state';
import {
  Decoration,
  EditorView,
  ViewPlugin,
  keymap,
  type Command,
  type DecorationSet,
  type ViewUpdate,
} from '@codemirror/view';
import type { SyntaxNode, SyntaxNodeRef } from '@lezer/common';
import { tags } from '@lezer/highlight';
import { GFM, parser } from '@lezer/markdown';
import { boxOf, taskKeys } from './tasks.ts';

const data = defineLanguageFacet();

const language = new Language(
  data,
  parser.configure([GFM, { props: [languageDataProp.add({ Document: data })] }]),
  [],
  'markdown',
);

/** Sizes are the line's business (below): a span that grew would push its line apart. */
const highlight = HighlightStyle.define([
  { tag: tags.heading, fontWeight: '600' },
  { tag: tags.strong, fontWeight: '650' },
  { tag: tags.emphasis, fontStyle: 'italic' },
  { tag: tags.strikethrough, textDecoration: 'line-through' },
  { tag: tags.monospace, fontFamily: 'var(--mono)', fontSize: '0.86em', lineHeight: '1' },
  { tag: tags.link, color: 'var(--thread)' },
  { tag: tags.url, color: 'var(--thread)' },
  { tag: tags.labelName, color: 'var(--ink-2)' },
  { tag: tags.comment, color: 'var(--ink-3)' },
  { tag: [tags.processingInstruction, tags.contentSeparator], color: 'var(--ink-3)', fontWeight: '400' },
]);

const lineClasses: Readonly<Record<string, string>> = {
  ATXHeading1: 'md-h1',
  ATXHeading2: 'md-h2',
  ATXHeading3: 'md-h3',
  ATXHeading4: 'md-h3',
  ATXHeading5: 'md-h3',
  ATXHeading6: 'md-h3',
  SetextHeading1: 'md-h1',
  SetextHeading2: 'md-h2',
  Blockquote: 'md-quote',
  FencedCode: 'md-code',
  CodeBlock: 'md-code',
  Table: 'md-table',
};
const lines: Readonly<Record<string, Decoration>> = Object.fromEntries(
  [...new Set(Object.values(lineClasses)), 'md-done'].map(name => [name, Decoration.line({ class: name })]),
);

const listDepthMax = 5;
const listLines = Array.from({ length: listDepthMax }, (_, i) =>
  Decoration.line({ class: `md-li md-li-${String(i + 1)}` }),
);
const listMark = Decoration.mark({ class: 'md-bullet' });
const headingMark = Decoration.mark({ class: 'md-hash' });

interface Placed {
  readonly from: number;
  readonly to: number;
  readonly decoration: Decoration;
}

function decorate(view: EditorView): DecorationSet {
  const placed: Placed[] = [];
  const { doc } = view.state;
  for (const { from, to } of view.visibleRanges) {
    syntaxTree(view.state).iterate({
      from,
      to,
      enter: node => {
        const className = lineClasses[node.name];
        const decoration = className === undefined ? undefined : lines[className];
        if (decoration !== undefined) {
          const end = Math.min(node.to, to);
          for (let at = Math.max(node.from, from); at <= end;) {
            const line = doc.lineAt(at);
            placed.push({ from: line.from, to: line.from, decoration });
            at = line.to + 1;
          }
        }
        if (node.name === 'HeaderMark') placeHeadingMark(node, doc.lineAt(node.from), placed);
        else if (node.name === 'ListMark') placeListMark(node.node, doc.lineAt(node.from), placed);
        else if (node.name === 'TaskMarker')
          placed.push({
            from: node.from,
            to: node.to,
            decoration: boxOf(view.state.sliceDoc(node.from, node.to)),
          });
      },
    });
  }
  placed.sort((a, b) => a.from - b.from || a.decoration.startSide - b.decoration.startSide || b.to - a.to);
  const builder = new RangeSetBuilder<Decoration>();
  let last: Placed | undefined;
  for (const one of placed) {
    const twice = last?.from === one.from && last.to === one.to && last.decoration === one.decoration;
    if (!twice) builder.add(one.from, one.to, one.decoration);
    last = one;
  }
  return builder.finish();
}

/** `## ` at the start of its line, its space included, so that it can hang in the margin. */
function placeHeadingMark(node: SyntaxNodeRef, line: Line, placed: Placed[]): void {
  if (node.from !== line.from) return;
  const space = /^ */.exec(line.text.slice(node.to - line.from))?.[0].length ?? 0;
  if (node.to + space === line.to && space === 0) return;
  placed.push({ from: node.from, to: node.to + space, decoration: headingMark });
}

/** The indentation, the mark and its space: one box as wide as the line's indentation. */
function placeListMark(node: SyntaxNode, line: Line, placed: Placed[]): void {
  const before = line.text.slice(0, node.from - line.from);
  const space = line.text.charAt(node.to - line.from) === ' ' ? 1 : 0;
  if (before.trim() !== '' || space === 0) return;
  let depth = 0;
  for (let up = node.parent; up !== null; up = up.parent) if (up.name === 'ListItem') depth++;
  const decoration = listLines[Math.min(depth, listDepthMax) - 1];
  if (decoration === undefined) return;
  placed.push({ from: line.from, to: line.from, decoration });
  placed.push({ from: line.from, to: node.to + space, decoration: listMark });
  const done = /^\[[xX]\] /.test(line.text.slice(node.to + space - line.from)) ? lines['md-done'] : undefined;
  if (done !== undefined) placed.push({ from: line.from, to: line.from, decoration: done });
}

const shape = ViewPlugin.fromClass(
  class {
    decorations: DecorationSet;
    #tree: unknown;

    constructor(view: EditorView) {
      this.#tree = syntaxTree(view.state);
      this.decorations = decorate(view);
    }
    update(update: ViewUpdate): void {
      const tree = syntaxTree(update.state);
      if (!update.docChanged && !update.viewportChanged && tree === this.#tree) return;
      this.#tree = tree;
      this.decorations = decorate(update.view);
    }
  },
  {
    decorations: plugin => plugin.decorations,
    // The caret goes round a box, and Backspace takes it away as a whole.
    provide: plugin =>
      EditorView.atomicRanges.of(
        view =>
          view
            .plugin(plugin)
            ?.decorations.update({ filter: (_from, _to, { spec }) => 'widget' in (spec as object) }) ??
          Decoration.none,
      ),
  },
);

const listItem = /^(\s*(?:>\s?)*)(?:([-*+])|(\d{1,9})([.)]))(\s+)(\[[ xX]\]\s+)?/;

/** What Enter writes after this line: the next item's beginning; `''` when the item is empty and the list ends. */
export function nextListItem(
  line: string,
): { readonly mark: string; readonly continues: string } | undefined {
  const match = listItem.exec(line);
  if (match === null) return undefined;
  const [mark, indent = '', bullet, number, point = '', space = ' ', task] = match;
  const empty = mark.length === line.length;
  const next = bullet ?? `${String(Number(number) + 1)}${point}`;
  return { mark, continues: empty ? '' : `${indent}${next}${space}${task === undefined ? '' : '[ ] '}` };
}

function inCode(state: EditorState, at: number): boolean {
  for (
    let node: SyntaxNode | null = syntaxTree(state).resolveInner(at, -1);
    node !== null;
    node = node.parent
  ) {
    if (node.name === 'FencedCode' || node.name === 'CodeBlock') return true;
  }
  return false;
}

/** Enter goes on with the list; Enter on an empty item ends it. */
const continueList: Command = view => {
  const { state } = view;
  const { main, ranges } = state.selection;
  if (ranges.length > 1 || !main.empty || inCode(state, main.head)) return false;
  const line = state.doc.lineAt(main.head);
  const item = nextListItem(line.text);
  if (item === undefined || main.head < line.from + item.mark.length) return false;
  const changes =
    item.continues === ''
      ? { from: line.from, to: line.to, insert: '' }
      : { from: main.head, insert: `\n${item.continues}` };
  const caret = item.continues === '' ? line.from : main.head + 1 + item.continues.length;
  view.dispatch({
    changes,
    selection: EditorSelection.cursor(caret),
    scrollIntoView: true,
    userEvent: 'input',
  });
  return true;
};

/** `**` or `_` around the selection, or away from around it. */
function surround(mark: string): Command {
  return view => {
    const { state } = view;
    const spec = state.changeByRange(range => {
      const { from, to } = range;
      const inside =
        state.sliceDoc(from - mark.length, from) === mark && state.sliceDoc(to, to + mark.length) === mark;
      if (inside) {
        return {
          changes: [
            { from: from - mark.length, to: from },
            { from: to, to: to + mark.length },
          ],
          range: EditorSelection.range(from - mark.length, to - mark.length),
        };
      }
      return {
        changes: [
          { from, insert: mark },
          { from: to, insert: mark },
        ],
        range: EditorSelection.range(from + mark.length, to + mark.length),
      };
    });
    view.dispatch(state.update(spec, { scrollIntoView: true, userEvent: 'input' }));
    return true;
  };
}

const keys = keymap.of([
  ...taskKeys,
  { key: 'Enter', run: continueList },
  // A page has no program's indentation to carry over to the next line.
  { key: 'Enter', run: insertNewline },
  { key: 'Mod-b', run: surround('**') },
  { key: 'Mod-i', run: surround('_') },
]);

export const markdown: Extension = [language, syntaxHighlighting(highlight), shape, keys];
