/** A person as a colour and initials; an outline when out of reach. The name stands beside it, so it is not read. */
import { LitElement, html, type TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { hueClass } from '../hues.ts';
import { base, hues } from '../styles/base.styles.ts';
import { initialsOf } from '../words.ts';
import { styles } from './ws-avatar.styles.ts';

@customElement('ws-avatar')
export class WsAvatar extends LitElement {
  static override styles = [base, hues, styles];

  @property() name = '';
  @property({ type: Number }) colour = 1;
  @property({ type: Boolean }) away = false;

  override render(): TemplateResult {
    return html`<span
      class="avatar ${hueClass(this.colour)} ${this.away ? 'away' : ''}"
      data-initials=${initialsOf(this.name)}
      aria-hidden="true"
    ></span>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'ws-avatar': WsAvatar;
  }
}
