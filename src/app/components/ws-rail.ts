/** The rail: what the space is called, what it holds, in the order its people gave it. */
import { LitElement, html, nothing, type TemplateResult } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import type { DocumentId } from '../../base/ids.ts';
import type { DocumentsView, ListedDocument } from '../controllers/documents-controller.ts';
import type { DocumentKind } from '../documents/catalogue.ts';
import { titleLengthMax } from '../documents/values.ts';
import { icons } from '../icons.ts';
import { homeHref } from '../route.ts';
import { base } from '../styles/base.styles.ts';
import { styles } from './ws-rail.styles.ts';
import './ws-menu.ts';
import type { MenuItem } from './ws-menu.ts';

export interface Placed {
  readonly documentId: DocumentId;
  readonly before: DocumentId | undefined;
}
export interface Renamed {
  readonly documentId: DocumentId;
  readonly title: string;
}

/** What a drag of a document carries, so that nothing else is taken for one. */
const dragType = 'application/x-peerloom-document';

/**
 * Asks for: `ws-create` (detail: DocumentKind), `ws-rename` (Renamed), `ws-place` (Placed), `ws-remove` and `ws-restore` (DocumentId),
 * `ws-name-space` (string), `ws-close`. Following a link is the browser's.
 */
@customElement('ws-rail')
export class WsRail extends LitElement {
  static override styles = [base, styles];

  @property({ attribute: false }) view: DocumentsView | undefined;
  @state() private renaming: DocumentId | undefined;
  @state() private dropBefore: DocumentId | 'end' | undefined;
  @query('.rename') private renameInput!: HTMLInputElement | null;
  #dragged: DocumentId | undefined;

  focusCurrent(): void {
    this.renderRoot.querySelector<HTMLElement>('[aria-current], a')?.focus();
  }

  #ask(type: string, detail?: unknown): void {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }

