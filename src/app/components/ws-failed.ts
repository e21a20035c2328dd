/** The screen when a space cannot be shown: what happened, why, and the one thing to do next. */
import { LitElement, html, nothing, type TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { mark, wordmark } from '../icons.ts';
import { base, brand } from '../styles/base.styles.ts';
import type { Failure } from '../failures.ts';
import { notice } from './notice.styles.ts';

@customElement('ws-failed')
export class WsFailed extends LitElement {
  static override styles = [base, brand, notice];

  @property({ attribute: false }) failure: Failure | undefined;

  override render(): TemplateResult | typeof nothing {
    const { failure } = this;
    if (failure === undefined) return nothing;
    const { action } = failure;
    return html`<header>${mark}${wordmark}</header>
      <main>
        <h1>${failure.title}</h1>
        <p class="lead">${failure.reason}</p>
        ${
          action === undefined
            ? nothing
            : html`<div class="actions">
                <button type="button" class="button primary" @click=${() => action.run()}>
                  ${action.label}
                </button>
              </div>`
        }
      </main>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'ws-failed': WsFailed;
  }
}
