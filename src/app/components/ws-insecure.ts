/**
 * The screen for a page that came over plain http from another machine. Browsers give such a page no keys, no
 * locks and no offline storage, so there is nothing to fall back to; but there is something to do.
 */
import { LitElement, html, type TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { mark, wordmark } from '../icons.ts';
import { base, brand } from '../styles/base.styles.ts';
import { notice } from './notice.styles.ts';

@customElement('ws-insecure')
export class WsInsecure extends LitElement {
  static override styles = [base, brand, notice];

  /** `host:port` as in the address bar. */
  @property() address = location.host;

  override render(): TemplateResult {
    const { port, hostname } = new URL(`http://${this.address}`);
    const shownPort = port === '' ? '80' : port;
    const local = `http://localhost${port === '' ? '' : `:${port}`}/`;
    return html`<header>${mark}${wordmark}</header>
      <main>
        <h1>This address is not secure enough to write here</h1>
        <p class="lead">
          Peerloom keeps everything on your device, signed with a key that never leaves it. To a plain http
          address like <code>${this.address}</code> the browser gives no keys, no locks and no offline
          storage, so nothing could be kept.
        </p>
        <h2>On the machine that runs it</h2>
        <p>Open <a href=${local}>${local}</a>. Browsers trust their own machine.</p>
        <h2>For everyone else, start it with a certificate</h2>
        <pre>npm start -- --tls CERT KEY</pre>
        <h2>Or put a proxy with a certificate in front, such as Caddy</h2>
        <pre>
${hostname === '' ? 'example.org' : hostname} {
  reverse_proxy localhost:${shownPort}
}</pre>
      </main>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'ws-insecure': WsInsecure;
  }
}
