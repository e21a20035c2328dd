/** The page: hosts the editor, which is a chunk of its own and comes when the page is first shown. */
import { LitElement, html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { hues, base } from '../styles/base.styles.ts';
import { loadEditor } from '../load-editor.ts';
import type { PageEditor } from '../editor/editor.ts';
import type { PageSession } from '../space-session.ts';
import { styles } from './ws-page.styles.ts';

/** Says `ws-title` (detail: the page's first line). */
@customElement('ws-page')
export class WsPage extends LitElement {
  static override styles = [base, hues, styles];

  @property({ attribute: false }) page: PageSession | undefined;
  @state() private editor: 'loading' | 'ready' | 'failed' = 'loading';
  @query('.editor') private place!: HTMLElement;
  #open: PageEditor | undefined;
  /** Counts openings, so that a chunk that arrives too late opens nothing. */
  #opening = 0;

  override focus(): void {
    this.#open?.focus();
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
        parent: this.place,
        root: this.renderRoot as ShadowRoot,
        page,
        onTitle: title => this.dispatchEvent(new CustomEvent<string>('ws-title', { detail: title })),
      });
      this.editor = 'ready';
      // One opens a page to write on it; but a control that somebody has reached already keeps its focus.
      if (document.activeElement === null || document.activeElement === document.body) this.#open.focus();
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
    return html`<div class="editor"></div>
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
