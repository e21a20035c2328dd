/** The bar above a space: where one is, who is there, how well it is kept, and the two things one does to it. */
import { LitElement, html, nothing, type TemplateResult } from 'lit';
import { customElement, property, query } from 'lit/decorators.js';
import { live } from 'lit/directives/live.js';
import type { SessionView } from '../controllers/session-controller.ts';
import { isGone } from '../devices.ts';
import { icons, mark, wordmark } from '../icons.ts';
import { base, brand } from '../styles/base.styles.ts';
import { homeHref } from '../route.ts';
import { countOf } from '../words.ts';
import { styles } from './ws-topbar.styles.ts';
import './ws-avatar.ts';
import './ws-pill.ts';
import './ws-switch.ts';
import type { WsSwitch } from './ws-switch.ts';

/** More would push the pill away; the rest are a number. */
const avatarsMax = 4;

/**
 * Asks for: `ws-rail` (on a phone: show or hide the documents), `ws-people` (show or hide them), `ws-network-view` (the same), `ws-share`,
 * `ws-network` (detail: on).
 */
@customElement('ws-topbar')
export class WsTopbar extends LitElement {
  static override styles = [base, brand, styles];

  @property({ attribute: false }) view: SessionView | undefined;
  @property() pageTitle = '';
  @property() spaceName = '';
  @property({ type: Boolean }) railOpen = false;
  @property({ type: Boolean }) joining = false;
  @property({ type: Boolean }) peopleOpen = false;
  @property({ type: Boolean }) networkOpen = false;

  @query('.people') private peopleButton!: HTMLButtonElement;
  @query('.view') private viewButton!: HTMLButtonElement;

  @query('.menu') private menuButton!: HTMLButtonElement;

  focusMenu(): void {
    this.menuButton.focus();
  }
  focusPeople(): void {
    this.peopleButton.focus();
  }

  focusNetworkView(): void {
    this.viewButton.focus();
  }

  #ask(type: string, detail?: boolean): void {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }

  override render(): TemplateResult | typeof nothing {
    const { view } = this;
    if (view === undefined) return nothing;
    const { profile, devices } = view;
    const avatars = [
      { profile, away: false },
      ...devices.others.map(device => ({ profile: device.profile, away: isGone(device) })),
    ];
    return html`<header>
      <a class="brand" href=${homeHref} title="Home">${mark}${wordmark}</a>
      <button
        type="button"
        class="menu"
        aria-expanded=${this.railOpen ? 'true' : 'false'}
        @click=${() => this.#ask('ws-rail')}
      >
        ${icons.menu}<span class="sr-only">Documents</span>
      </button>
      <div class="where">
        ${this.spaceName === '' ? nothing : html`<span class="space">${this.spaceName}</span>`}
        <h1 title=${this.pageTitle}>${this.pageTitle}</h1>
      </div>
      <div class="state">
        <button
          type="button"
          class="people"
          aria-expanded=${this.peopleOpen ? 'true' : 'false'}
          @click=${() => this.#ask('ws-people')}
        >
          <span class="sr-only">People, ${countOf(avatars.length, 'device')}</span>
          <span class="avatars" aria-hidden="true">
            ${avatars
              .slice(0, avatarsMax)
              .map(
                ({ profile: { name, colour }, away }) =>
                  html`<ws-avatar name=${name} colour=${colour} ?away=${away}></ws-avatar>`,
              )}
            ${avatars.length > avatarsMax ? html`<span class="more">+${avatars.length - avatarsMax}</span>` : nothing}
          </span>
        </button>
        <ws-pill
          .status=${view.status}
          ?joining=${this.joining}
          .networkSwitch=${view.networkSwitch}
        ></ws-pill>
        <button
          type="button"
          class="view"
          title="Network view"
          aria-label="Network view"
          aria-expanded=${this.networkOpen ? 'true' : 'false'}
          @click=${() => this.#ask('ws-network-view')}
        >
          ${icons.network}
        </button>
      </div>
      <ws-switch
        label="Network"
        labelled
        .checked=${live(view.networkSwitch)}
        @change=${(event: Event) => this.#ask('ws-network', (event.currentTarget as WsSwitch).checked)}
      ></ws-switch>
      <button type="button" class="button primary" @click=${() => this.#ask('ws-share')}>
        ${icons.share}Share
      </button>
    </header>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'ws-topbar': WsTopbar;
  }
}
