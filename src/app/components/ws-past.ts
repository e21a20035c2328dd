/**
 * The page as it was, over the page as it is: what the stretch before it wrote is underlined in its author's colour, what it
 * took away is struck through. To be read, not written on; to restore it is a new edit like any other.
 */
import { LitElement, html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { assertNever } from '../../base/assert.ts';
import { metWords } from '../copies.ts';
import { hueClass } from '../hues.ts';
import type { PageHistory } from '../space-session.ts';
import { piecesOf, stretchesOf, type PastPiece } from '../stretches.ts';
import { base, hues } from '../styles/base.styles.ts';
import { nameOf } from '../words.ts';
import { styles } from './ws-past.styles.ts';

/** Asks for `ws-past` (detail: undefined), to go back to now. */
@customElement('ws-past')
export class WsPast extends LitElement {
  static override styles = [base, hues, styles];

  @property({ attribute: false }) history: PageHistory | undefined;
  /** How many moments are shown, one at least. */
  @property({ type: Number }) past = 1;
  @state() private refused = false;
  #pieces: readonly PastPiece[] = [];

  protected override willUpdate(changed: PropertyValues<this>): void {
    const { history, past } = this;
    if (history === undefined || !(changed.has('history') || changed.has('past'))) return;
    this.refused = false;
    const { from } = this.#stretch(history) ?? { from: past - 1 };
    this.#pieces = piecesOf(history.textAt(from), history.textAt(past), history.changes(from, past));
  }

  #stretch(history: PageHistory) {
    return stretchesOf(history.moments().slice(0, this.past)).at(-1);
  }

  #restore(history: PageHistory): void {
    if (history.restore(this.past)) this.dispatchEvent(new CustomEvent('ws-past', { detail: undefined }));
    else this.refused = true;
  }

  override render(): TemplateResult | typeof nothing {
    const { history } = this;
    const last = history && this.#stretch(history)?.last;
    if (history === undefined || last === undefined) return nothing;
    const who = last.self ? 'you' : nameOf(last.profile.name);
    return html`<section aria-label="The page as it was">
      <header>
        <p>
          As it was <b>${metWords(last.wallMs, Date.now())}</b>, after ${who} had written.
          ${this.refused ? html`<span role="alert">This disk is still writing; try again in a moment.</span>` : nothing}
        </p>
        <button
          type="button"
          class="button"
          @click=${() => this.dispatchEvent(new CustomEvent('ws-past', { detail: undefined }))}
        >
          Back to now
        </button>
        <button type="button" class="button primary" @click=${() => this.#restore(history)}>
          Restore this
        </button>
      </header>
      <div class="text ${hueClass(last.profile.colour)}" tabindex="0" role="document" aria-label="Text">
        <pre>${this.#pieces.map(pieceOf)}</pre>
      </div>
    </section>`;
  }
}

function pieceOf({ type, text }: PastPiece): TemplateResult | string {
  switch (type) {
    case 'kept':
      return text;
    case 'added':
      return html`<ins>${text}</ins>`;
    case 'removed':
      return html`<del>${text}</del>`;
    default:
      return assertNever(type);
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'ws-past': WsPast;
  }
}
