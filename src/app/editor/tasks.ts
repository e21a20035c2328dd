/**
 * Checklists that tick: `[ ]` and `[x]` are shown as boxes, a click or Mod-Enter ticks. The text stays Markdown, and a tick is an edit
 * of one character, so two people who tick different boxes at once have ticked both.
 */
import { Decoration, WidgetType, type Command, type EditorView } from '@codemirror/view';

class Box extends WidgetType {
  readonly checked: boolean;
  constructor(checked: boolean) {
    super();
    this.checked = checked;
  }
  override eq(other: Box): boolean {
    return other.checked === this.checked;
  }
  override toDOM(view: EditorView): HTMLElement {
    const box = document.createElement('input');
    box.type = 'checkbox';
    box.className = 'md-box';
    box.checked = this.checked;
    box.setAttribute('aria-label', 'Done');
    // The caret stays where it is.
    box.addEventListener('mousedown', event => event.preventDefault());
    box.addEventListener('change', () => toggleAt(view, view.posAtDOM(box)));
    return box;
  }
  override ignoreEvent(): boolean {
    return true;
  }
}

const boxes = {
  open: Decoration.replace({ widget: new Box(false) }),
  done: Decoration.replace({ widget: new Box(true) }),
};

/** `at`: of `[`. */
function toggleAt(view: EditorView, at: number): void {
  const now = view.state.sliceDoc(at, at + 3);
  if (!/^\[[ xX]\]$/.test(now)) return;
  const insert = now === '[ ]' ? 'x' : ' ';
  view.dispatch({ changes: { from: at + 1, to: at + 2, insert }, userEvent: 'input' });
}

const toggleHere: Command = view => {
  const line = view.state.doc.lineAt(view.state.selection.main.head);
  const mark = /^\s*(?:>\s?)*(?:[-*+]|\d{1,9}[.)])\s+(?=\[[ xX]\]\s)/.exec(line.text);
  if (mark === null) return false;
  toggleAt(view, line.from + mark[0].length);
  return true;
};

/** What is shown in the place of a task's mark, `text`. */
export function boxOf(text: string): Decoration {
  return text === '[ ]' ? boxes.open : boxes.done;
}

export const taskKeys = [{ key: 'Mod-Enter', run: toggleHere }];
