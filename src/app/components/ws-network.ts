/**
 * The network view: what one watches while a network is switched. The mesh as a map; each link with its levers, what passed on
 * it and how long nothing came; and whether the copies are the same, as a cloth that is equal on every screen when they are.
 *
 * How a link stands is `SyncStatus`, the same value that the pill and People show. A chunk of its own.
 */
import { LitElement, html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, query } from 'lit/decorators.js';
import { live } from 'lit/directives/live.js';
import { repeat } from 'lit/directives/repeat.js';
import type { ReplicaId } from '../../base/ids.ts';
import { silentAfterMs } from '../../replica/peers.ts';
import type { PeerStatus } from '../../replica/status.ts';
import { NetworkController, type NetworkSample } from '../controllers/network-controller.ts';
import type { SessionView } from '../controllers/session-controller.ts';
import { hueClass } from '../hues.ts';
import { icons } from '../icons.ts';
import { bytesOf, copyWords, linkWords, meshSentence } from '../network-words.ts';
import { base, hues } from '../styles/base.styles.ts';
import { duration, initialsOf, nameOf } from '../words.ts';
import type { Person, Profile, SpaceSession } from '../space-session.ts';
import type { LinkSwitched } from './ws-people.ts';
import { logsOf } from '../logs.ts';
import { styles } from './ws-network.styles.ts';
import './ws-avatar.ts';
import './ws-mesh.ts';
import type { MeshNode, WsMesh } from './ws-mesh.ts';
import './ws-silence.ts';
import './ws-switch.ts';
import type { WsSwitch } from './ws-switch.ts';
import './ws-weave.ts';

const delaysMs = [0, 50, 200, 1000, 3000];
const stranger: Profile = { name: '', colour: 1 };

/** Asks for: `ws-link` (detail: LinkSwitched), `ws-close`. */
@customElement('ws-network')
export class WsNetwork extends LitElement {
  static override styles = [base, hues, styles];

  @property({ attribute: false }) view: SessionView | undefined;
  @property({ attribute: false }) session: SpaceSession | undefined;
  @query('ws-mesh') private mesh!: WsMesh | null;
  @query('.close') private closeButton!: HTMLElement | null;
  readonly #network = new NetworkController(this);
  #unsubscribe: (() => void) | undefined;

  constructor() {
    super();
    this.addController({
      hostConnected: () => this.#listen(),
      hostDisconnected: () => this.#unsubscribe?.(),
    });
  }

