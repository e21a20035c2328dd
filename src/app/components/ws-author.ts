/**
 * Who wrote this: rests the pointer over the page for a moment, the author of that character and when it was written are said
 * beside it. Read out of the history, so that nobody pays for it who does not ask.
 */
import { LitElement, html, nothing, type TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { metWords } from '../copies.ts';
import { hueClass } from '../hues.ts';
import type { PastMoment } from '../space-session.ts';
import { base, hues } from '../styles/base.styles.ts';
import { nameOf } from '../words.ts';
import { styles } from './ws-author.styles.ts';

@customElement('ws-author')
export class WsAuthor extends LitElement {
  static override styles = [base, hues, styles];

  @property({ attribute: false }) moment: PastMoment | undefined;
  /** Of the pointer, in the window. */
  @property({ type: Number }) x = 0;
  @property({ type: Number }) y = 0;

  protected override updated(): void {
    this.style.setProperty('--x', `${String(Math.round(this.x))}px`);
    this.style.setProperty('--y', `${String(Math.round(this.y))}px`);
  }

  override render(): TemplateResult | typeof nothing {
    const { moment } = this;
    if (moment === undefined) return nothing;
    const who = moment.self ? 'You' : nameOf(moment.profile.name);
    const when = metWords(moment.wallMs, Date.now());
    return html`<p role="tooltip" aria-label=${`${who}, ${when}`}>
      <span class="dot ${hueClass(moment.profile.colour)}"></span><b>${who}</b>, ${when}
    </p>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'ws-author': WsAuthor;
  }
}
