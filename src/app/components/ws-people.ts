/** The people of a space, oneself first: who is there, how far away, and the switch of each link. */
import { LitElement, html, nothing, type TemplateResult } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { join } from 'lit/directives/join.js';
import { live } from 'lit/directives/live.js';
import { repeat } from 'lit/directives/repeat.js';
import { nameLengthMax } from '../../base/limits.ts';
import type { ReplicaId } from '../../base/ids.ts';
import type { PeerStatus } from '../../replica/status.ts';
import type { SessionView } from '../controllers/session-controller.ts';
import { hueClass, hueNames } from '../hues.ts';
import { icons } from '../icons.ts';
import { base, hues } from '../styles/base.styles.ts';
import { copiedWords, initialsOf, nameOf, peerLine } from '../words.ts';
import type { Person, Profile } from '../space-session.ts';
import { styles } from './ws-people.styles.ts';
import './ws-avatar.ts';
import './ws-switch.ts';
import type { WsSwitch } from './ws-switch.ts';

export interface LinkSwitched {
  readonly replicaId: ReplicaId;
  readonly on: boolean;
}

const unnamed: Profile = { name: '', colour: 1 };

/** Asks for: `ws-profile` (detail: Profile), `ws-link` (detail: LinkSwitched), `ws-close`, `ws-share`. */
@customElement('ws-people')
export class WsPeople extends LitElement {
  static override styles = [base, hues, styles];

  @property({ attribute: false }) view: SessionView | undefined;
  @property({ type: Boolean }) joining = false;
  @state() private choosing = false;
  @query('.close') private closeButton!: HTMLElement;

  /** For when it opens over the page. */
  focusFirst(): void {
    this.closeButton.focus();
  }

  #ask(type: string, detail?: Profile | LinkSwitched): void {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }

  #rename(input: HTMLInputElement, profile: Profile): void {
    const name = input.value.trim().slice(0, nameLengthMax);
    if (name === '' || name === profile.name) input.value = profile.name;
    else this.#ask('ws-profile', { ...profile, name });
  }

  #keyInName(event: KeyboardEvent, profile: Profile): void {
    const input = event.currentTarget as HTMLInputElement;
    if (event.key === 'Enter' && !event.isComposing) input.blur();
    if (event.key === 'Escape') {
      input.value = profile.name;
      input.blur();
      event.stopPropagation();
    }
  }

  #self(profile: Profile): TemplateResult {
    return html`<li class="person self">
      <button
        type="button"
        class="colour"
        aria-expanded=${this.choosing ? 'true' : 'false'}
        aria-controls="hues"
        aria-label=${`${initialsOf(profile.name)}, your colour`}
        @click=${() => (this.choosing = !this.choosing)}
      >
        <ws-avatar name=${profile.name} colour=${profile.colour}></ws-avatar>
      </button>
      <input
        class="name"
        type="text"
        aria-label="Your name"
        autocomplete="nickname"
        autocapitalize="words"
        spellcheck="false"
        enterkeyhint="done"
        maxlength=${nameLengthMax}
        .value=${live(profile.name)}
        @change=${(event: Event) => this.#rename(event.currentTarget as HTMLInputElement, profile)}
        @keydown=${(event: KeyboardEvent) => this.#keyInName(event, profile)}
      />
      <p class="line">You, in this tab${this.view?.status.forked === true ? `; ${copiedWords}` : ''}</p>
      <fieldset id="hues" ?hidden=${!this.choosing}>
        <legend class="sr-only">Your colour</legend>
        ${hueNames.map((name, index) => this.#swatch(name, index + 1, profile))}
      </fieldset>
    </li>`;
  }

  #swatch(name: string, colour: number, profile: Profile): TemplateResult {
    return html`<input
      class=${hueClass(colour)}
      type="radio"
      name="hue"
      aria-label=${name}
      title=${name}
      .checked=${live(colour === profile.colour)}
      @change=${() => this.#ask('ws-profile', { ...profile, colour })}
    />`;
  }

  #peer(peer: PeerStatus, person: Person | undefined): TemplateResult {
    const { profile = unnamed, away = false } = person ?? {};
    const name = nameOf(profile.name);
    return html`<li class="person">
      <ws-avatar name=${profile.name} colour=${profile.colour} ?away=${peer.state === 'gone'}></ws-avatar>
      <p class="name">${name}</p>
      <p class="line ${peer.state}">
        ${join(
          peerLine(peer, away)
            .split(/(?<=;) /)
            .map(part => html`<span>${part}</span>`),
          ' ',
        )}
      </p>
      <ws-switch
        label="Link to ${name}"
        .checked=${live(peer.linkOn)}
        @change=${(event: Event) =>
          this.#ask('ws-link', {
            replicaId: peer.replicaId,
            on: (event.currentTarget as WsSwitch).checked,
          })}
      ></ws-switch>
    </li>`;
  }

  override render(): TemplateResult | typeof nothing {
    const { view } = this;
    if (view === undefined) return nothing;
    const { peers } = view.status;
    return html`<aside aria-label="People">
      <div class="head">
        <h2>People</h2>
        <button type="button" class="close" @click=${() => this.#ask('ws-close')}>
          ${icons.close}<span class="sr-only">Close</span>
        </button>
      </div>
      <ul>
        ${this.#self(view.profile)}
        ${repeat(
          peers,
          peer => peer.replicaId,
          peer =>
            this.#peer(
              peer,
              view.people.find(person => person.replicaId === peer.replicaId),
            ),
        )}
      </ul>
      ${
        peers.length > 0
          ? nothing
          : this.joining
            ? html`<p class="empty">
                Looking for the others… The page fills as soon as one of them is reached.
              </p>`
            : html`<div class="empty">
                <p>Nobody else has been here yet. Whoever has the link writes with you.</p>
                <button type="button" class="button" @click=${() => this.#ask('ws-share')}>
                  Get the link
                </button>
              </div>`
      }
    </aside>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'ws-people': WsPeople;
  }
}
