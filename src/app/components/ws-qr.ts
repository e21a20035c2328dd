/**
 * A text as a QR code: for a phone whose camera reads it and copies it, where copying across devices is not at hand.
 * What draws it is fetched when the first is shown.
 */
import { LitElement, css, html, nothing, svg, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { base } from '../styles/base.styles.ts';

/** More does not fit into the largest code (version 40, error correction L; ISO/IEC 18004, table 7). */
const bytesMax = 2953;

@customElement('ws-qr')
export class WsQr extends LitElement {
  static override styles = [
    base,
    css`
      :host {
        display: block;
        width: min(100%, 400px);
      }
      /* Dark on light in both themes: many a camera does not read the reverse. */
      svg {
        display: block;
        border-radius: var(--radius);
        background: #fff;
        fill: #000;
        shape-rendering: crispEdges;
      }
    `,
  ];

  @property() text = '';
  /** What it is a code of, for whoever does not see it. */
  @property() label = '';
  @state() private rows: readonly (readonly boolean[])[] = [];

  override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('text')) void this.#draw(this.text);
  }

  async #draw(text: string): Promise<void> {
    this.rows = [];
    if (new TextEncoder().encode(text).length > bytesMax) return;
    const encodeQR = await import('qr').then(
      qr => qr.encodeQR,
      () => undefined,
    );
    // Without it the text is there all the same.
    if (encodeQR !== undefined && text === this.text)
      this.rows = encodeQR(text, 'raw', { ecc: 'low', border: 4 });
  }

  override render(): TemplateResult | typeof nothing {
    if (this.rows.length === 0) return nothing;
    const side = this.rows.length;
    return html`<svg viewBox="0 0 ${side} ${side}" role="img" aria-label=${this.label}>
      ${svg`<path d=${pathOf(this.rows)} />`}
    </svg>`;
  }
}

/** One stroke a run of dark modules. */
function pathOf(rows: readonly (readonly boolean[])[]): string {
  const strokes: string[] = [];
  rows.forEach((row, y) => {
    for (let x = 0; x < row.length; x++) {
      if (row[x] !== true) continue;
      const from = x;
      while (row[x + 1] === true) x++;
      strokes.push(`M${String(from)} ${String(y)}h${String(x + 1 - from)}v1H${String(from)}z`);
    }
  });
  return strokes.join('');
}

declare global {
  interface HTMLElementTagNameMap {
    'ws-qr': WsQr;
  }
}
