/** One card, opened: its words, where it is, its tags, who is on it. Every field is kept when one leaves it. */
import { LitElement, html, nothing, type TemplateResult } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { live } from 'lit/directives/live.js';
import {
  deleteNode,
  moveCard,
  noteLengthMax,
  renameNode,
  setNote,
  setOnIt,
  setTags,
  type Board,
  type Card,
  type Column,
} from '../documents/board.ts';
import { titleLengthMax } from '../documents/values.ts';
import { icons } from '../icons.ts';
import type { Profile, ValuesSession } from '../space-session.ts';
import type { Document } from '../../crdt/document/document.ts';
import { base } from '../styles/base.styles.ts';
import { dialogStyles } from '../styles/dialog.styles.ts';
import { styles } from './ws-card.styles.ts';

/** Says `ws-closed` (detail: the card's key). */
@customElement('ws-card')
export class WsCard extends LitElement {
  static override styles = [base, dialogStyles, styles];

  @property({ attribute: false }) values: ValuesSession | undefined;
  @property({ attribute: false }) board: Board = { columns: [] };
  @property({ attribute: false }) profile: Profile = { name: '', colour: 1 };
  @state() private key: string | undefined;
  @query('dialog') private dialog!: HTMLDialogElement;
  @query('.title') private titleInput!: HTMLInputElement | null;

  async show(key: string): Promise<void> {
    this.key = key;
    await this.updateComplete;
    if (!this.dialog.open) this.dialog.showModal();
    this.titleInput?.focus();
  }

  get #place(): { card: Card; column: Column } | undefined {
    for (const column of this.board.columns) {
      const card = column.cards.find(({ key }) => key === this.key);
      if (card !== undefined) return { card, column };
    }
    return undefined;
  }

  #edit(edits: (document: Document) => void): void {
    this.values?.transact(edits);
  }

  #closed(): void {
    const { key } = this;
    this.key = undefined;
    if (key !== undefined) this.dispatchEvent(new CustomEvent('ws-closed', { detail: key }));
  }

  override render(): TemplateResult {
    const place = this.#place;
    return html`<dialog aria-label="Card" @close=${() => this.#closed()}>
      ${place === undefined ? this.#gone() : this.#fields(place.card, place.column)}
    </dialog>`;
  }

  /** Somebody deleted it while it was open. */
  #gone(): TemplateResult | typeof nothing {
    if (this.key === undefined) return nothing;
    return html`<p class="gone">This card was deleted meanwhile.</p>
      <button type="button" class="button" @click=${() => this.dialog.close()}>Close</button>`;
  }

  #fields(card: Card, column: Column): TemplateResult {
    const { id } = card;
    const mine = card.people.some(person => person.name === this.profile.name);
    const valueOf = (event: Event) => (event.currentTarget as HTMLInputElement | HTMLTextAreaElement).value;
    return html`<div class="head">
        <input
          class="title"
          aria-label="Title"
          maxlength=${titleLengthMax}
          placeholder="Untitled"
          .value=${card.title}
          @change=${(event: Event) => this.#edit(document => renameNode(document, id, valueOf(event)))}
          @keydown=${(event: KeyboardEvent) => {
            if (event.key !== 'Enter' || event.isComposing) return;
            (event.currentTarget as HTMLInputElement).blur();
            this.dialog.close();
          }}
        />
        <button type="button" class="close" @click=${() => this.dialog.close()}>
          ${icons.close}<span class="sr-only">Close</span>
        </button>
      </div>
      <label>
        <span>Column</span>
        <select
          @change=${(event: Event) => {
            const to = this.board.columns[(event.currentTarget as HTMLSelectElement).selectedIndex];
            if (to !== undefined) this.#edit(document => moveCard(document, id, to.id, to.cards.length));
          }}
        >
          ${this.board.columns.map(
            one =>
              html`<option .selected=${live(one.key === column.key)}>${one.title || 'Untitled'}</option>`,
          )}
        </select>
      </label>
      <label>
        <span>Note</span>
        <textarea
          rows="5"
          maxlength=${noteLengthMax}
          .value=${card.note}
          @change=${(event: Event) => this.#edit(document => setNote(document, id, valueOf(event)))}
        ></textarea>
      </label>
      <label>
        <span>Tags</span>
        <input
          placeholder="house, food"
          .value=${card.tags.join(', ')}
          @change=${(event: Event) =>
            this.#edit(document => setTags(document, id, valueOf(event).split(',')))}
        />
      </label>
      <div class="foot">
        <label class="tick">
          <input
            type="checkbox"
            .checked=${live(mine)}
            @change=${(event: Event) => {
              const { checked } = event.currentTarget as HTMLInputElement;
              this.#edit(document => setOnIt(document, id, this.profile, checked));
            }}
          />
          I am on it
        </label>
        <button
          type="button"
          class="button quiet removes"
          @click=${() => {
            this.#edit(document => deleteNode(document, id));
            this.dialog.close();
          }}
        >
          Delete card
        </button>
      </div>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'ws-card': WsCard;
  }
}
