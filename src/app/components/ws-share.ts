/** The invitation: the link, and in plain words what holding it means. */
import { LitElement, html, nothing, type TemplateResult } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { icons } from '../icons.ts';
import { loadPaste } from '../load-paste.ts';
import type { PastedTexts } from '../space-session.ts';
import { base } from '../styles/base.styles.ts';
import { styles } from './ws-share.styles.ts';

const copiedMs = 2500;

/** Whether no other device can open this link, whoever gets it. */
export function isLocalOnly(link: string): boolean {
  const { hostname } = new URL(link);
  return (
    hostname === 'localhost' ||
    hostname.endsWith('.localhost') ||
    hostname === '[::1]' ||
    hostname.startsWith('127.')
  );
}

@customElement('ws-share')
export class WsShare extends LitElement {
  static override styles = [base, styles];

  @property() link = '';
  @property({ attribute: false }) texts: PastedTexts | undefined;
  @state() private copied: 'not-yet' | 'copied' | 'refused' = 'not-yet';
  @query('dialog') private dialog!: HTMLDialogElement;
  @query('input') private input!: HTMLInputElement;
  #timer: number | undefined;

  async show(link: string): Promise<void> {
    this.link = link;
    this.copied = 'not-yet';
    // The link alone is what most people want; without the rest there is that.
    loadPaste().catch((error: unknown) => {
      console.error(error);
    });
    await this.updateComplete;
    if (!this.dialog.open) this.dialog.showModal();
    this.input.focus();
  }

  /** All of it, from the end to the beginning, which is then what one sees. */
  #select(): void {
    this.input.setSelectionRange(0, this.link.length, 'backward');
  }

  async #copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(this.link);
      this.copied = 'copied';
    } catch {
      this.copied = 'refused';
      this.input.focus();
    }
    window.clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => (this.copied = 'not-yet'), copiedMs);
  }

  /** A click beside the dialog, on its backdrop, closes it. */
  #clicked(event: MouseEvent): void {
    const { left, right, top, bottom } = this.dialog.getBoundingClientRect();
    const { clientX: x, clientY: y, detail } = event;
    const beside = x < left || x > right || y < top || y > bottom;
    if (event.target === this.dialog && detail > 0 && beside) this.dialog.close();
  }

  override render(): TemplateResult {
    // eslint-disable-next-line lit-a11y/click-events-have-key-events -- Escape closes a dialog already
    return html`<dialog aria-labelledby="title" @click=${(event: MouseEvent) => this.#clicked(event)}>
      ${this.link === '' ? nothing : this.#body()}
    </dialog>`;
  }

  #body(): TemplateResult {
    return html`<div class="head">
        <h2 id="title">Share this space</h2>
        <button type="button" class="close" @click=${() => this.dialog.close()}>
          ${icons.close}<span class="sr-only">Close</span>
        </button>
      </div>
      <div class="row">
        <input
          readonly
          aria-label="Invitation link"
          spellcheck="false"
          .value=${this.link}
          @focus=${() => this.#select()}
        />
        <button type="button" class="button primary copy" @click=${() => void this.#copy()}>
          ${this.copied === 'copied' ? html`${icons.check}Copied` : html`${icons.copy}Copy`}
        </button>
      </div>
      <p class="sr-only" role="status">
        ${this.copied === 'copied' ? 'Link copied' : this.copied === 'refused' ? 'Copying was refused' : ''}
      </p>
      ${
        this.copied === 'refused'
          ? html`<p class="note waiting">
              The browser refused to copy. The link is selected: copy it with the keyboard.
            </p>`
          : nothing
      }
      <p>
        <b>Whoever has this link can read and write here</b>, from now on. Give it only to people you would
        write with.
      </p>
      <p class="quiet">
        The secret is the part after <code>#</code>. It is never sent to a server; this device keeps it,
        readable by whoever uses this browser profile.
      </p>
      ${
        isLocalOnly(this.link)
          ? html`<p class="note">
              <span>${icons.warning}</span
              ><span
                >This link works on this computer only, since its address is
                <code>${new URL(this.link).hostname}</code>. To invite other devices, open Peerloom under an
                address that they can reach, and share from there.</span
              >
            </p>`
          : nothing
      }
      <ws-paste .texts=${this.texts}></ws-paste>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'ws-share': WsShare;
  }
}
