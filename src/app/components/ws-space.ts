/** The screen of a space: the bar, the rail, the document that is shown, the people, and what must be said when something is wrong. */
import { LitElement, html, nothing, render, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { DocumentsController } from '../controllers/documents-controller.ts';
import { assertNever } from '../../base/assert.ts';
import { MediaController, phone } from '../controllers/media-controller.ts';
import { SessionController, type SessionView } from '../controllers/session-controller.ts';
import { loadNetworkView } from '../load-network.ts';
import { base } from '../styles/base.styles.ts';
import type { DocumentKind } from '../documents/catalogue.ts';
import type { DocumentId } from '../../base/ids.ts';
import type { Profile, SpaceSession } from '../space-session.ts';
import { styles } from './ws-space.styles.ts';
import './ws-not-kept.ts';
import './ws-page.ts';
import './ws-panel.ts';
import { loadScreens } from '../load-screens.ts';
import './ws-rail.ts';
import './ws-share.ts';
import './ws-topbar.ts';
import type { PanelTab, WsPanel } from './ws-panel.ts';
import type { LinkSwitched } from './ws-people.ts';
import type { Placed, Renamed, WsRail } from './ws-rail.ts';
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
  /** The first line of the page that is shown, as its editor has it; the list of documents follows a moment later. */
  @state() private firstLine: string | undefined;
  @state() private screens: 'not-yet' | 'ready' | 'failed' = 'not-yet';
  /** On a phone, where it covers the document. */
  @state() private railOpen = false;
  @state() private peopleOpen = !matchMedia('(max-width: 899px)').matches;
  @state() private networkView: 'closed' | 'loading' | 'open' | 'failed' = 'closed';
  @query('ws-network') private network!: WsNetwork | null;
  /** How many of the page's moments are shown; undefined: the page as it is. */
  @state() private past: number | undefined;
  @query('ws-panel') private panel!: WsPanel;
  @query('ws-share') private share!: WsShare;
  @query('ws-topbar') private topbar!: WsTopbar;
  @query('ws-rail') private rail!: WsRail;
  readonly #documents = new DocumentsController(this);
  #shownId: DocumentId | undefined;
  /** One writes on what one has just made. */
  #focusNext = false;
  /** What was shown before it. */
  #focusFor: DocumentId | undefined;
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
      this.#documents.follow(session);
    }
    const current = this.#documents.view?.current;
    if (current?.documentId !== this.#shownId) {
      this.#shownId = current?.documentId;
      this.firstLine = undefined;
      this.past = undefined;
    }
    if (this.joining && (session.status().pill.type === 'together' || this.#title !== 'Untitled'))
      this.joining = false;
  }

  get #title(): string {
    const { current, atHome } = this.#documents.view ?? {};
    if (current === undefined) return '';
    if (atHome === true) return 'Home';
    return current.title || ((this.#isPage ? this.firstLine : undefined) ?? current.shown);
  }

  /** A document that nothing is known of yet is shown as what it most likely is. */
  get #isPage(): boolean {
    const view = this.#documents.view;
    if (view === undefined || view.atHome) return false;
    const { kind, documentId } = view.current;
    const known = [...view.documents, ...view.removed].some(one => one.documentId === documentId);
    return kind === 'page' || !known;
  }

  protected override updated(): void {
    const title = `${this.#title} · Peerloom`;
    if (document.title !== title) document.title = title;
    this.#renderPage();
    if (this.#focusNext && this.#focusShown()) this.#focusNext = false;
  }

  #focusShown(): boolean {
    const shown = this.#isPage
      ? this.querySelector<WsPage>('ws-page')
      : this.renderRoot.querySelector<HTMLElement>('ws-board, ws-poll');
    if (shown === null || this.#focusFor === this.#shownId) return false;
    if (shown instanceof LitElement) void shown.updateComplete.then(() => shown.focus());
    return true;
  }

  get #isCovered(): boolean {
    if (this.past !== undefined) return true;
    return this.#phone.matches && (this.peopleOpen || this.railOpen || this.networkView === 'open');
  }

  /** Among our children and not in our shadow root, for the editor's sake: see ws-page.ts. */
  #renderPage(): void {
    const { session } = this;
    const current = this.#documents.view?.current;
    if (session === undefined || current === undefined) return;
    render(
      this.#isPage
        ? html`<ws-page
            ?inert=${this.#isCovered}
            .page=${session.pageOf(current.documentId)}
            @ws-title=${(event: CustomEvent<string>) => (this.firstLine = event.detail)}
          ></ws-page>`
        : nothing,
      this,
    );
  }

  #renderDocument(session: SpaceSession): TemplateResult | typeof nothing {
    const view = this.#documents.view;
    if (view === undefined || this.#isPage) return nothing;
    const { documentId, kind, title } = view.current;
    if ((view.atHome || kind !== 'unknown') && this.screens !== 'ready') return this.#loadScreens();
    if (view.atHome) return html`<ws-home .shelf=${session.shelf}></ws-home>`;
    const rename = (event: CustomEvent<string>): void => this.#documents.rename(documentId, event.detail);
    const covered = this.#phone.matches && (this.peopleOpen || this.railOpen);
    if (kind === 'board')
      return html`<ws-board
        ?inert=${covered}
        .values=${session.valuesOf(documentId)}
        .profile=${session.profile()}
        .name=${title}
        @ws-title=${rename}
      ></ws-board>`;
    if (kind === 'poll')
      return html`<ws-poll
        ?inert=${covered}
        .values=${session.valuesOf(documentId)}
        .voter=${{ deviceId: session.deviceId, ...session.profile() }}
        .name=${title}
        @ws-title=${rename}
      ></ws-poll>`;
    return html`<div class="unknown">
      <h2>Made by a newer version</h2>
      <p>
        This document is of a kind that this version does not know. It is kept and passed on unharmed; reload
        to get the newer version.
      </p>
    </div>`;
  }

  /** On a phone it covers the page, so focus goes in with it and comes back with it. */
  async #showPeople(open: boolean): Promise<void> {
    this.peopleOpen = open;
    if (!open) this.past = undefined;
    if (open) this.railOpen = false;
    if (open && this.#phone.matches) this.networkView = 'closed';
    await this.updateComplete;
    if (!this.#phone.matches) return;
    if (open) this.panel.focusFirst();
    else this.topbar.focusPeople();
  }

  #loadScreens(): TemplateResult | typeof nothing {
    const load = (): void => {
      loadScreens().then(
        () => (this.screens = 'ready'),
        (error: unknown) => {
          this.screens = 'failed';
          console.error(error);
        },
      );
    };
    if (this.screens === 'not-yet') load();
    if (this.screens !== 'failed') return nothing;
    return html`<div class="unknown">
      <p>This part of the app did not load. What is in the document is safe on this device.</p>
      <button type="button" class="button" @click=${load}>Try again</button>
    </div>`;
  }

  async #showRail(open: boolean): Promise<void> {
    if (!this.#phone.matches || open === this.railOpen) return;
    this.railOpen = open;
    if (open) {
      this.peopleOpen = false;
      this.networkView = 'closed';
    }
    await this.updateComplete;
    if (open) this.rail.focusCurrent();
    else this.topbar.focusMenu();
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
      if (this.#phone.matches) this.peopleOpen = this.railOpen = false;
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
        .pageTitle=${this.#title}
        .spaceName=${this.#documents.view?.name ?? ''}
        ?railOpen=${this.railOpen}
        @ws-rail=${() => void this.#showRail(!this.railOpen)}
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
              .text=${() => session.pageOf(this.#documents.view?.current.documentId ?? session.firstPage).text()}
            ></ws-not-kept>`
          : nothing
      }
      <ws-rail
        .view=${this.#documents.view}
        ?hidden=${this.#phone.matches && !this.railOpen}
        @keydown=${(event: KeyboardEvent) => {
          if (event.key === 'Escape' && !event.defaultPrevented) void this.#showRail(false);
        }}
        @ws-close=${() => void this.#showRail(false)}
        @ws-create=${(event: CustomEvent<DocumentKind>) => {
          this.#focusNext = true;
          this.#focusFor = this.#shownId;
          this.#documents.create(event.detail);
          void this.#showRail(false);
        }}
        @ws-rename=${({ detail }: CustomEvent<Renamed>) => this.#documents.rename(detail.documentId, detail.title)}
        @ws-place=${({ detail }: CustomEvent<Placed>) => this.#documents.place(detail.documentId, detail.before)}
        @ws-remove=${(event: CustomEvent<DocumentId>) => this.#documents.remove(event.detail)}
        @ws-restore=${(event: CustomEvent<DocumentId>) => this.#documents.restore(event.detail)}
        @ws-name-space=${(event: CustomEvent<string>) => this.#documents.nameSpace(event.detail)}
      ></ws-rail>
      <main>
        <slot></slot>
        ${this.#renderDocument(session)}
        ${
          this.past === undefined || this.#shownId === undefined
            ? nothing
            : html`<ws-past
                .history=${session.pageOf(this.#shownId).history}
                .past=${this.past}
                @ws-past=${this.#showPast}
              ></ws-past>`
        }
        <p class="status" role="status" aria-live="polite">${view.announcement}</p>
      </main>
      <ws-panel
        .view=${view}
        .session=${session}
        .history=${this.#isPage && this.#shownId !== undefined ? session.pageOf(this.#shownId).history : undefined}
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
