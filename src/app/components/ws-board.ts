/**
 * A board: columns, and cards that are dragged or moved by keys from one to the other. What moves here is a node of a tree
 * (documents/board.ts), so two people who move one card at once end with one card; whoever else moved one is named on it for a moment.
 */
import { LitElement, html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import type { OpId } from '../../crdt/context.ts';
import type { DocumentChange } from '../../crdt/document/messages.ts';
import type { TreeChange } from '../../crdt/tree/messages.ts';
import { ValuesController } from '../controllers/values-controller.ts';
import {
  addCard,
  addColumn,
  deleteNode,
  moveCard,
  moveColumn,
  readBoard,
  renameNode,
  type Board,
  type Card,
  type Column,
} from '../documents/board.ts';
import { keyOf, titleLengthMax } from '../documents/values.ts';
import { hueClass } from '../hues.ts';
import { icons } from '../icons.ts';
import { CardMotion } from '../motion.ts';
import type { Profile, ValuesSession } from '../space-session.ts';
import { base, hues } from '../styles/base.styles.ts';
import { documentStyles } from '../styles/document.styles.ts';
import { nameOf } from '../words.ts';
import { styles } from './ws-board.styles.ts';
import './ws-avatar.ts';
import './ws-card.ts';
import './ws-menu.ts';
import type { WsCard } from './ws-card.ts';

/** How long somebody else's move is shown as theirs. */
const movedMs = 2500;

/** A card in the hand, and where it came from. */
interface Held {
  readonly card: OpId;
  readonly column: OpId;
  readonly index: number;
}

/** Asks for `ws-title` (detail: the new name). */
@customElement('ws-board')
export class WsBoard extends LitElement {
  static override styles = [base, hues, documentStyles, styles];

  @property({ attribute: false }) values: ValuesSession | undefined;
  @property({ attribute: false }) profile: Profile = { name: '', colour: 1 };
  @property() name = '';
  /** Picked up by keys. */
  @state() private held: Held | undefined;
  /** Where a dragged card would go. */
  @state() private drop: { readonly column: string; readonly index: number } | undefined;
  @state() private said = '';
  @query('ws-card') private cardDialog!: WsCard;
  @query('.name') private nameInput!: HTMLInputElement | null;
  #board: Board = { columns: [] };
  #dragged: Card | undefined;
  #drawing = false;
  /** By card: who else has just moved or changed it. */
  readonly #movers = new Map<string, Profile>();
  readonly #motion = new CardMotion(this);
  readonly #following = new ValuesController(this, (changes, author) => {
    if (author !== undefined) this.#noteMovers(changes, author);
  });

  override focus(): void {
    this.nameInput?.focus();
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    const { values } = this;
    if (values === undefined) return;
    if (changed.has('values')) {
      this.#following.follow(values);
      this.held = undefined;
      this.#movers.clear();
    }
    this.#board = readBoard(values.document);
  }

  #noteMovers(changes: readonly DocumentChange[], author: Profile): void {
    const keys = new Set<string>();
    for (const { kind, changes: told } of changes)
      if (kind === 'tree') for (const { node } of told as readonly TreeChange[]) keys.add(keyOf(node));
    for (const key of keys) this.#movers.set(key, author);
    window.setTimeout(() => {
      for (const key of keys) if (this.#movers.get(key) === author) this.#movers.delete(key);
      this.requestUpdate();
    }, movedMs);
  }

  #placeOf(key: string): { column: Column; at: number; index: number; card: Card } | undefined {
    for (const [at, column] of this.#board.columns.entries()) {
      const index = column.cards.findIndex(card => card.key === key);
      const card = column.cards[index];
      if (card !== undefined) return { column, at, index, card };
    }
    return undefined;
  }

  #move(card: Card, column: Column, index: number): void {
    this.values?.transact(document => moveCard(document, card.id, column.id, index));
  }

  // ── By keys ───────────────────────────────────────────────────────────────────────────────────────────────

  #key(event: KeyboardEvent, card: Card): void {
    const { key } = event;
    if (key === 'Enter') void this.#openCard(card);
    else if (key === ' ') this.#pickUpOrDrop(card);
    else if (key === 'Escape' && this.held !== undefined) this.#putBack();
    else if (key.startsWith('Arrow')) this.#arrow(key, card);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  #pickUpOrDrop(card: Card): void {
    const place = this.#placeOf(card.key);
    if (place === undefined) return;
    if (this.held === undefined) {
      this.held = { card: card.id, column: place.column.id, index: place.index };
      this.said = `Picked up ${card.title}. Arrow keys move it, Space drops it, Escape puts it back.`;
    } else {
      this.held = undefined;
      this.said = `Dropped ${card.title} in ${place.column.title}, ${this.#ordinal(place.column, place.index)}.`;
    }
  }

  #putBack(): void {
    const { held } = this;
    if (held === undefined) return;
    this.held = undefined;
    this.values?.transact(document => moveCard(document, held.card, held.column, held.index));
    this.said = 'Put back.';
    void this.#focusCard(keyOf(held.card));
  }

  #arrow(key: string, card: Card): void {
    const place = this.#placeOf(card.key);
    if (place === undefined) return;
    const { columns } = this.#board;
    const down = key === 'ArrowDown' ? 1 : key === 'ArrowUp' ? -1 : 0;
    const right = key === 'ArrowRight' ? 1 : key === 'ArrowLeft' ? -1 : 0;
    const column = columns[place.at + right];
    if (column === undefined) return;
    if (this.held === undefined) {
      const index = right === 0 ? place.index + down : Math.min(place.index, column.cards.length - 1);
      const next = column.cards[index];
      if (next !== undefined) this.#find(next.key)?.focus();
      return;
    }
    const index = right === 0 ? place.index + down : Math.min(place.index, column.cards.length);
    if (index < 0 || (right === 0 && index >= column.cards.length)) return;
    this.#move(card, column, index);
    // Drawn now and not in a moment: the next key may be there already, and goes to what has the focus.
    if (this.isUpdatePending) this.performUpdate();
    this.#find(card.key)?.focus();
    const now = this.#placeOf(card.key);
    if (now !== undefined) this.said = `${now.column.title}, ${this.#ordinal(now.column, now.index)}.`;
  }

  #ordinal({ cards }: Column, index: number): string {
    return `${String(index + 1)} of ${String(cards.length)}`;
  }

  async #focusCard(key: string): Promise<void> {
    await this.updateComplete;
    this.#find(key)?.focus();
  }
  #find(key: string): HTMLElement | null {
    return this.renderRoot.querySelector<HTMLElement>(`[data-key="${key}"]`);
  }

  // ── By hand ───────────────────────────────────────────────────────────────────────────────────────────────

  #dragStart(event: DragEvent, card: Card): void {
    this.#dragged = card;
    event.dataTransfer?.setData('text/plain', card.title);
    if (event.dataTransfer) event.dataTransfer.effectAllowed = 'move';
    this.requestUpdate();
  }
  #dragOver(event: DragEvent, column: Column): void {
    const dragged = this.#dragged;
    if (dragged === undefined) return;
    event.preventDefault();
    const cards = [...(event.currentTarget as HTMLElement).querySelectorAll<HTMLElement>('.card')].filter(
      card => card.dataset.key !== dragged.key,
    );
    const at = cards.findIndex(card => {
      const { top, height } = card.getBoundingClientRect();
      return event.clientY < top + height / 2;
    });
    const index = at === -1 ? cards.length : at;
    if (this.drop?.column !== column.key || this.drop.index !== index)
      this.drop = { column: column.key, index };
  }
  #dropped(event: DragEvent, column: Column): void {
    const { drop } = this;
    const card = this.#dragged;
    this.#dragEnd();
    if (card === undefined || drop === undefined) return;
    event.preventDefault();
    this.#move(card, column, drop.index);
  }
  #dragEnd(): void {
    this.#dragged = undefined;
    this.drop = undefined;
    this.requestUpdate();
  }

  // ── Cards and columns ─────────────────────────────────────────────────────────────────────────────────────

  async #openCard(card: Card): Promise<void> {
    this.held = undefined;
    await this.cardDialog.show(card.key);
  }

  #add(event: KeyboardEvent, add: (title: string) => void): void {
    if (event.key !== 'Enter' || event.isComposing) return;
    const input = event.currentTarget as HTMLInputElement;
    const title = input.value.trim();
    if (title === '') return;
    input.value = '';
    add(title);
  }

  #columnMenu(column: Column, at: number) {
    const move = (index: number) => () => {
      this.values?.transact(document => moveColumn(document, column.id, index));
    };
    return [
      { label: 'Move left', disabled: at === 0, run: move(at - 1) },
      { label: 'Move right', disabled: at === this.#board.columns.length - 1, run: move(at + 1) },
      {
        label:
          column.cards.length === 0 ? 'Delete column' : `Delete with ${String(column.cards.length)} cards`,
        removes: true,
        run: () => {
          this.values?.transact(document => deleteNode(document, column.id));
        },
      },
    ];
  }

  #card(card: Card, index: number, column: Column): TemplateResult {
    const mover = this.#movers.get(card.key);
    const isHeld = this.held !== undefined && keyOf(this.held.card) === card.key;
    const dropHere = this.#dropBefore(column, index);
    const about = [card.title || 'Untitled', ...card.tags, ...card.people.map(person => person.name)].join(
      ', ',
    );
    return html`<li class=${dropHere ? 'drop' : ''}>
      <div
        class="card ${isHeld ? 'held' : ''} ${mover ? `moved ${hueClass(mover.colour)}` : ''} ${
          this.#dragged?.key === card.key ? 'dragged' : ''
        }"
        role="button"
        tabindex="0"
        draggable="true"
        data-key=${card.key}
        aria-label=${about}
        aria-roledescription="card"
        aria-pressed=${isHeld ? 'true' : 'false'}
        aria-describedby="keys"
        @click=${() => void this.#openCard(card)}
        @keydown=${(event: KeyboardEvent) => this.#key(event, card)}
        @blur=${() => {
          if (isHeld && !this.#drawing) this.held = undefined;
        }}
        @dragstart=${(event: DragEvent) => this.#dragStart(event, card)}
        @dragend=${() => this.#dragEnd()}
      >
        ${mover ? html`<span class="mover" aria-hidden="true">${nameOf(mover.name)} moved this</span>` : nothing}
        <p class="title">${card.title || 'Untitled'}</p>
        ${card.note === '' ? nothing : html`<p class="note">${card.note}</p>`}
        ${
          card.tags.length + card.people.length === 0
            ? nothing
            : html`<p class="foot">
                ${card.people.map(
                  ({ name, colour }) => html`<ws-avatar name=${name} colour=${colour}></ws-avatar>`,
                )}
                ${card.tags.map(tag => html`<span class="tag">${tag}</span>`)}
              </p>`
        }
      </div>
    </li>`;
  }

  /** Would the dragged card land before this one? Places are counted without the dragged one. */
  #dropBefore(column: Column, index: number): boolean {
    const { drop } = this;
    if (drop?.column !== column.key) return false;
    const dragged = column.cards.findIndex(card => card.key === this.#dragged?.key);
    const without = dragged !== -1 && dragged < index ? index - 1 : index;
    return index !== dragged && without === drop.index;
  }

  #column(column: Column, at: number): TemplateResult {
    const others = column.cards.filter(card => card.key !== this.#dragged?.key).length;
    const dropLast = this.drop?.column === column.key && this.drop.index === others;
    return html`<section
      class="column"
      aria-label=${column.title || 'Untitled column'}
      @dragover=${(event: DragEvent) => this.#dragOver(event, column)}
      @drop=${(event: DragEvent) => this.#dropped(event, column)}
    >
      <div class="head">
        <input
          class="heading"
          aria-label="Name of the column"
          placeholder="Untitled"
          maxlength=${titleLengthMax}
          .value=${column.title}
          @change=${(event: Event) => {
            const { value } = event.currentTarget as HTMLInputElement;
            this.values?.transact(document => renameNode(document, column.id, value));
          }}
          @keydown=${(event: KeyboardEvent) => {
            if (event.key === 'Enter' && !event.isComposing) (event.currentTarget as HTMLInputElement).blur();
          }}
        />
        <span class="count" aria-label="${column.cards.length} cards">${column.cards.length}</span>
        <ws-menu label="${column.title}: more" .items=${this.#columnMenu(column, at)}>${icons.more}</ws-menu>
      </div>
      <ul class=${dropLast ? 'drop-last' : ''}>
        ${repeat(
          column.cards,
          card => card.key,
          (card, index) => this.#card(card, index, column),
        )}
      </ul>
      <input
        class="add"
        aria-label="Add a card to ${column.title}"
        placeholder="Add a card"
        maxlength=${titleLengthMax}
        @keydown=${(event: KeyboardEvent) =>
          this.#add(event, title => {
            this.values?.transact(document => void addCard(document, column.id, title));
          })}
      />
    </section>`;
  }

  override render(): TemplateResult | typeof nothing {
    const { values } = this;
    if (values === undefined) return nothing;
    const { columns } = this.#board;
    return html`<div class="top">
        <input
          class="name"
          aria-label="Name of the board"
          placeholder="Untitled board"
          maxlength=${titleLengthMax}
          .value=${this.name}
          @change=${(event: Event) =>
            this.dispatchEvent(
              new CustomEvent('ws-title', { detail: (event.currentTarget as HTMLInputElement).value }),
            )}
        />
        <p class="promise">Moves made at the same time end in one place, never two.</p>
      </div>
      <div class="columns">
        ${repeat(
          columns,
          column => column.key,
          (column, at) => this.#column(column, at),
        )}
        <div class="another">
          <input
            class="add"
            aria-label="Add a column"
            placeholder="Add a column"
            maxlength=${titleLengthMax}
            @keydown=${(event: KeyboardEvent) =>
              this.#add(event, title => {
                this.values?.transact(document => void addColumn(document, title));
              })}
          />
        </div>
      </div>
      <p id="keys" hidden>Enter opens it, Space picks it up, arrow keys then move it.</p>
      <p class="sr-only" role="status">${this.said}</p>
      <ws-card
        .values=${values}
        .board=${this.#board}
        .profile=${this.profile}
        @ws-closed=${(event: CustomEvent<string>) => void this.#focusCard(event.detail)}
      ></ws-card>`;
  }

  /** What moves in the document loses the focus, and nobody has put it down. */
  protected override update(changed: PropertyValues<this>): void {
    this.#drawing = true;
    super.update(changed);
    this.#drawing = false;
    if (this.held !== undefined) this.#find(keyOf(this.held.card))?.focus();
  }

  protected override updated(): void {
    this.#motion.played();
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'ws-board': WsBoard;
  }
}
