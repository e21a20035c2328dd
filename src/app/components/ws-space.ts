/** The screen of a space: the bar, the page, the people, and what must be said when something is wrong. */
import { LitElement, html, nothing, render, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { MediaController, phone } from '../controllers/media-controller.ts';
import { SessionController } from '../controllers/session-controller.ts';
import { base } from '../styles/base.styles.ts';
import { titleOf } from '../words.ts';
import type { Profile, SpaceSession } from '../space-session.ts';
import { styles } from './ws-space.styles.ts';
import './ws-not-kept.ts';
import './ws-page.ts';
import './ws-people.ts';
import './ws-share.ts';
import './ws-topbar.ts';
import type { LinkSwitched, WsPeople } from './ws-people.ts';
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
  @query('ws-people') private people!: WsPeople;
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

  /** Among our children and not in our shadow root, for the editor's sake: see ws-page.ts. */
  #renderPage(): void {
    const { session } = this;
    if (session === undefined) return;
    render(
      html`<ws-page
        ?inert=${this.#phone.matches && this.peopleOpen}
        .page=${session.page}
        @ws-title=${(event: CustomEvent<string>) => (this.pageTitle = event.detail)}
      ></ws-page>`,
      this,
    );
  }

  /** On a phone it covers the page, so focus goes in with it and comes back with it. */
  async #showPeople(open: boolean): Promise<void> {
    this.peopleOpen = open;
    await this.updateComplete;
    if (!this.#phone.matches) return;
    if (open) this.people.focusFirst();
    else this.topbar.focusPeople();
  }

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
        <p class="status" role="status" aria-live="polite">${view.announcement}</p>
      </main>
      <ws-people
        .view=${view}
        ?joining=${this.joining}
        ?hidden=${!this.peopleOpen}
        @keydown=${(event: KeyboardEvent) => this.#escape(event)}
        @ws-close=${() => void this.#showPeople(false)}
        @ws-share=${showShare}
        @ws-profile=${(event: CustomEvent<Profile>) => session.setProfile(event.detail)}
        @ws-link=${(event: CustomEvent<LinkSwitched>) => session.setLink(event.detail.replicaId, event.detail.on)}
      ></ws-people>
      <ws-share .texts=${session.pasted}></ws-share>
    `;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'ws-space': WsSpace;
  }
}
