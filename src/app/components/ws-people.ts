/** The people of a space, oneself first: who is there, how far away, and the switch of each link. */
import { LitElement, html, nothing, type TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { join } from 'lit/directives/join.js';
import { live } from 'lit/directives/live.js';
import { repeat } from 'lit/directives/repeat.js';
import { nameLengthMax } from '../../base/limits.ts';
import type { ReplicaId } from '../../base/ids.ts';
import { deviceLine } from '../copies.ts';
import { isGone, type DeviceView } from '../devices.ts';
import { loadCopies } from '../load-copies.ts';
import type { SessionView } from '../controllers/session-controller.ts';
import { hueClass, hueNames } from '../hues.ts';
import { base, hues } from '../styles/base.styles.ts';
import { countOf, initialsOf, nameOf } from '../words.ts';
import type { NetworkSession, Profile } from '../space-session.ts';
import { styles } from './ws-people.styles.ts';
import './ws-avatar.ts';
import './ws-switch.ts';
import type { WsSwitch } from './ws-switch.ts';

export interface LinkSwitched {
  readonly replicaId: ReplicaId;
  readonly on: boolean;
}

/** Asks for: `ws-profile` (detail: Profile), `ws-link` (detail: LinkSwitched), `ws-share`. */
@customElement('ws-people')
export class WsPeople extends LitElement {
  static override styles = [base, hues, styles];

  @property({ attribute: false }) view: SessionView | undefined;
  @property({ attribute: false }) network: NetworkSession | undefined;
  @property({ type: Boolean }) joining = false;
  @state() private choosing = false;

  protected override firstUpdated(): void {
    // What did not load is missing above the list, and the list is whole.
    loadCopies().catch(() => undefined);
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

  #self(profile: Profile, otherTabs: number): TemplateResult {
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
      <p class="line">
        ${otherTabs === 0 ? 'You, in this tab' : `You, in this tab and ${countOf(otherTabs, 'other')}`}
      </p>
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

  #device(device: DeviceView): TemplateResult {
    const { key, profile, best, tabs } = device;
    const name = nameOf(profile.name);
    return html`<li class="person">
      <ws-avatar name=${profile.name} colour=${profile.colour} ?away=${isGone(device)}></ws-avatar>
      <p class="name">${name}</p>
      <p class="line ${best?.state ?? 'gone'}">
        ${join(
          deviceLine(device, Date.now())
            .split(/(?<=;) /)
            .map(part => html`<span>${part}</span>`),
          ' ',
        )}
      </p>
      ${
        best === undefined
          ? nothing
          : html`<ws-switch
              label="Link to ${name}"
              .checked=${live(tabs.some(tab => tab.linkOn))}
              @change=${(event: Event) => this.#switch(key, (event.currentTarget as WsSwitch).checked)}
            ></ws-switch>`
      }
    </li>`;
  }

  /** A device's switch is that of all its tabs. */
  #switch(key: string, on: boolean): void {
    const device = this.view?.devices.others.find(other => other.key === key);
    for (const { replicaId } of device?.tabs ?? []) this.#ask('ws-link', { replicaId, on });
  }

  override render(): TemplateResult | typeof nothing {
    const { view } = this;
    if (view === undefined) return nothing;
    const { others } = view.devices;
    return html`<section aria-label="People">
      <ws-copies .view=${view} .network=${this.network}></ws-copies>
      <ul>
        ${this.#self(view.profile, view.devices.ownTabs.length)}
        ${repeat(
          others,
          device => device.key,
          device => this.#device(device),
        )}
      </ul>
      ${
        others.length > 0
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
    </section>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'ws-people': WsPeople;
  }
}
