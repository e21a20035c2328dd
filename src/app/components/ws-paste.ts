/**
 * Joining without a server: one gives an offer, the other an answer, and the texts go by whatever way there is. Both sides
 * are here, since both have the space open: whoever comes has its link already.
 */
import { LitElement, html, nothing, type TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { PastedRefusal } from '../../net/pasted.ts';
import { icons } from '../icons.ts';
import type { PastedTexts } from '../space-session.ts';
import { base } from '../styles/base.styles.ts';
import { styles } from './ws-paste.styles.ts';
import './ws-qr.ts';

const words: Readonly<Record<PastedRefusal, string>> = {
  malformed: 'This is not a whole text from Peerloom. Copy all of it, from the first sign to the last.',
  version: 'This text is from a newer version. Reload Peerloom when its server can be reached.',
  'other-space': 'This text is for another space, or for somebody else.',
  used: 'This text has been used. Ask for a new one.',
  'wrong-text': 'This text belongs in the other field, or to an offer that is over.',
  ourselves: 'This is a text of this very page. It is for the other side.',
  linked: 'You are connected with them already.',
};

type Step = 'idle' | 'working' | { readonly text: string } | { readonly failed: string };

@customElement('ws-paste')
export class WsPaste extends LitElement {
  static override styles = [base, styles];

  @property({ attribute: false }) texts: PastedTexts | undefined;
  @state() private offer: Step = 'idle';
  @state() private answer: Step = 'idle';
  @state() private said = '';

  async #makeOffer(): Promise<void> {
    this.offer = 'working';
    const text = await this.texts?.offer().catch(() => undefined);
    this.offer = text === undefined ? { failed: 'This browser could not make an offer.' } : { text };
  }

  async #connect(form: HTMLFormElement): Promise<void> {
    const done = await this.texts?.accept(field(form, 'answer'));
    if (done === undefined) return;
    this.said = done.ok ? 'Connecting.' : words[done.reason];
    if (done.ok) this.offer = 'idle';
  }

  async #makeAnswer(form: HTMLFormElement): Promise<void> {
    this.answer = 'working';
    const made = await this.texts?.answer(field(form, 'offer')).catch(() => undefined);
    if (made?.ok === true) this.answer = { text: made.text };
    else
      this.answer = {
        failed: made === undefined ? 'This browser could not make an answer.' : words[made.reason],
      };
  }

  async #copy(text: string): Promise<void> {
    try {
      await navigator.clipboard.writeText(text);
      this.said = 'Copied.';
    } catch {
      this.said = 'The browser refused to copy. Select the text and copy it with the keyboard.';
    }
  }

  override render(): TemplateResult {
    return html`<details>
      <summary>Join without a server</summary>
      <p>
        For when the server cannot be reached. Both sides have this space open; you carry two texts between
        you, by chat, by mail, or as a QR code that a camera reads. They are of no use to anybody without the
        space’s link.
      </p>
      <section aria-labelledby="give">
        <h3 id="give">Give an offer</h3>
        ${
          typeof this.offer === 'object' && 'text' in this.offer
            ? html`${this.#made('Offer to give', this.offer.text)}${this.#form(
                'answer',
                'Answer you were given',
                'Connect',
                form => this.#connect(form),
              )}`
            : html`<button
                  type="button"
                  class="button"
                  ?disabled=${this.offer === 'working'}
                  @click=${() => void this.#makeOffer()}
                >
                  Make an offer</button
                >${this.#failure(this.offer)}`
        }
      </section>
      <section aria-labelledby="take">
        <h3 id="take">Answer an offer</h3>
        ${
          typeof this.answer === 'object' && 'text' in this.answer
            ? this.#made('Answer to give back', this.answer.text)
            : html`${this.#form('offer', 'Offer you were given', 'Make the answer', form =>
                this.#makeAnswer(form),
              )}${this.#failure(this.answer)}`
        }
      </section>
      <p role="status">${this.said}</p>
    </details>`;
  }

  #made(label: string, text: string): TemplateResult {
    return html`<div class="made">
      <textarea readonly rows="4" aria-label=${label} spellcheck="false" .value=${text}></textarea>
      <button type="button" class="button" @click=${() => void this.#copy(text)}>${icons.copy}Copy</button>
      <ws-qr .text=${text} label=${`${label}, as a QR code`}></ws-qr>
    </div>`;
  }

  #form(
    name: string,
    label: string,
    does: string,
    submitted: (form: HTMLFormElement) => Promise<void>,
  ): TemplateResult {
    const submit = (event: SubmitEvent): void => {
      event.preventDefault();
      if (event.target instanceof HTMLFormElement) void submitted(event.target);
    };
    return html`<form @submit=${submit}>
      <textarea
        required
        name=${name}
        rows="4"
        aria-label=${label}
        placeholder=${label}
        spellcheck="false"
      ></textarea>
      <button class="button">${does}</button>
    </form>`;
  }

  #failure(step: Step): TemplateResult | typeof nothing {
    return typeof step === 'object' && 'failed' in step ? html`<p role="alert">${step.failed}</p>` : nothing;
  }
}

function field(form: HTMLFormElement, name: string): string {
  const value = new FormData(form).get(name);
  return typeof value === 'string' ? value : '';
}

declare global {
  interface HTMLElementTagNameMap {
    'ws-paste': WsPaste;
  }
}