  async #rename(documentId: DocumentId): Promise<void> {
    this.renaming = documentId;
    await this.updateComplete;
    this.renameInput?.select();
  }

  #renamed(document: ListedDocument, input: HTMLInputElement, keep: boolean): void {
    if (this.renaming !== document.documentId) return;
    this.renaming = undefined;
    const title = input.value.trim();
    if (keep && title !== document.shown && title !== '')
      this.#ask('ws-rename', { documentId: document.documentId, title } satisfies Renamed);
    void this.updateComplete.then(() => {
      this.renderRoot.querySelector<HTMLElement>(`a[href="${document.href}"]`)?.focus();
    });
  }

  /** By `step` places; asked for by menu and by keys. */
  #move(document: ListedDocument, step: -1 | 1): void {
    const documents = this.view?.documents ?? [];
    const at = documents.findIndex(one => one.documentId === document.documentId);
    const to = at + step;
    if (at === -1 || to < 0 || to >= documents.length) return;
    const before = documents[step < 0 ? to : to + 1]?.documentId;
    this.#ask('ws-place', { documentId: document.documentId, before } satisfies Placed);
    void this.updateComplete.then(() => {
      this.renderRoot.querySelector<HTMLElement>(`a[href="${document.href}"]`)?.focus();
    });
  }

  #key(event: KeyboardEvent, document: ListedDocument): void {
    const { key, altKey } = event;
    if (key === 'F2') void this.#rename(document.documentId);
    else if (altKey && key === 'ArrowUp') this.#move(document, -1);
    else if (altKey && key === 'ArrowDown') this.#move(document, 1);
    else if (key === 'Delete') this.#ask('ws-remove', document.documentId);
    else if (key === 'ArrowDown' || key === 'ArrowUp') this.#focusBeside(event, key === 'ArrowDown' ? 1 : -1);
    else return;
    event.preventDefault();
  }
  #focusBeside(event: KeyboardEvent, step: -1 | 1): void {
    const links = [...this.renderRoot.querySelectorAll<HTMLElement>('a.item')];
    links[links.indexOf(event.currentTarget as HTMLElement) + step]?.focus();
  }

  #menuOf(document: ListedDocument, index: number, count: number): readonly MenuItem[] {
    return [
      { label: 'Rename', run: () => void this.#rename(document.documentId) },
      { label: 'Move up', disabled: index === 0, run: () => this.#move(document, -1) },
      { label: 'Move down', disabled: index === count - 1, run: () => this.#move(document, 1) },
      {
        label: 'Delete',
        removes: true,
        disabled: count === 1,
        run: () => this.#ask('ws-remove', document.documentId),
      },
    ];
  }

  // ── Dragging ──────────────────────────────────────────────────────────────────────────────────────────────

  #dragStart(event: DragEvent, { documentId, shown }: ListedDocument): void {
    this.#dragged = documentId;
    event.dataTransfer?.setData(dragType, documentId);
    event.dataTransfer?.setData('text/plain', shown);
  }
  #dragOver(event: DragEvent): void {
    if (this.#dragged === undefined) return;
    event.preventDefault();
    const items = [...this.renderRoot.querySelectorAll<HTMLElement>('.documents > li')];
    const at = items.findIndex(item => {
      const { top, height } = item.getBoundingClientRect();
      return event.clientY < top + height / 2;
    });
    this.dropBefore = at === -1 ? 'end' : (this.view?.documents[at]?.documentId ?? 'end');
  }
  #drop(event: DragEvent): void {
    const documentId = this.#dragged;
    const { dropBefore } = this;
    this.#dragEnd();
    if (documentId === undefined || dropBefore === undefined) return;
    event.preventDefault();
    const before = dropBefore === 'end' ? undefined : dropBefore;
    if (before !== documentId) this.#ask('ws-place', { documentId, before } satisfies Placed);
  }
  #dragEnd(): void {
    this.#dragged = undefined;
    this.dropBefore = undefined;
  }

  // ── What is shown ─────────────────────────────────────────────────────────────────────────────────────────

  #item(document: ListedDocument, index: number, count: number, current: boolean): TemplateResult {
    const { documentId, kind, shown, href } = document;
    if (this.renaming === documentId)
      return html`<li>
        <input
          class="rename"
          aria-label="Name of the document"
          maxlength=${titleLengthMax}
          .value=${document.title || (shown === 'Untitled' ? '' : shown)}
          @blur=${(event: Event) => this.#renamed(document, event.currentTarget as HTMLInputElement, true)}
          @keydown=${(event: KeyboardEvent) => {
            if (event.isComposing || (event.key !== 'Enter' && event.key !== 'Escape')) return;
            event.stopPropagation();
            this.#renamed(document, event.currentTarget as HTMLInputElement, event.key === 'Enter');
          }}
        />
      </li>`;
    const before = this.dropBefore === documentId ? 'drop' : '';
    return html`<li class=${before}>
      <a
        class="item"
        href=${href}
        title=${shown}
        draggable="true"
        aria-current=${current ? 'page' : nothing}
        aria-keyshortcuts="F2 Alt+ArrowUp Alt+ArrowDown Delete"
        @click=${() => this.#ask('ws-close')}
        @keydown=${(event: KeyboardEvent) => this.#key(event, document)}
        @dragstart=${(event: DragEvent) => this.#dragStart(event, document)}
        @dragend=${() => this.#dragEnd()}
        >${icons[kind]}<span class="title">${shown}</span></a
      >
      <ws-menu label="${shown}: more" .items=${this.#menuOf(document, index, count)}>${icons.more}</ws-menu>
    </li>`;
  }

  #new(): TemplateResult {
    const make = (kind: DocumentKind) => () => this.#ask('ws-create', kind);
    const items: readonly MenuItem[] = [
      { label: 'Page', icon: icons.page, run: make('page') },
      { label: 'Board', icon: icons.board, run: make('board') },
      { label: 'Poll', icon: icons.poll, run: make('poll') },
    ];
    return html`<ws-menu class="new" label="New document" .items=${items}>${icons.plus}</ws-menu>`;
  }

  override render(): TemplateResult | typeof nothing {
    const { view } = this;
    if (view === undefined) return nothing;
    const { documents, removed, current } = view;
    return html`<nav aria-label="Documents">
        <input
          class="space"
          aria-label="Name of the space"
          placeholder="Name this space"
          maxlength=${titleLengthMax}
          spellcheck="false"
          .value=${view.name}
          @change=${(event: Event) => this.#ask('ws-name-space', (event.currentTarget as HTMLInputElement).value)}
          @keydown=${(event: KeyboardEvent) => {
            if (event.key === 'Enter' && !event.isComposing) (event.currentTarget as HTMLInputElement).blur();
          }}
        />
        <div class="head">
          <h2>Documents</h2>
          ${this.#new()}
        </div>
        <ul
          class="documents ${this.dropBefore === 'end' ? 'drop-end' : ''}"
          @dragover=${(event: DragEvent) => this.#dragOver(event)}
          @drop=${(event: DragEvent) => this.#drop(event)}
        >
          ${repeat(
            documents,
            one => one.documentId,
            (one, index) =>
              this.#item(one, index, documents.length, !view.atHome && one.documentId === current.documentId),
          )}
        </ul>
        ${removed.length === 0 ? nothing : this.#removed(removed)}
      </nav>
      <a
        class="item home"
        href=${homeHref}
        aria-current=${view.atHome ? 'page' : nothing}
        @click=${() => this.#ask('ws-close')}
        >${icons.home}<span class="title">All spaces</span></a
      >`;
  }

  #removed(removed: readonly ListedDocument[]): TemplateResult {
    return html`<details>
      <summary>Deleted <span class="count">${removed.length}</span></summary>
      <ul>
        ${removed.map(
          one =>
            html`<li>
              <span class="item gone">${icons[one.kind]}<span class="title">${one.shown}</span></span>
              <button
                type="button"
                class="restore"
                aria-label="Restore ${one.shown}"
                @click=${() => this.#ask('ws-restore', one.documentId)}
              >
                Restore
              </button>
            </li>`,
        )}
      </ul>
    </details>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'ws-rail': WsRail;
  }
}