  /** For when it opens over the page. */
  focusFirst(): void {
    this.closeButton?.focus();
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has('session') || this.session === undefined) return;
    this.#network.follow(this.session);
    this.#listen();
  }

  #listen(): void {
    this.#unsubscribe?.();
    this.#unsubscribe = this.session?.network.subscribeBatches(({ type, peer, author }) => {
      this.mesh?.run(peer, type, this.#profileOf(author).colour);
    });
  }

  #profileOf(replicaId: ReplicaId): Profile {
    return this.#person(replicaId)?.profile ?? stranger;
  }
  #person(replicaId: ReplicaId): Person | undefined {
    return this.view?.people.find(person => person.replicaId === replicaId);
  }

  #nodes(view: SessionView, sample: NetworkSample): MeshNode[] {
    const self = view.people.find(person => person.self);
    const others = view.status.peers.map((peer): MeshNode => {
      const { look, words } = linkWords(peer, view.status.online);
      const reading = sample.reading.links.get(peer.replicaId);
      const profile = this.#profileOf(peer.replicaId);
      const away = peer.roundTripMs === undefined ? '' : roundTripOf(peer.roundTripMs);
      return {
        id: peer.replicaId,
        name: nameOf(profile.name),
        colour: profile.colour,
        link: {
          look,
          label: look === 'connected' ? away : look === 'off' ? '' : words.toLocaleLowerCase(),
          bytesPerS: sample.histories.get(peer.replicaId)?.bytesPerS ?? 0,
          delayMs: reading?.delayMs ?? 0,
          linkedWith: reading?.linkedWith ?? [],
        },
      };
    });
    return [{ id: self?.replicaId ?? 'self', ...view.profile }, ...others];
  }

  #row(peer: PeerStatus, online: boolean, sample: NetworkSample): TemplateResult {
    const { name, colour } = this.#profileOf(peer.replicaId);
    const shown = peer.sameDevice ? `${nameOf(name)}, other tab` : nameOf(name);
    const { tone, words } = linkWords(peer, online);
    const fresh = sample.status.peers.find(({ replicaId }) => replicaId === peer.replicaId) ?? peer;
    const link = sample.reading.links.get(peer.replicaId);
    return html`<tr>
      <th scope="row">
        <ws-avatar name=${name} colour=${colour} ?away=${peer.state === 'gone'}></ws-avatar>
        <span class="who"
          ><span class="name">${shown}</span> <span class="words ${tone}">${words}</span></span
        >
      </th>
      <td class="strip">
        <ws-silence
          .silentMs=${sample.histories.get(peer.replicaId)?.silentMs ?? []}
          colour=${colour}
        ></ws-silence>
      </td>
      <td class="figure">${fresh.roundTripMs === undefined ? '–' : roundTripOf(fresh.roundTripMs)}</td>
      <td class="figure passed">
        <span
          >${bytesOf(link?.inBytes ?? 0)}<span aria-hidden="true"> ↓</span
          ><span class="sr-only"> in, </span></span
        >
        <span
          >${bytesOf(link?.outBytes ?? 0)}<span aria-hidden="true"> ↑</span
          ><span class="sr-only"> out</span></span
        >
      </td>
      <td class="delay">
        <select
          aria-label="Delay to and from ${shown}"
          .value=${live(String(link?.delayMs ?? 0))}
          @change=${(event: Event) => this.#delay(peer.replicaId, event.currentTarget as HTMLSelectElement)}
        >
          ${delaysMs.map(ms => html`<option value=${ms}>${ms === 0 ? 'none' : delayOf(ms)}</option>`)}
        </select>
      </td>
      <td class="switch">
        <ws-switch
          label="Link to ${shown}"
          .checked=${live(peer.linkOn)}
          @change=${(event: Event) => this.#cut(peer.replicaId, event.currentTarget as WsSwitch)}
        ></ws-switch>
      </td>
    </tr>`;
  }

  #delay(replicaId: ReplicaId, select: HTMLSelectElement): void {
    this.session?.network.setDelay(replicaId, Number(select.value));
    this.#network.read();
  }
  #cut(replicaId: ReplicaId, { checked: on }: WsSwitch): void {
    this.dispatchEvent(new CustomEvent<LinkSwitched>('ws-link', { detail: { replicaId, on } }));
    this.#network.read();
  }

  #links(view: SessionView, sample: NetworkSample): TemplateResult {
    const { peers, online } = view.status;
    if (peers.length === 0)
      return html`<p class="empty">
        Nobody else has been met. Share the link, or open this space in a second tab.
      </p>`;
    return html`<table>
      <caption class="sr-only">
        Links of this tab
      </caption>
      <thead>
        <tr>
          <th scope="col">Peer</th>
          <td class="strip">Silence, last minute</td>
          <th scope="col" class="figure">Round trip</th>
          <th scope="col" class="figure">Passed</th>
          <th scope="col">Delay</th>
          <th scope="col" class="switch">Link</th>
        </tr>
      </thead>
      <tbody>
        ${repeat(
          peers,
          peer => peer.replicaId,
          peer => this.#row(peer, online, sample),
        )}
      </tbody>
    </table>`;
  }

  #copies({ reading, status }: NetworkSample): TemplateResult {
    const { logs, more } = logsOf(reading);
    const row = (who: string, clock: ReadonlyMap<ReplicaId, number>, words: string): TemplateResult =>
      html`<tr>
        <th scope="row">${who}</th>
        ${logs.map(log => {
          const [here, there] = [reading.clock.get(log) ?? 0, clock.get(log) ?? 0];
          return html`<td class="figure ${there < here ? 'less' : there > here ? 'greater' : ''}">
            ${there}
          </td>`;
        })}
        <td class="copy">${words}</td>
      </tr>`;
    return html`<ws-weave .fingerprint=${reading.fingerprint}></ws-weave>
      <p class="gloss">The same cloth and words on another screen: the same changes there.</p>
      <table class="clocks">
        <caption class="sr-only">
          How many batches of whose log each copy holds
        </caption>
        <thead>
          <tr>
            <th scope="col"><span class="sr-only">Copy</span></th>
            ${logs.map(log => {
              const person = this.#person(log);
              const label = person === undefined ? log.slice(0, 3) : initialsOf(person.profile.name);
              return html`<th
                scope="col"
                class="figure ${person === undefined ? 'past' : hueClass(person.profile.colour)}"
              >
                ${label}
              </th>`;
            })}
            <td class="copy">${more === 0 ? nothing : html`and ${more} more logs, equal everywhere`}</td>
          </tr>
        </thead>
        <tbody>
          ${row('You', reading.clock, 'This copy')}
          ${status.peers.map(peer =>
            row(
              nameOf(this.#profileOf(peer.replicaId).name),
              reading.clocks.get(peer.replicaId) ?? new Map(),
              copyWords(peer),
            ),
          )}
        </tbody>
      </table>`;
  }

  override render(): TemplateResult | typeof nothing {
    const { view } = this;
    const { sample } = this.#network;
    if (view === undefined || sample === undefined) return nothing;
    const sentence = meshSentence(view.status.peers, view.status.online);
    return html`<section aria-label="Network view">
      <button type="button" class="close" @click=${() => this.dispatchEvent(new CustomEvent('ws-close'))}>
        ${icons.close}<span class="sr-only">Close the network view</span>
      </button>
      <div class="pane map">
        <h2>Mesh <em>${sentence}</em></h2>
        <ws-mesh .nodes=${this.#nodes(view, sample)} sentence=${sentence}></ws-mesh>
      </div>
      <div class="pane links" tabindex="0" role="group" aria-label="Links">
        <h2>Links <em>dashed: ${duration(silentAfterMs)} of silence is too long</em></h2>
        ${this.#links(view, sample)}
      </div>
      <div class="pane copies" tabindex="0" role="group" aria-label="Copies">
        <h2>Copies <em>as each said last</em></h2>
        ${this.#copies(sample)}
      </div>
    </section>`;
  }
}

function roundTripOf(ms: number): string {
  return ms < 999.5 ? `${ms.toFixed(0)} ms` : duration(ms);
}
function delayOf(ms: number): string {
  return ms < 1000 ? `${String(ms)} ms` : `${String(ms / 1000)} s`;
}

declare global {
  interface HTMLElementTagNameMap {
    'ws-network': WsNetwork;
  }
}
