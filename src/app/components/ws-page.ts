/**
 * The page: hosts the editor, which is a chunk of its own and comes when the page is first shown.
 *
 * The editor is a child of this element, not a part of its shadow root, and whoever shows a page keeps it out of
 * theirs: in a shadow root Chromium lays out the whole page each time the selection is read, which CodeMirror does
 * at every keystroke before anyone hears of it (2 ms of a reader's 4), and Safari gives no selection at all.
 */
import { LitElement, html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { base } from '../styles/base.styles.ts';
import { loadEditor } from '../load-editor.ts';
import type { PageEditor } from '../editor/editor.ts';
import type { PageSession } from '../space-session.ts';
import { styles } from './ws-page.styles.ts';

/** Says `ws-title` (detail: the page's first line). */
@customElement('ws-page')
export class WsPage extends LitElement {
  static override styles = [base, styles];

  @property({ attribute: false }) page: PageSession | undefined;
  @state() private editor: 'loading' | 'ready' | 'failed' = 'loading';
  #open: PageEditor | undefined;
  #wantsFocus = false;
  /** Counts openings, so that a chunk that arrives too late opens nothing. */
  #opening = 0;

  /** Also while the editor is still on its way. */
  override focus(): void {
    if (this.#open === undefined) this.#wantsFocus = true;
    else this.#open.focus();
  }

  constructor() {
    super();
    this.addController({
      hostConnected: () => {
        if (this.hasUpdated) void this.#openEditor();
      },
      hostDisconnected: () => this.#closeEditor(),
    });
  }
  protected override updated(changed: PropertyValues<this>): void {
    if (changed.has('page')) void this.#openEditor();
  }

  async #openEditor(): Promise<void> {
    this.#closeEditor();
    const { page } = this;
    if (page === undefined) return;
    const opening = this.#opening;
    this.editor = 'loading';
    try {
      const { openEditor } = await loadEditor();
      if (opening !== this.#opening) return;
      this.#open = openEditor({
        parent: this,
        page,
        onTitle: title => this.dispatchEvent(new CustomEvent<string>('ws-title', { detail: title })),
      });
      this.editor = 'ready';
      // One opens a page to write on it; but a control that somebody has reached already keeps its focus.
      if (this.#wantsFocus || document.activeElement === null || document.activeElement === document.body)
        this.#open.focus();
      this.#wantsFocus = false;
    } catch (error) {
      if (opening === this.#opening) this.editor = 'failed';
      console.error(error);
    }
  }
  #closeEditor(): void {
    this.#opening++;
    this.#open?.close();
    this.#open = undefined;
  }

  override render(): TemplateResult {
    return html`<slot></slot>
      ${this.editor === 'loading' ? html`<p class="wait">Opening the page…</p>` : nothing}
      ${
        this.editor === 'failed'
          ? html`<div class="wait failed">
              <p>The editor did not load. Your text is safe on this device.</p>
              <button type="button" class="button" @click=${() => void this.#openEditor()}>Try again</button>
            </div>`
          : nothing
      }`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'ws-page': WsPage;
  }
}
