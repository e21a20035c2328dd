/** The screen of a space: the bar, the page, the people, and what must be said when something is wrong. */
import { LitElement, html, nothing, render, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { assertNever } from '../../base/assert.ts';
import { MediaController, phone } from '../controllers/media-controller.ts';
import { SessionController, type SessionView } from '../controllers/session-controller.ts';
import { loadNetworkView } from '../load-network.ts';
import { base } from '../styles/base.styles.ts';
import { titleOf } from '../words.ts';
import type { Profile, SpaceSession } from '../space-session.ts';
import { styles } from './ws-space.styles.ts';
import './ws-not-kept.ts';
import './ws-page.ts';
import './ws-panel.ts';
import './ws-share.ts';
import './ws-topbar.ts';
import type { PanelTab, WsPanel } from './ws-panel.ts';
import type { LinkSwitched } from './ws-people.ts';
import type { WsNetwork } from './ws-network.ts';
import type { WsPage } from './ws-page.ts';
import type { WsShare } from './ws-share.ts';
import type { WsTopbar } from './ws-topbar.ts';

@customElement('ws-space')
export class WsSpace extends LitElement {
  static override styles = [base, styles];

  @property({ attribute: false }) session: SpaceSession | undefined;
  /** Opened by an invitation: until something or somebody is here, it says that it looks for them. */
  @property({ type: Boolean }) joining = false;
  @state() private pageTitle = '';
  @state() private peopleOpen = !matchMedia('(max-width: 899px)').matches;
  @state() private networkView: 'closed' | 'loading' | 'open' | 'failed' = 'closed';
  @query('ws-network') private network!: WsNetwork | null;
  /** How many of the page's moments are shown; undefined: the page as it is. */
  @state() private past: number | undefined;
  @query('ws-panel') private panel!: WsPanel;
  @query('ws-share') private share!: WsShare;
  @query('ws-topbar') private topbar!: WsTopbar;
  readonly #controller = new SessionController(this);
  readonly #phone = new MediaController(this, phone);

  override focus(): void {
    this.querySelector<WsPage>('ws-page')?.focus();
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    const { session } = this;
    if (session === undefined) return;
    if (changed.has('session')) {
      this.#controller.follow(session);
      this.pageTitle = titleOf(session.page.text().split('\n', 50));
    }
    if (this.joining && (session.status().pill.type === 'together' || this.pageTitle !== 'Untitled'))
      this.joining = false;
  }

  protected override updated(changed: PropertyValues): void {
    if (changed.has('pageTitle')) document.title = `${this.pageTitle} · Peerloom`;
    this.#renderPage();
  }

  get #isCovered(): boolean {
    if (this.past !== undefined) return true;
    return this.#phone.matches && (this.peopleOpen || this.networkView === 'open');
  }

  /** Among our children and not in our shadow root, for the editor's sake: see ws-page.ts. */
  #renderPage(): void {
    const { session } = this;
    if (session === undefined) return;
    render(
      html`<ws-page
        ?inert=${this.#isCovered}
        .page=${session.page}
        @ws-title=${(event: CustomEvent<string>) => (this.pageTitle = event.detail)}
      ></ws-page>`,
      this,
    );
  }

  /** On a phone it covers the page, so focus goes in with it and comes back with it. */
  async #showPeople(open: boolean): Promise<void> {
    this.peopleOpen = open;
    if (!open) this.past = undefined;
    if (open && this.#phone.matches) this.networkView = 'closed';
    await this.updateComplete;
    if (!this.#phone.matches) return;
    if (open) this.panel.focusFirst();
    else this.topbar.focusPeople();
  }

  /** On a phone there is room for one of them. */
  async #showNetwork(open: boolean): Promise<void> {
    if (open) {
      this.networkView = 'loading';
      try {
        await loadNetworkView();
      } catch (error) {
        console.error(error);
        this.networkView = 'failed';
        return;
      }
      if (this.#phone.matches) this.peopleOpen = false;
    }
    this.networkView = open ? 'open' : 'closed';
    await this.updateComplete;
    await this.network?.updateComplete;
    if (!open) this.topbar.focusNetworkView();
    else if (this.#phone.matches) this.network?.focusFirst();
  }

  #networkView(session: SpaceSession, view: SessionView): TemplateResult | typeof nothing {
    switch (this.networkView) {
      case 'closed':
      case 'loading':
        return nothing;
      case 'open':
        return html`<ws-network
          .view=${view}
          .session=${session}
          @keydown=${(event: KeyboardEvent) => this.#escapeNetwork(event)}
          @ws-close=${() => void this.#showNetwork(false)}
          @ws-link=${(event: CustomEvent<LinkSwitched>) => this.#switchLink(session, event)}
        ></ws-network>`;
      case 'failed':
        return html`<p class="failed" role="alert">
          The network view did not load.
          <button type="button" class="button" @click=${() => void this.#showNetwork(true)}>Try again</button>
        </p>`;
      default:
        return assertNever(this.networkView);
    }
  }
  #escapeNetwork(event: KeyboardEvent): void {
    if (event.key === 'Escape' && !event.defaultPrevented) void this.#showNetwork(false);
  }
  #switchLink(session: SpaceSession, { detail }: CustomEvent<LinkSwitched>): void {
    session.setLink(detail.replicaId, detail.on);
  }

  readonly #showPast = (event: CustomEvent<number | undefined>): void => {
    this.past = event.detail;
  };

  #escape(event: KeyboardEvent): void {
    if (event.key !== 'Escape' || event.defaultPrevented || !this.#phone.matches || !this.peopleOpen) return;
    void this.#showPeople(false);
  }

  override render(): TemplateResult | typeof nothing {
    const { session } = this;
    const { view } = this.#controller;
    if (session === undefined || view === undefined) return nothing;
    const showShare = (): void => void this.share.show(session.shareLink());
    return html`
      <ws-topbar
        .view=${view}
        .pageTitle=${this.pageTitle}
        ?joining=${this.joining}
        ?peopleOpen=${this.peopleOpen}
        ?networkOpen=${this.networkView === 'open'}
        @ws-network-view=${() => void this.#showNetwork(this.networkView !== 'open')}
        @ws-people=${() => void this.#showPeople(!this.peopleOpen)}
        @ws-share=${showShare}
        @ws-network=${(event: CustomEvent<boolean>) => this.#controller.setNetwork(event.detail)}
      ></ws-topbar>
      ${
        view.status.keeping.type === 'not-kept' && view.notKeptSince !== undefined
          ? html`<ws-not-kept
              .reason=${view.status.keeping.reason}
              .since=${view.notKeptSince}
              .text=${() => session.page.text()}
            ></ws-not-kept>`
          : nothing
      }
      <main>
        <slot></slot>
        ${
          this.past === undefined
            ? nothing
            : html`<ws-past
                .history=${session.page.history}
                .past=${this.past}
                @ws-past=${this.#showPast}
              ></ws-past>`
        }
        <p class="status" role="status" aria-live="polite">${view.announcement}</p>
      </main>
      <ws-panel
        .view=${view}
        .session=${session}
        .past=${this.past}
        ?joining=${this.joining}
        ?hidden=${!this.peopleOpen}
        @keydown=${(event: KeyboardEvent) => this.#escape(event)}
        @ws-close=${() => void this.#showPeople(false)}
        @ws-tab=${(event: CustomEvent<PanelTab>) => {
          if (event.detail !== 'history') this.past = undefined;
        }}
        @ws-past=${this.#showPast}
        @ws-share=${showShare}
        @ws-profile=${(event: CustomEvent<Profile>) => session.setProfile(event.detail)}
        @ws-link=${(event: CustomEvent<LinkSwitched>) => this.#switchLink(session, event)}
      ></ws-panel>
      ${this.#networkView(session, view)}
      <ws-share .texts=${session.pasted}></ws-share>
    `;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'ws-space': WsSpace;
  }
}
