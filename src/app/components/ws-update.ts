/** A new version waits: it is taken only when one says so, since a reload interrupts whoever writes. */
import { LitElement, html, type TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { base } from '../styles/base.styles.ts';
import { styles } from './ws-update.styles.ts';

@customElement('ws-update')
export class WsUpdate extends LitElement {
  static override styles = [base, styles];

  @property({ attribute: false }) apply: () => void = () => undefined;

  override render(): TemplateResult {
    return html`<div class="toast">
      <p role="status">A new version is ready.</p>
      <button type="button" class="button primary" @click=${() => this.apply()}>Reload</button>
      <button type="button" class="button quiet" @click=${() => this.remove()}>Later</button>
    </div>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'ws-update': WsUpdate;
  }
}
