/** How many full copies there are, why one may believe it, and the cloth that proves that two are the same. A chunk of its own. */
import { LitElement, html, nothing, type TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { equalBytes } from '../../base/bytes.ts';
import type { SessionView } from '../controllers/session-controller.ts';
import { copyEvidence } from '../copies.ts';
import type { NetworkSession } from '../space-session.ts';
import { base } from '../styles/base.styles.ts';
import { styles } from './ws-copies.styles.ts';
import './ws-weave.ts';

/** Often enough to see it change, seldom enough that no keystroke pays for it. */
const readEveryMs = 1000;

@customElement('ws-copies')
export class WsCopies extends LitElement {
  static override styles = [base, styles];

  @property({ attribute: false }) view: SessionView | undefined;
  @property({ attribute: false }) network: NetworkSession | undefined;
  @state() private fingerprint: Uint8Array | undefined;
  #timer: number | undefined;

  constructor() {
    super();
    this.addController({
      hostConnected: () => {
        this.#timer = window.setInterval(() => this.#read(), readEveryMs);
      },
      hostDisconnected: () => window.clearInterval(this.#timer),
    });
  }

  #read(): void {
    if (document.hidden || this.network === undefined || !this.checkVisibility()) return;
    const { fingerprint } = this.network.read();
    if (this.fingerprint === undefined || !equalBytes(fingerprint, this.fingerprint))
      this.fingerprint = fingerprint;
  }

  protected override firstUpdated(): void {
    // Not in the same turn: what is being drawn is drawn first.
    setTimeout(() => this.#read(), 0);
  }

  override render(): TemplateResult | typeof nothing {
    const { view } = this;
    if (view === undefined) return nothing;
    const { count, rest } = view.copies;
    return html`<section aria-label="Copies">
      <p><b>${count}</b>, ${rest}</p>
      <ws-weave .fingerprint=${this.fingerprint}></ws-weave>
      <details>
        <summary>Why?</summary>
        <dl>
          ${copyEvidence(view.status.whole, view.devices.others).map(
            ({ name, tone, sentence }) =>
              html`<dt class=${tone}>${name}</dt>
                <dd>${sentence}</dd>`,
          )}
        </dl>
        <p class="gloss">
          A device counts when its own disk has said so; tabs of one browser share a disk. The cloth is woven
          from the hash at the end of each log: where somebody sees the same cloth and words, every change is
          the same.
        </p>
      </details>
    </section>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'ws-copies': WsCopies;
  }
}
