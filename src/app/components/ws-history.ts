/** The page's history: a slider over its moments, and its stretches as a list. What it shows is drawn over the page (ws-past.ts). */
import { LitElement, html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { live } from 'lit/directives/live.js';
import { repeat } from 'lit/directives/repeat.js';
import { metWords } from '../copies.ts';
import type { PageHistory, PastMoment } from '../space-session.ts';
import { countsOf, stretchesOf, type Stretch } from '../stretches.ts';
import { base } from '../styles/base.styles.ts';
import { countOf, nameOf } from '../words.ts';
import { styles } from './ws-history.styles.ts';
import './ws-avatar.ts';
import './ws-past.ts';

/** More are shown when asked for: each is compared with the one before it. */
const stretchesShown = 40;
/** While one looks on, what is new appears this soon. */
const readEveryMs = 1000;

/** Asks for `ws-past` (detail: how many moments to show; undefined: all). */
@customElement('ws-history')
export class WsHistory extends LitElement {
  static override styles = [base, styles];

  @property({ attribute: false }) history: PageHistory | undefined;
  @property({ attribute: false }) past: number | undefined;
  @state() private moments: readonly PastMoment[] = [];
  @state() private shown = stretchesShown;
  readonly #counts = new Map<string, ReturnType<typeof countsOf>>();
  #timer: number | undefined;

  constructor() {
    super();
    this.addController({
      hostConnected: () => {
        this.#timer = window.setInterval(() => {
          if (!document.hidden) this.#read();
        }, readEveryMs);
      },
      hostDisconnected: () => window.clearInterval(this.#timer),
    });
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('history')) this.#read();
  }
  #read(): void {
    const moments = this.history?.moments() ?? [];
    if (moments.length !== this.moments.length) this.moments = [...moments];
  }

  #ask(past: number | undefined): void {
    const detail = past !== undefined && past >= this.moments.length ? undefined : past;
    this.dispatchEvent(new CustomEvent<number | undefined>('ws-past', { detail }));
  }

  /** Of a stretch that is over they never change. */
  #countsOf({ from, to }: Stretch): ReturnType<typeof countsOf> {
    const key = `${String(from)} ${String(to)}`;
    let counts = this.#counts.get(key);
    if (counts === undefined)
      this.#counts.set(key, (counts = countsOf(this.history?.changes(from, to) ?? [])));
    return counts;
  }

  #stretch(stretch: Stretch, nowMs: number): TemplateResult {
    const { last, from, to } = stretch;
    const { added, removed } = this.#countsOf(stretch);
    const past = this.past ?? this.moments.length;
    const name = last.self ? 'You' : nameOf(last.profile.name);
    return html`<li>
      <button
        type="button"
        class="stretch"
        aria-current=${past > from && past <= to ? 'true' : 'false'}
        @click=${() => this.#ask(to)}
      >
        <ws-avatar name=${last.profile.name} colour=${last.profile.colour}></ws-avatar>
        <span class="name">${name}</span>
        <span class="counts">
          ${added > 0 ? html`<span class="added"><span class="sr-only">${countOf(added, 'character')} written, </span><span aria-hidden="true">+${added}</span></span>` : nothing}
          ${removed > 0 ? html`<span class="removed"><span class="sr-only">${countOf(removed, 'character')} deleted, </span><span aria-hidden="true">−${removed}</span></span>` : nothing}
        </span>
        <span class="when">${metWords(last.wallMs, nowMs)}</span>
      </button>
    </li>`;
  }

  override render(): TemplateResult {
    const { moments } = this;
    if (this.history === undefined) return html`<p class="empty">Only pages show their history so far.</p>`;
    if (moments.length === 0) return html`<p class="empty">Nothing has been written on this page yet.</p>`;
    const nowMs = Date.now();
    const past = this.past ?? moments.length;
    const at = moments[past - 1];
    const who = at === undefined ? '' : at.self ? 'You' : nameOf(at.profile.name);
    const stretches = stretchesOf(moments);
    const newest = stretches.slice(-this.shown).reverse();
    return html`<div class="scrub">
        <label for="moment"
          >${past === moments.length ? 'Now' : `${who}, ${metWords(at?.wallMs ?? nowMs, nowMs)}`}</label
        >
        <span class="place">${past} of ${moments.length}</span>
        <input
          id="moment"
          type="range"
          min="1"
          max=${moments.length}
          .value=${live(String(past))}
          aria-valuetext=${`${who}, ${metWords(at?.wallMs ?? nowMs, nowMs)}, change ${String(past)} of ${String(moments.length)}`}
          @input=${(event: Event) => this.#ask(Number((event.currentTarget as HTMLInputElement).value))}
        />
      </div>
      <ol>
        ${repeat(
          newest,
          ({ from }) => from,
          stretch => this.#stretch(stretch, nowMs),
        )}
      </ol>
      ${
        stretches.length > newest.length
          ? html`<button type="button" class="button more" @click=${() => (this.shown += stretchesShown)}>
              Show earlier
            </button>`
          : nothing
      }`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'ws-history': WsHistory;
  }
}
