import { EditorView } from '@codemirror/view';
import { afterEach, expect, test, vi } from 'vitest';
import { userEvent } from 'vitest/browser';
import '../styles/tokens.css';
import { PlainPage, replica } from '../testing/plain-session.ts';
import { openEditor, type PageEditor } from './editor.ts';
import { safeHref } from './links.ts';
import { nextListItem } from './markdown.ts';

const ana = { name: 'Ana', colour: 2 };
let close = (): void => undefined;
afterEach(() => close());

function open(text = ''): {
  page: PlainPage;
  editor: PageEditor;
  view: EditorView;
  root: HTMLElement;
  titles: string[];
} {
  const page = new PlainPage(text);
  const host = document.createElement('div');
  document.body.append(host);
  host.style.height = '300px';
  const titles: string[] = [];
  const editor = openEditor({ parent: host, page, onTitle: title => titles.push(title) });
  const view = EditorView.findFromDOM(host.querySelector<HTMLElement>('.cm-editor')!)!;
  close = () => {
    editor.close();
    host.remove();
  };
  return { page, editor, view, root: host, titles };
}

test('what is typed reaches the page, with the caret', async () => {
  const { page, editor, titles } = open();
  editor.focus();
  await userEvent.keyboard('# Hi');
  expect(page.text()).toBe('# Hi');
  expect(page.selection).toEqual({ anchor: 4, head: 4 });
  expect(titles.at(-1)).toBe('Hi');
  document.querySelector<HTMLElement>(':focus')?.blur();
  await vi.waitFor(() => expect(page.selection).toBeUndefined());
});

test('an edit by another moves neither caret nor sight, and is not reported back', async () => {
  const lines = Array.from({ length: 200 }, (_, i) => `line ${String(i)}`).join('\n');
  const { page, editor, view } = open(lines);
  editor.focus();
  const at = lines.indexOf('line 150');
  view.dispatch({ selection: { anchor: at }, effects: EditorView.scrollIntoView(at, { y: 'start' }) });
  await new Promise(requestAnimationFrame);
  const seen = (): number => view.coordsAtPos(view.state.selection.main.head)!.top;
  const before = seen();
  page.receive([{ from: 0, to: 0, insert: 'one\ntwo\nthree\n' }], ana);
  page.receive([{ from: at + 14, to: at + 14, insert: 'here ' }], ana);
  await new Promise(requestAnimationFrame);
  expect(view.state.doc.toString()).toBe(page.text());
  expect(view.state.selection.main.head).toBe(at + 14);
  expect(Math.abs(seen() - before)).toBeLessThan(2);
  expect(page.edits).toEqual([]);
});

test('undo and redo are of one’s own edits alone', async () => {
  const { page, editor } = open();
  editor.focus();
  await userEvent.keyboard('mine');
  page.receive([{ from: 0, to: 0, insert: 'theirs ' }], ana);
  await userEvent.keyboard('{Control>}z{/Control}');
  expect(page.text()).toBe('theirs ');
  await userEvent.keyboard('{Control>}y{/Control}');
  expect(page.text()).toBe('theirs mine');
});

test('carriage returns never part the editor from its page', () => {
  const { page, view } = open('a\r\nb');
  expect(view.state.doc.length).toBe(page.text().length);
  page.receive([{ from: 1, to: 1, insert: '\r' }]);
  expect(view.state.doc.toString()).toBe('a\r\r\nb');
  const pasted = new DataTransfer();
  pasted.setData('text/plain', 'x\r\ny\rz\ud800');
  view.contentDOM.dispatchEvent(
    new ClipboardEvent('paste', { clipboardData: pasted, bubbles: true, cancelable: true }),
  );
  expect(page.text()).toBe('x\ny\nz\ufffda\r\r\nb');
  expect(view.state.doc.toString()).toBe(page.text());
});

