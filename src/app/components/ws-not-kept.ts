/** The banner when this device's disk refuses: what is at stake, and the one thing that helps at once. */
import { LitElement, html, nothing, type TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { icons } from '../icons.ts';
import { base } from '../styles/base.styles.ts';
import { notKeptSentences, type NotKeptReason } from '../words.ts';
import { styles } from './ws-not-kept.styles.ts';

const copiedMs = 2500;

@customElement('ws-not-kept')
export class WsNotKept extends LitElement {
  static override styles = [base, styles];

  @property() reason: NotKeptReason = 'full';
  /** Milliseconds since the epoch. */
  @property({ type: Number }) since = 0;
  /** The page's whole text, when asked. */
  @property({ attribute: false }) text: () => string = () => '';
  @state() private copied: 'not-yet' | 'copied' | 'refused' = 'not-yet';

  async #copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(this.text());
      this.copied = 'copied';
    } catch {
      this.copied = 'refused';
    }
    window.setTimeout(() => (this.copied = 'not-yet'), copiedMs);
  }

  override render(): TemplateResult {
    const since = new Date(this.since).toLocaleTimeString([], {
      hour: '2-digit',
      minute: '2-digit',
      hour12: false,
    });
    const { title, body } = notKeptSentences(this.reason, since);
    return html`<div class="banner">
      ${icons.warning}
      <p role="alert">
        <b>${title}</b>
        ${body}${this.copied === 'refused' ? html` <b>Copying was refused; select the text and copy it.</b>` : nothing}
      </p>
      <button type="button" class="button" @click=${() => void this.#copy()}>
        ${this.copied === 'copied' ? html`${icons.check}Copied` : html`${icons.copy}Copy the text`}
      </button>
    </div>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'ws-not-kept': WsNotKept;
  }
}
