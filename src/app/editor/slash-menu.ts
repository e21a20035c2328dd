/**
 * What `/` at the beginning of a line offers: the blocks of Markdown by name. It is typed like any text, so others see it, undo
 * takes it back, and whoever meant a slash goes on writing: the menu filters by what follows and goes when nothing fits.
 */
import { Prec, StateEffect, StateField, type EditorState, type Extension } from '@codemirror/state';
import { EditorView, keymap, showTooltip, type Command, type Tooltip } from '@codemirror/view';

interface Block {
  readonly label: string;
  /** What it looks like in Markdown, and other names for it. */
  readonly hint: string;
  readonly insert: string;
  /** Where the caret goes, counted from the end of what is inserted. */
  readonly back?: number;
}

const blocks: readonly Block[] = [
  { label: 'Heading', hint: '#', insert: '# ' },
  { label: 'Subheading', hint: '##', insert: '## ' },
  { label: 'Small heading', hint: '###', insert: '### ' },
  { label: 'Checklist', hint: '- [ ]', insert: '- [ ] ' },
  { label: 'List', hint: '-', insert: '- ' },
  { label: 'Numbered list', hint: '1.', insert: '1. ' },
  { label: 'Quote', hint: '>', insert: '> ' },
  { label: 'Table', hint: '| |', insert: '| A | B |\n| --- | --- |\n|  |  |', back: 6 },
  { label: 'Code', hint: '```', insert: '```\n\n```', back: 4 },
  { label: 'Line', hint: '---', insert: '---\n' },
];

interface Open {
  /** Of the slash. */
  readonly from: number;
  readonly found: readonly Block[];
  readonly chosen: number;
}

const choose = StateEffect.define<number>();
const close = StateEffect.define();

/** The menu for what stands between the slash and the caret. */
function openFor(state: EditorState, from: number, chosen: number): Open | null {
  const { main } = state.selection;
  const line = state.doc.lineAt(from);
  if (!main.empty || main.head <= from || main.head > line.to || line.text.charAt(from - line.from) !== '/')
    return null;
  const typed = state.sliceDoc(from + 1, main.head).toLowerCase();
  const found = blocks.filter(({ label }) =>
    label
      .toLowerCase()
      .split(' ')
      .some((_, n, words) => words.slice(n).join(' ').startsWith(typed)),
  );
  return found.length === 0 ? null : { from, found, chosen: Math.min(chosen, found.length - 1) };
}

const menu = StateField.define<Open | null>({
  create: () => null,
  update(open, transaction) {
    const { state } = transaction;
    for (const effect of transaction.effects) {
      if (effect.is(close)) return null;
      if (effect.is(choose) && open !== null) return { ...open, chosen: effect.value };
    }
    if (open !== null)
      return openFor(
        state,
        transaction.changes.mapPos(open.from, 1),
        transaction.docChanged ? 0 : open.chosen,
      );
    if (!transaction.isUserEvent('input.type')) return null;
    const { head } = state.selection.main;
    const line = state.doc.lineAt(head);
    return line.text.slice(0, head - line.from).trim() === '/' ? openFor(state, head - 1, 0) : null;
  },
  provide: field => [
    showTooltip.from(field, open => open && tooltipOf(open)),
    EditorView.contentAttributes.from(
      field,
      open => () =>
        open === null
          ? null
          : { 'aria-controls': 'slash-menu', 'aria-activedescendant': `slash-${String(open.chosen)}` },
    ),
  ],
});

function tooltipOf(open: Open): Tooltip {
  return {
    pos: open.from,
    create: view => {
      const dom = document.createElement('ul');
      dom.className = 'md-slash';
      dom.id = 'slash-menu';
      dom.setAttribute('role', 'listbox');
      dom.setAttribute('aria-label', 'Insert');
      open.found.forEach((block, index) => {
        const item = document.createElement('li');
        item.id = `slash-${String(index)}`;
        item.setAttribute('role', 'option');
        item.setAttribute('aria-selected', String(index === open.chosen));
        const hint = document.createElement('span');
        hint.textContent = block.hint;
        item.append(block.label, hint);
        item.addEventListener('mousedown', event => {
          event.preventDefault();
          insert(view, open, block);
        });
        dom.append(item);
      });
      return { dom };
    },
  };
}

function insert(view: EditorView, { from }: Open, { insert, back = 0 }: Block): void {
  const { head } = view.state.selection.main;
  view.dispatch({
    changes: { from, to: head, insert },
    selection: { anchor: from + insert.length - back },
    effects: close.of(null),
    scrollIntoView: true,
    userEvent: 'input',
  });
  view.focus();
}

const step =
  (by: 1 | -1): Command =>
  view => {
    const open = view.state.field(menu);
    if (open === null) return false;
    const { length } = open.found;
    view.dispatch({ effects: choose.of((open.chosen + by + length) % length) });
    return true;
  };

const take: Command = view => {
  const open = view.state.field(menu);
  const block = open?.found[open.chosen];
  if (open === null || block === undefined) return false;
  insert(view, open, block);
  return true;
};

const dismiss: Command = view => {
  if (view.state.field(menu) === null) return false;
  view.dispatch({ effects: close.of(null) });
  return true;
};

export const slashMenu: Extension = [
  menu,
  Prec.highest(
    keymap.of([
      { key: 'ArrowDown', run: step(1) },
      { key: 'ArrowUp', run: step(-1) },
      { key: 'Enter', run: take },
      { key: 'Tab', run: take },
      { key: 'Escape', run: dismiss },
    ]),
  ),
];