test('fresh text of others is underlined in their colour, and no longer after ten seconds', () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  try {
    const { page, root } = open('a b');
    page.receive([{ from: 1, to: 1, insert: ' new' }], ana);
    expect(root.querySelector('.cm-fresh.hue-2')?.textContent).toBe(' new');
    vi.advanceTimersByTime(9900);
    expect(root.querySelector('.cm-fresh')).not.toBeNull();
    vi.advanceTimersByTime(300);
    expect(root.querySelector('.cm-fresh')).toBeNull();
  } finally {
    vi.useRealTimers();
  }
});

test('another’s caret and selection are drawn in their place, with a name', async () => {
  const { page, root, view } = open('one two three');
  page.place([{ replicaId: replica(1), profile: ana, anchor: 4, head: 7 }]);
  await vi.waitFor(() => expect(root.querySelector('.cm-peer-caret')).not.toBeNull());
  expect(root.querySelector('.cm-peer-name')?.textContent).toBe('Ana');
  expect(root.querySelector('.cm-peer-selection.hue-2')).not.toBeNull();
  const caret = root.querySelector('.cm-peer-caret')!.getBoundingClientRect();
  expect(Math.abs(caret.left + 1 - view.coordsAtPos(7)!.left)).toBeLessThan(2);
});

test('Enter goes on with a list and ends it on an empty item', async () => {
  expect(nextListItem('  - [x] done')?.continues).toBe('  - [ ] ');
  expect(nextListItem('9. nine')?.continues).toBe('10. ');
  const { page, editor, view } = open('- one');
  editor.focus();
  view.dispatch({ selection: { anchor: 5 } });
  await userEvent.keyboard('{Enter}two{Enter}{Enter}end');
  expect(page.text()).toBe('- one\n- two\nend');
});

test('a box ticks by click and by Mod-Enter, and each tick is an edit of one character', async () => {
  const { page, editor, view, root } = open('- [ ] radios\n- [x] boat');
  const boxes = (): HTMLInputElement[] => [...root.querySelectorAll<HTMLInputElement>('.md-box')];
  expect(boxes().map(box => box.checked)).toEqual([false, true]);
  await userEvent.click(boxes()[0]!);
  expect(page.text()).toBe('- [x] radios\n- [x] boat');
  expect(page.edits).toEqual([[{ from: 3, to: 4, insert: 'x' }]]);
  editor.focus();
  view.dispatch({ selection: { anchor: view.state.doc.length } });
  await userEvent.keyboard('{ControlOrMeta>}{Enter}{/ControlOrMeta}');
  expect(page.text()).toBe('- [x] radios\n- [ ] boat');
  page.receive([{ from: 3, to: 4, insert: ' ' }]);
  expect(boxes().map(box => box.checked)).toEqual([false, false]);
});

test('a slash at the beginning of a line offers blocks, filters them, and leaves any other slash alone', async () => {
  const { page, editor, root } = open();
  const options = (): string[] =>
    [...root.querySelectorAll('[role=option]')].map(option => option.firstChild?.textContent ?? '');
  editor.focus();
  await userEvent.keyboard('/');
  await vi.waitFor(() => expect(options().length).toBeGreaterThan(8));
  await userEvent.keyboard('che');
  await vi.waitFor(() => expect(options()).toEqual(['Checklist']));
  await userEvent.keyboard('{Enter}radios');
  expect(page.text()).toBe('- [ ] radios');
  await userEvent.keyboard('{Enter}{Enter}/{ArrowDown}{Enter}Supper');
  expect(page.text()).toBe('- [ ] radios\n## Supper');
  await userEvent.keyboard('{Enter}/{Escape}and 1/2 or/and');
  expect(page.text()).toBe('- [ ] radios\n## Supper\n/and 1/2 or/and');
  expect(options()).toEqual([]);
});

test('a link leads only where links may', () => {
  expect(safeHref('https://example.org/a')).toBe('https://example.org/a');
  expect(safeHref('www.example.org')).toBe('https://www.example.org/');
  expect(safeHref('mailto:ana@example.org')).toBe('mailto:ana@example.org');
  for (const hostile of [
    'javascript:alert(1)',
    ' javascript:alert(1)',
    'data:text/html,x',
    'file:///etc',
    'blob:x',
    'x',
  ])
    expect(safeHref(hostile)).toBeUndefined();
});
