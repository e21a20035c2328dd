/** Home: the spaces of this device, the last opened first, and how safely this browser keeps them. */
import { LitElement, html, nothing, type TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { icons } from '../icons.ts';
import type { ListedSpace, SpaceShelf } from '../space-session.ts';
import { base } from '../styles/base.styles.ts';
import { bytesOf, countOf, dayOf } from '../words.ts';
import { styles } from './ws-home.styles.ts';

interface Storage {
  readonly usedBytes: number;
  readonly quotaBytes: number;
  /** The browser has promised not to clear it by itself. */
  readonly isProtected: boolean;
}

@customElement('ws-home')
export class WsHome extends LitElement {
  static override styles = [base, styles];

  @property({ attribute: false }) shelf: SpaceShelf | undefined;
  @state() private spaces: readonly ListedSpace[] = [];
  @state() private storage: Storage | undefined;
  @state() private refused = false;

  protected override firstUpdated(): void {
    void this.#read();
  }

  async #read(): Promise<void> {
    const spaces = await this.shelf?.spaces();
    if (spaces !== undefined) this.spaces = spaces;
    const { usage = 0, quota = 0 } = await navigator.storage.estimate();
    this.storage = {
      usedBytes: usage,
      quotaBytes: quota,
      isProtected: await navigator.storage.persisted(),
    };
  }

  async #protect(): Promise<void> {
    this.refused = !(await navigator.storage.persist());
    await this.#read();
  }

  #space({ spaceId, href, name, documents, openedMs, isOpen }: ListedSpace): TemplateResult {
    return html`<li>
      <a href=${href} data-space=${spaceId}>
        <span class="name">${name || 'Untitled'}</span>
        <span class="line">
          ${documents === 0 ? nothing : html`${countOf(documents, 'document')}, `}${
            isOpen ? 'open here' : html`opened ${dayOf(openedMs)}`
          }
        </span>
      </a>
    </li>`;
  }

  override render(): TemplateResult {
    return html`<div class="sheet">
      <h2>Your spaces</h2>
      <p class="promise">On this device, and wherever their people are.</p>
      <ul>
        ${this.spaces.map(space => this.#space(space))}
        <li>
          <button type="button" class="new" @click=${() => void this.shelf?.create()}>
            <span class="name">${icons.plus}New space</span>
            <span class="line">Empty, for you and whoever you invite</span>
          </button>
        </li>
      </ul>
      ${this.#storage()}
    </div>`;
  }

  #storage(): TemplateResult | typeof nothing {
    const { storage } = this;
    if (storage === undefined) return nothing;
    const { usedBytes, quotaBytes, isProtected } = storage;
    return html`<section aria-label="Storage">
      <p>
        ${bytesOf(usedBytes)} of ${bytesOf(quotaBytes)} used,
        ${isProtected ? 'protected from eviction' : 'and the browser may clear it when it runs short'}
      </p>
      <progress aria-label="Storage used" max=${quotaBytes || 1} value=${usedBytes}></progress>
      ${
        isProtected
          ? nothing
          : html`<button type="button" class="button" @click=${() => void this.#protect()}>
              Protect it
            </button>`
      }
      ${
        this.refused
          ? html`<p class="note" role="status">
              The browser did not agree. It does more readily for an app that is installed or often used.
            </p>`
          : nothing
      }
    </section>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'ws-home': WsHome;
  }
}
