/**
 * The one sync pill: the most important true thing as icon, word and hue; behind it the evidence. A dip that
 * lasts a blink, as every keystroke causes, is not shown.
 */
import { LitElement, html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import type { SyncStatus } from '../../replica/status.ts';
import { evidence } from '../evidence.ts';
import { icons } from '../icons.ts';
import { base } from '../styles/base.styles.ts';
import { isDip, pillWords } from '../words.ts';
import { styles } from './ws-pill.styles.ts';

/** A dip shorter than this is no news. */
export const dipMs = 300;

@customElement('ws-pill')
export class WsPill extends LitElement {
  static override styles = [base, styles];

  @property({ attribute: false }) status: SyncStatus | undefined;
  @property({ type: Boolean }) joining = false;
  @property({ type: Boolean }) networkSwitch = true;
  @state() private shown: SyncStatus | undefined;
  /** The evidence is written only while somebody reads it: with each keystroke it changes, and would repaint. */
  @state() private open = false;
  @query('button') private button!: HTMLButtonElement;
  @query('[popover]') private panel!: HTMLElement;
  #dip: number | undefined;

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has('status') || this.status === undefined) return;
    if (this.shown === undefined || !isDip(this.shown, this.status)) {
      this.#endDip();
      this.shown = this.status;
    } else {
      this.#dip ??= window.setTimeout(() => {
        this.#dip = undefined;
        this.shown = this.status;
      }, dipMs);
    }
  }
  #endDip(): void {
    window.clearTimeout(this.#dip);
    this.#dip = undefined;
  }

  /** Under the pill, its right edges aligned; on a phone the styles place it. */
  #place(event: ToggleEvent): void {
    this.open = event.newState === 'open';
    if (!this.open) return;
    const { bottom, right } = this.button.getBoundingClientRect();
    const width = document.documentElement.clientWidth;
    this.panel.style.setProperty('--top', `${String(Math.round(bottom + 8))}px`);
    this.panel.style.setProperty('--right', `${String(Math.round(Math.max(16, width - right)))}px`);
  }

  override render(): TemplateResult | typeof nothing {
    const { shown, status } = this;
    if (shown === undefined || status === undefined) return nothing;
    const { icon, tone, word, detail } = pillWords(shown, this.joining);
    return html`<button type="button" class="pill ${tone}" popovertarget="why">
        ${icons[icon]}
        <span class="words"
          ><span class="word">${word}</span>${
            detail === ''
              ? nothing
              : html`<span class="detail"
                  ><span aria-hidden="true"> · </span><span class="sr-only">, </span>${detail}</span
                >`
          }</span
        >
      </button>
      <div
        id="why"
        popover
        role="dialog"
        aria-labelledby="why-title"
        @beforetoggle=${(event: ToggleEvent) => this.#place(event)}
      >
        <h2 id="why-title">Why?</h2>
        <dl>
          ${
            this.open
              ? evidence(status, this.networkSwitch).map(
                  line =>
                    html`<div class="line">
                      <dt><span class=${line.tone}>${icons[line.icon]}</span>${line.label}</dt>
                      <dd>${line.sentence}</dd>
                    </div>`,
                )
              : nothing
          }
        </dl>
      </div>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'ws-pill': WsPill;
  }
}
