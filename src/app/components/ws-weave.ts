/** The fingerprint of a space as cloth and words: whoever sees the same has the same. */
import { LitElement, html, nothing, svg, type TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { weaveOf, weaveThreads, wordsOf } from '../fingerprint.ts';
import { base } from '../styles/base.styles.ts';
import { styles } from './ws-weave.styles.ts';

/** Units a thread is wide, and how far it stays off its neighbour. */
const thread = 6;
const gap = 0.8;

@customElement('ws-weave')
export class WsWeave extends LitElement {
  static override styles = [base, styles];

  @property({ attribute: false }) fingerprint: Uint8Array | undefined;

  override render(): TemplateResult | typeof nothing {
    if (this.fingerprint === undefined) return nothing;
    const [first, second, third, fourth] = wordsOf(this.fingerprint);
    const size = weaveThreads * thread;
    return html`<svg viewBox="0 0 ${size} ${size}" aria-hidden="true" focusable="false">
        ${weaveOf(this.fingerprint).map((over, at) => {
          const x = (at % weaveThreads) * thread;
          const y = Math.floor(at / weaveThreads) * thread;
          return over
            ? svg`<rect class="weft" x=${x} y=${y + gap} width=${thread} height=${thread - 2 * gap}/>`
            : svg`<rect class="warp" x=${x + gap} y=${y} width=${thread - 2 * gap} height=${thread}/>`;
        })}
      </svg>
      <p>${first} ${second}<br />${third} ${fourth}</p>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'ws-weave': WsWeave;
  }
}
