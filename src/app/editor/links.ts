/** Links open with Mod-click, in a window of their own that knows nothing of this one; only where a link may lead. */
import { syntaxTree } from '@codemirror/language';
import { EditorView } from '@codemirror/view';
import type { SyntaxNode } from '@lezer/common';

const schemes = new Set(['http:', 'https:', 'mailto:']);

/** Where `text` leads; undefined for whatever runs or reads something, and for what is no address. */
export function safeHref(text: string): string | undefined {
  const address = text.startsWith('www.') ? `https://${text}` : text;
  if (!URL.canParse(address)) return undefined;
  const url = new URL(address);
  return schemes.has(url.protocol) ? url.href : undefined;
}

/** The address of the link around `at`. */
function addressAt(view: EditorView, at: number): string | undefined {
  const { state } = view;
  for (
    let node: SyntaxNode | null = syntaxTree(state).resolveInner(at, 1);
    node !== null;
    node = node.parent
  ) {
    const url = node.name === 'URL' ? node : node.name === 'Link' ? node.getChild('URL') : null;
    if (url !== null) return safeHref(state.sliceDoc(url.from, url.to));
  }
  return undefined;
}

export const links = EditorView.domEventHandlers({
  mousedown(event, view) {
    if (event.button !== 0 || !(event.metaKey || event.ctrlKey)) return false;
    const at = view.posAtCoords({ x: event.clientX, y: event.clientY });
    const href = at === null ? undefined : addressAt(view, at);
    if (href === undefined) return false;
    window.open(href, '_blank', 'noopener,noreferrer');
    event.preventDefault();
    return true;
  },
});
