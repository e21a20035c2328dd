/** The editor of one page: the entry of the chunk that is loaded when a space is shown. */
import { EditorState, type Text } from '@codemirror/state';
import { EditorView } from '@codemirror/view';
import { titleOf } from '../words.ts';
import type { PageSession } from '../space-session.ts';
import { reportTo, showFrom } from './binding.ts';
import { freshText } from './fresh-text.ts';
import { remoteCursors } from './remote-cursors.ts';
import { editorExtensions } from './setup.ts';

export interface PageEditor {
  focus(): void;
  close(): void;
}

export interface PageEditorOptions {
  readonly parent: HTMLElement;
  readonly root: ShadowRoot;
  readonly page: PageSession;
  /** The page's first line, whenever it may have changed. */
  readonly onTitle: (title: string) => void;
}

const titleIn = (doc: Text): string => titleOf(doc.iterLines());

export function openEditor({ parent, root, page, onTitle }: PageEditorOptions): PageEditor {
  const view = new EditorView({
    parent,
    root,
    state: EditorState.create({
      doc: page.text(),
      extensions: [
        editorExtensions(),
        remoteCursors,
        freshText,
        reportTo(page),
        EditorView.updateListener.of(update => {
          if (update.docChanged) onTitle(titleIn(update.state.doc));
        }),
      ],
    }),
  });
  const end = showFrom(page, view);
  onTitle(titleIn(view.state.doc));
  return {
    focus: () => view.focus(),
    close: () => {
      end();
      view.destroy();
      page.select(undefined);
    },
  };
}
