/**
 * How long nothing was heard from a peer, over the last minute, beside how long is too long. Logarithmic, since the half
 * second between two heartbeats and the ten after which a link is given up are both worth seeing.
 *
 * A picture of what the table says in words; a screen reader is told by those.
 */
import { LitElement, html, svg, type TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { samplesMax } from '../controllers/network-controller.ts';
import { dropAfterMs, silentAfterMs } from '../../replica/peers.ts';
import { hueClass } from '../hues.ts';
import { base, hues } from '../styles/base.styles.ts';
import { styles } from './ws-silence.styles.ts';

const width = samplesMax - 1;
const height = 30;

function heightOf(silentMs: number): number {
  const share = Math.log1p(silentMs / 1000) / Math.log1p((1.3 * dropAfterMs) / 1000);
  return height - 1 - Math.min(1, share) * (height - 2);
}

@customElement('ws-silence')
export class WsSilence extends LitElement {
  static override styles = [base, hues, styles];

  /** Oldest first. */
  @property({ attribute: false }) silentMs: readonly number[] = [];
  @property({ type: Number }) colour = 1;

  override render(): TemplateResult {
    const from = width - (this.silentMs.length - 1);
    const line = this.silentMs
      .map((ms, index) => `${index === 0 ? 'M' : 'L'}${String(from + index)} ${heightOf(ms).toFixed(1)}`)
      .join('');
    const threshold = heightOf(silentAfterMs);
    return html`<svg viewBox="0 0 ${width} ${height}" preserveAspectRatio="none" aria-hidden="true">
      <g class=${hueClass(this.colour)}>
        ${
          this.silentMs.length < 2
            ? ''
            : svg`<path class="under" d="${line}L${width} ${height}L${from} ${height}Z"/><path class="line" d=${line}/>`
        }
        <line class="threshold" x1="0" x2=${width} y1=${threshold} y2=${threshold} />
      </g>
    </svg>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'ws-silence': WsSilence;
  }
}
