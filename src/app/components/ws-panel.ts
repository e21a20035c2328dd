/** What stands beside the page, in tabs: the people of the space, and the page's history. */
import { LitElement, html, nothing, type TemplateResult } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import type { SessionView } from '../controllers/session-controller.ts';
import { icons } from '../icons.ts';
import { loadHistory } from '../load-history.ts';
import type { PageHistory, SpaceSession } from '../space-session.ts';
import { base } from '../styles/base.styles.ts';
import { styles } from './ws-panel.styles.ts';
import './ws-people.ts';

const tabs = { people: 'People', history: 'History' } as const;
export type PanelTab = keyof typeof tabs;
const tabNames = Object.keys(tabs) as PanelTab[];

/** Passes on what its contents ask for. Asks for `ws-close`; says `ws-tab` (detail: PanelTab) when another is shown. */
@customElement('ws-panel')
export class WsPanel extends LitElement {
  static override styles = [base, styles];

  @property({ attribute: false }) view: SessionView | undefined;
  @property({ attribute: false }) session: SpaceSession | undefined;
  @property({ type: Boolean }) joining = false;
  /** Of what is shown, when that is a page. */
  @property({ attribute: false }) history: PageHistory | undefined;
  /** How many of the page's moments are shown; undefined: all, as they come. */
  @property({ attribute: false }) past: number | undefined;
  @property({ reflect: true }) tab: PanelTab = 'people';
  @state() private loaded: 'unasked' | 'loading' | 'ready' | 'failed' = 'unasked';
  @query('[aria-selected=true]') private selected!: HTMLElement;
  @query('.close') private closeButton!: HTMLElement;

  /** For when it opens over the page. */
  focusFirst(): void {
    this.closeButton.focus();
  }

  #show(tab: PanelTab): void {
    if (tab === this.tab) return;
    this.tab = tab;
    this.dispatchEvent(new CustomEvent<PanelTab>('ws-tab', { detail: tab }));
  }

  /** As the pattern for tabs has it: arrows go and show, the tab key leaves them. */
  async #key(event: KeyboardEvent): Promise<void> {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const next = (tabNames.indexOf(this.tab) + step + tabNames.length) % tabNames.length;
    this.#show(tabNames[next] ?? 'people');
    await this.updateComplete;
    this.selected.focus();
  }

  protected override willUpdate(): void {
    if (this.tab !== 'history' || this.loaded === 'loading' || this.loaded === 'ready') return;
    void this.#load();
  }
  async #load(): Promise<void> {
    this.loaded = 'loading';
    try {
      await loadHistory();
      this.loaded = 'ready';
    } catch (error) {
      console.error(error);
      this.loaded = 'failed';
      this.#show('people');
    }
  }

  #passOn(event: Event): void {
    if (event instanceof CustomEvent && !event.bubbles)
      this.dispatchEvent(new CustomEvent(event.type, { detail: event.detail as unknown }));
  }

  #contents(): TemplateResult | typeof nothing {
    if (this.tab === 'people') {
      return html`<ws-people
        .view=${this.view}
        .network=${this.session?.network}
        ?joining=${this.joining}
        @ws-share=${this.#passOn}
        @ws-profile=${this.#passOn}
        @ws-link=${this.#passOn}
      ></ws-people>`;
    }
    return this.loaded !== 'ready'
      ? nothing
      : html`<ws-history .history=${this.history} .past=${this.past} @ws-past=${this.#passOn}></ws-history>`;
  }

  override render(): TemplateResult {
    return html`<aside aria-label="Beside the page">
      <div class="head">
        <div
          class="tabs"
          role="tablist"
          aria-label="Beside the page"
          @keydown=${(event: KeyboardEvent) => void this.#key(event)}
        >
          ${tabNames.map(
            name =>
              html`<button
                type="button"
                role="tab"
                id=${name}
                aria-selected=${name === this.tab ? 'true' : 'false'}
                aria-controls="contents"
                tabindex=${name === this.tab ? 0 : -1}
                @click=${() => this.#show(name)}
              >
                ${tabs[name]}
              </button>`,
          )}
        </div>
        <button type="button" class="close" @click=${() => this.dispatchEvent(new CustomEvent('ws-close'))}>
          ${icons.close}<span class="sr-only">Close</span>
        </button>
      </div>
      <div id="contents" role="tabpanel" aria-labelledby=${this.tab}>${this.#contents()}</div>
    </aside>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'ws-panel': WsPanel;
  }
}
