/** The editor of one page: the entry of the chunk that is loaded when a space is shown. */
import { EditorState, type Text } from '@codemirror/state';
import { EditorView } from '@codemirror/view';
import { titleOf } from '../words.ts';
import type { PageSession } from '../space-session.ts';
import { reportSelectionTo, reportTo, showFrom } from './binding.ts';
import { freshText } from './fresh-text.ts';
import { remoteCursors } from './remote-cursors.ts';
import { editorExtensions } from './setup.ts';

export interface PageEditor {
  focus(): void;
  /** The character under this point of the window; undefined beside the text. */
  indexAt(x: number, y: number): number | undefined;
  close(): void;
}

export interface PageEditorOptions {
  readonly parent: HTMLElement;
  readonly page: PageSession;
  /** The page's first line, when it opens and whenever it changed. */
  readonly onTitle: (title: string) => void;
}

/**
 * The document, as CodeMirror wants its root, without a `head`: into that it would put a style element, which the
 * content policy refuses. Without one it adopts a sheet, as it does in a shadow root.
 */
const headless = {
  nodeType: document.nodeType,
  ownerDocument: document,
  get activeElement() {
    return document.activeElement;
  },
  getSelection: () => document.getSelection(),
  get adoptedStyleSheets() {
    return document.adoptedStyleSheets;
  },
  set adoptedStyleSheets(sheets) {
    document.adoptedStyleSheets = sheets;
  },
} as unknown as Document;

export function openEditor({ parent, page, onTitle }: PageEditorOptions): PageEditor {
  let title: string | undefined;
  const sayTitle = (doc: Text): void => {
    const now = titleOf(doc.iterLines());
    if (now !== title) onTitle((title = now));
  };
  const view = new EditorView({
    parent,
    root: headless,
    dispatchTransactions: reportTo(page),
    state: EditorState.create({
      doc: page.text(),
      extensions: [
        editorExtensions(),
        remoteCursors,
        freshText,
        reportSelectionTo(page),
        EditorView.updateListener.of(update => {
          if (update.docChanged) sayTitle(update.state.doc);
        }),
      ],
    }),
  });
  const end = showFrom(page, view);
  sayTitle(view.state.doc);
  return {
    focus: () => view.focus(),
    indexAt: (x, y) => {
      const at = view.posAtCoords({ x, y });
      const box = at === null ? null : view.coordsAtPos(at, -1);
      if (at === null || box === null) return undefined;
      // A place is between two characters: the one that the point is over.
      return x < box.left && at > 0 ? at - 1 : at;
    },
    close: () => {
      end();
      view.destroy();
      page.select(undefined);
    },
  };
}
