/**
 * Checklists that tick: `[ ]` and `[x]` are shown as boxes, a click or Mod-Enter ticks. The text stays Markdown, and a tick is an edit
 * of one character, so two people who tick different boxes at once have ticked both.
 */
import { syntaxTree } from '@codemirror/language';
import { RangeSetBuilder, type Extension } from '@codemirror/state';
import {
  Decoration,
  EditorView,
  ViewPlugin,
  WidgetType,
  keymap,
  type Command,
  type DecorationSet,
  type ViewUpdate,
} from '@codemirror/view';

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

function boxesOf(view: EditorView): DecorationSet {
  const builder = new RangeSetBuilder<Decoration>();
  for (const { from, to } of view.visibleRanges) {
    syntaxTree(view.state).iterate({
      from,
      to,
      enter: node => {
        if (node.name !== 'TaskMarker') return;
        const isOpen = view.state.sliceDoc(node.from, node.to) === '[ ]';
        builder.add(node.from, node.to, isOpen ? boxes.open : boxes.done);
      },
    });
  }
  return builder.finish();
}

const shown = ViewPlugin.fromClass(
  class {
    decorations: DecorationSet;
    #tree: unknown;

    constructor(view: EditorView) {
      this.#tree = syntaxTree(view.state);
      this.decorations = boxesOf(view);
    }
    update(update: ViewUpdate): void {
      const tree = syntaxTree(update.state);
      if (!update.docChanged && !update.viewportChanged && tree === this.#tree) return;
      this.#tree = tree;
      this.decorations = boxesOf(update.view);
    }
  },
  {
    decorations: plugin => plugin.decorations,
    // The caret goes round a box, and Backspace takes it away as a whole.
    provide: plugin =>
      EditorView.atomicRanges.of(view => view.plugin(plugin)?.decorations ?? Decoration.none),
  },
);

export const tasks: Extension = [shown, keymap.of([{ key: 'Mod-Enter', run: toggleHere }])];
