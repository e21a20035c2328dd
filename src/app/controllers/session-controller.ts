/**
 * Lets a component follow a space: one reading of its status, people and profile, renewed whenever the session
 * says so, and once a second so that "heard 0.4 s ago" stays true.
 */
import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { SyncStatus } from '../../replica/status.ts';
import type { Person, Profile, SpaceSession } from '../space-session.ts';
import { announcement, presenceOf, type Presence } from '../announcements.ts';
import { copiesWords, deviceLine, type CopiesWords } from '../copies.ts';
import { devicesOf, type DevicesView } from '../devices.ts';
import { peerLine } from '../words.ts';

const tickMs = 1000;
/** Fewer full copies for less long than this are no news. */
const fewerShownAfterMs = 900;
/** An announcement stays to be read for this long. */
const announcedMs = 6000;

export interface SessionView {
  readonly status: SyncStatus;
  readonly people: readonly Person[];
  readonly devices: DevicesView;
  readonly copies: CopiesWords;
  readonly profile: Profile;
  /** The network switch of this tab, as opposed to what the browser says of its network. */
  readonly networkSwitch: boolean;
  /** When the disk began to refuse, in milliseconds since the epoch. */
  readonly notKeptSince: number | undefined;
  readonly announcement: string;
}

/** Equal for views that look equal: of a peer, the line it has in People. */
function shownOf(view: SessionView): string {
  const { pill, keeping, online, signaling, peers } = view.status;
  const status = { pill, keeping, online, signaling };
  const lines = peers.map(peer => [peer.replicaId, peer.state, peer.linkOn, peerLine(peer)]);
  const nowMs = Date.now();
  const others = view.devices.others.map(device => [device.key, device.profile, deviceLine(device, nowMs)]);
  return JSON.stringify([{ ...view, status, devices: others }, lines, view.devices.ownTabs.length]);
}

export class SessionController implements ReactiveController {
  view: SessionView | undefined;
  readonly #host: ReactiveControllerHost;
  #session: SpaceSession | undefined;
  #unsubscribe: (() => void) | undefined;
  #tick: number | undefined;
  #presence: Presence | undefined;
  #silence: number | undefined;
  #connected = false;
  #fewerSinceMs: number | undefined;
  /** What `view` says, as text. */
  #words = '';

  constructor(host: ReactiveControllerHost) {
    this.#host = host;
    host.addController(this);
  }

  follow(session: SpaceSession): void {
    if (session === this.#session) return;
    this.#stop();
    this.#session = session;
    this.view = undefined;
    this.#presence = undefined;
    if (this.#connected) this.#start();
    this.#read();
  }

  setNetwork(on: boolean): void {
    if (this.view !== undefined) this.view = { ...this.view, networkSwitch: on };
    this.#session?.setNetwork(on);
    this.#read();
  }

  hostConnected(): void {
    this.#connected = true;
    this.#start();
  }
  hostDisconnected(): void {
    this.#connected = false;
    this.#stop();
  }

  #start(): void {
    if (this.#session === undefined || this.#unsubscribe !== undefined) return;
    this.#unsubscribe = this.#session.subscribe(() => this.#read());
    this.#tick = window.setInterval(() => {
      if (!document.hidden) this.#read();
    }, tickMs);
  }
  #stop(): void {
    this.#unsubscribe?.();
    this.#unsubscribe = undefined;
    window.clearInterval(this.#tick);
    window.clearTimeout(this.#silence);
  }

  #read(): void {
    const session = this.#session;
    if (session === undefined) return;
    const status = session.status();
    const people = session.people();
    const presence = presenceOf(status, people);
    const said = this.#presence === undefined ? undefined : announcement(this.#presence, presence);
    this.#presence = presence;
    if (said !== undefined) this.#hushAfterwards();
    const before = this.view;
    const view = {
      status,
      people,
      devices: devicesOf(status, people, session.met()),
      copies: this.#copiesOf(status, session.isProtected()),
      profile: session.profile(),
      networkSwitch: status.online || (!navigator.onLine && (before?.networkSwitch ?? true)),
      notKeptSince: status.keeping.type === 'not-kept' ? (before?.notKeptSince ?? Date.now()) : undefined,
      announcement: said ?? before?.announcement ?? '',
    };
    // While others type, status is renewed many times a second and says the same: no screen is drawn anew for that.
    const words = shownOf(view);
    if (words === this.#words && before !== undefined) return;
    this.#words = words;
    this.view = view;
    this.#host.requestUpdate();
  }

  /** A keystroke is on one disk for a blink. As with the pill, a dip is shown when it lasts. */
  #copiesOf(status: SyncStatus, isProtected: boolean): CopiesWords {
    const words = copiesWords(status, isProtected);
    const shown = this.view?.copies;
    const nowMs = performance.now();
    if (shown === undefined || words.full >= shown.full) this.#fewerSinceMs = undefined;
    else {
      this.#fewerSinceMs ??= nowMs;
      if (nowMs - this.#fewerSinceMs < fewerShownAfterMs) return shown;
    }
    return words;
  }

  #hushAfterwards(): void {
    window.clearTimeout(this.#silence);
    this.#silence = window.setTimeout(() => {
      if (this.view !== undefined) this.view = { ...this.view, announcement: '' };
      this.#host.requestUpdate();
    }, announcedMs);
  }
}
