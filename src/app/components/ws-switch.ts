/**
 * A switch. Flips at once and says so with `change`, like a native control; its owner sets `checked` back if the
 * world does not follow.
 */
import { LitElement, html, type TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { base } from '../styles/base.styles.ts';
import { styles } from './ws-switch.styles.ts';

@customElement('ws-switch')
export class WsSwitch extends LitElement {
  static override styles = [base, styles];
  static override shadowRootOptions: ShadowRootInit = {
    ...LitElement.shadowRootOptions,
    delegatesFocus: true,
  };

  /** Its accessible name. */
  @property() label = '';
  /** Whether the label is also shown beside it. */
  @property({ type: Boolean }) labelled = false;
  @property({ type: Boolean }) checked = false;

  #flip(): void {
    this.checked = !this.checked;
    this.dispatchEvent(new Event('change', { bubbles: true, composed: true }));
  }

  override render(): TemplateResult {
    return html`<button
      type="button"
      role="switch"
      aria-checked=${this.checked ? 'true' : 'false'}
      @click=${() => this.#flip()}
    >
      <span class=${this.labelled ? 'label' : 'sr-only'}>${this.label}</span><span class="track"></span>
    </button>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'ws-switch': WsSwitch;
  }
}
