/**
 * The Transport port on WebRTC: a full mesh of the peers in one room. Peers meet through the signaling
 * server, then it is not needed. Between the channels and whoever listens sits the conditioner, so that "cut
 * this link" is the same lever for the app, the tests and the simulator (framed-links.ts).
 */
import { toHex } from '../../base/bytes.ts';
import { roomPeersMax } from '../../base/limits.ts';
import type { Random } from '../../base/ports.ts';
import { Counters } from '../../base/trace.ts';
import type { Conditioner } from '../conditioner.ts';
import { Dialer, type DialStep } from '../dialer.ts';
import { FramedLinks } from '../framed-links.ts';
import { Sessions } from '../sessions.ts';
import type { ServerMessage } from '../signaling.ts';
import { askToDial, readSignalData, type Signal } from '../signals.ts';
import type { Lane, LinkId, SendResult, Transport, TransportEvent } from '../transport.ts';
import { loadPeerLinks, PeerLink } from './peer-link.ts';
import { ProvenLink, type LinkIdentity, type ProvenLinkEvents } from './proven-link.ts';
import type { SealedSignals } from './sealed-signals.ts';
import { SignalingClient } from './signaling-client.ts';

export interface MeshConfig {
  readonly signalingUrl: string;
  readonly topic: string;
  readonly signals: SealedSignals;
  /** What this end proves itself with on every link. */
  readonly identity: LinkIdentity;
  readonly random: Random;
  /** Seeds the conditioner's draws. */
  readonly seed: number;
  readonly outbox: OutboxCarrier;
}

/** Whoever sends on the outbox lanes. */
export interface OutboxCarrier {
  /** The sending end of a link's outbox lane; to be transferred within this call, or left. */
  adopt(linkId: LinkId, channel: RTCDataChannel): void;
  /** These links were switched off: what has not left yet stays. */
  recall(linkIds: readonly LinkId[]): void;
}

export class Mesh implements Transport {
  /** Frames, signals and messages of the server that were malformed or dropped, by reason. */
  readonly refusals = new Counters();
  readonly #framed: FramedLinks;
  readonly #self: LinkId = toHex(crypto.getRandomValues(new Uint8Array(16)));
  readonly #config: MeshConfig;
  readonly #signaling: SignalingClient;
  readonly #dialer: Dialer;
  readonly #links = new Map<LinkId, ProvenLink>();
  readonly #sessions = new Sessions();
  readonly #room = new Set<LinkId>();
  readonly #subscribers = new Set<(event: TransportEvent) => void>();
  /** What the signaling server named last. */
  #iceServers: RTCIceServer[] = [];
  #online = true;
  /** Nobody is met before links can be made. */
  #library: 'missing' | 'loading' | 'loaded' = 'missing';
  #signalWork: Promise<void> = Promise.resolve();
  #dueTimer: number | undefined;
  #closed = false;

  constructor(config: MeshConfig) {
    this.#config = config;
    this.#framed = new FramedLinks(config.seed, {
      carry: (linkId, lane, frames) => this.#links.get(linkId)?.send(lane, frames) === true,
      message: (linkId, lane, bytes) => {
        this.#notify({ type: 'message', linkId, lane, bytes });
      },
      refusals: this.refusals,
    });
    this.#dialer = new Dialer(this.#self, config.random);
    this.#signaling = new SignalingClient(config.signalingUrl, config.topic, this.#self, config.random, {
      refused: reason => {
        this.refusals.add(reason);
      },
      state: state => {
        if (state !== 'connected') this.#room.clear();
        this.#notify({ type: 'signaling', state });
      },
      message: message => {
        this.#signaled(message);
      },
    });
  }

  /** The levers of each link. */
  get conditioner(): Conditioner {
    return this.#framed.conditioner;
  }

  // ── Transport ─────────────────────────────────────────────────────────────────────────────────────────────

  send(linkId: LinkId, lane: Lane, bytes: Uint8Array): SendResult {
    if (this.#links.get(linkId)?.isOpen !== true) return { ok: false, reason: 'closed' };
    const sent = this.#framed.send(linkId, lane, bytes, performance.now());
    this.#scheduleDue();
    return sent;
  }

  /** Whether what is sent on this link now leaves at once and untouched, so that the outbox lane may carry it. */
  isClear(linkId: LinkId): boolean {
    return this.#links.get(linkId)?.isOpen === true && this.conditioner.isClear(linkId, 'out');
  }

  drop(linkId: LinkId, reason: string): void {
    this.#links.get(linkId)?.close(reason);
  }

  subscribe(notify: (event: TransportEvent) => void): () => void {
    this.#subscribers.add(notify);
    return () => this.#subscribers.delete(notify);
  }

  close(): void {
    this.#closed = true;
    this.#signaling.close();
    for (const link of [...this.#links.values()]) link.close('closed');
    clearTimeout(this.#dueTimer);
    this.#subscribers.clear();
  }

  // ── Levers ────────────────────────────────────────────────────────────────────────────────────────────────

  /** Begins signaling; later the network switch of the tab. Off, nothing passes in either direction. */
  setOnline(online: boolean): void {
    this.#online = online;
    this.conditioner.setOnline(online);
    this.#meetOthers();
    if (online) this.#dialer.hurry(performance.now());
    else {
      this.#takeBack([...this.#links.keys()]);
      this.#room.clear();
      this.#dialer.clear();
    }
  }

  /** Signaling is on when the mesh is, and when what it leads to is there: fetched once, and again at the next switch if that failed. */
  #meetOthers(): void {
    if (!this.#online) this.#signaling.setOnline(false);
    else if (this.#library === 'loaded') this.#signaling.setOnline(true);
    if (this.#library !== 'missing') return;
    this.#library = 'loading';
    loadPeerLinks().then(
      () => {
        this.#library = 'loaded';
        if (this.#online && !this.#closed) this.#signaling.setOnline(true);
      },
      () => {
        this.#library = 'missing';
        this.refusals.add('links did not load');
        this.#notify({ type: 'signaling', state: 'unreachable' });
      },
    );
  }

  /** The switch of one link. On again, it is dialled at once if it was given up meanwhile. */
  setLink(linkId: LinkId, on: boolean): void {
    this.conditioner.set(linkId, 'both', { cut: !on });
    if (!on) this.#takeBack([linkId]);
    if (on) this.#dialer.hurry(performance.now(), linkId);
    this.tick();
  }

  /** What has not left yet, here or in the Worker, is lost like all that is sent while a link is off. */
  #takeBack(linkIds: readonly LinkId[]): void {
    this.#config.outbox.recall(linkIds);
    for (const linkId of linkIds) this.#links.get(linkId)?.discardQueue();
  }

  /** Call about four times a second: redials, gives up attempts, expires half messages. */
  tick(): void {
    if (this.#closed) return;
    const nowMs = performance.now();
    this.#framed.expire(nowMs);
    for (const link of [...this.#links.values()]) link.tick(nowMs);
    if (this.#online) for (const step of this.#dialer.due(nowMs)) this.#take(step);
    this.#deliverDue();
  }

  #take(step: DialStep): void {
    if (step.type === 'give-up') this.#links.get(step.peer)?.close('no answer');
    else if (step.type === 'ask') this.#sendSignal(step.peer, { dial: '', data: askToDial });
    else this.#connect(step.peer, toHex(crypto.getRandomValues(new Uint8Array(8))), true);
  }

  // ── Signaling ─────────────────────────────────────────────────────────────────────────────────────────────

  #signaled(message: ServerMessage): void {
    const nowMs = performance.now();
    switch (message.type) {
      case 'ice':
        this.#iceServers = message.servers.map(server => ({ ...server, urls: [...server.urls] }));
        break;
      case 'welcome':
        this.#room.clear();
        for (const peer of message.peers) this.#present(peer, nowMs);
        break;
      case 'joined':
        this.#present(message.peer, nowMs);
        break;
      case 'left':
        this.#room.delete(message.peer);
        this.#dialer.absent(message.peer);
        break;
      case 'signal':
        this.#inOrder(() => this.#openSignal(message.from, message.body));
        break;
      case 'refused':
        this.refusals.add(`signaling refused: ${message.reason}`);
        break;
      case 'pong':
        break;
    }
    this.tick();
  }

  #present(peer: LinkId, nowMs: number): void {
    if (this.#sessions.isOld(peer)) return;
    if (this.#room.size >= roomPeersMax) {
      this.refusals.add('signaling: crowd');
      return;
    }
    this.#room.add(peer);
    this.#dialer.present(peer, nowMs);
  }

  /** One at a time, in order: the answers of WebCrypto may overtake each other, and sequences must rise. */
  #inOrder(work: () => Promise<void>): void {
    this.#signalWork = this.#signalWork.then(work, work);
  }

  async #openSignal(from: LinkId, body: string): Promise<void> {
    const opened = await this.#config.signals.open(from, this.#self, body);
    if (this.#closed || !this.#online) return;
    if (opened.ok) this.#opened(from, opened.signal);
    else this.refusals.add(`signal: ${opened.reason}`);
  }

  #opened(from: LinkId, { dial, data }: Signal): void {
    if (this.#sessions.isOld(from)) {
      this.refusals.add('signal: old-session');
      return;
    }
    if (data === askToDial) {
      if (this.#links.get(from)?.isOpen === true) this.#links.get(from)?.close('asked to redial');
      this.#dialer.hurry(performance.now(), from);
      this.tick();
      return;
    }
    if (data.type === 'offer' && this.#links.get(from)?.dial !== dial) {
      if (!this.#links.has(from) && this.#links.size >= roomPeersMax) {
        this.refusals.add('signal: crowd');
        return;
      }
      this.#connect(from, dial, false);
    }
    const link = this.#links.get(from);
    const refused = link?.dial === dial ? link.signal(data) : 'stale';
    if (refused !== undefined) this.refusals.add(`signal: ${refused}`);
  }

  #sendSignal(to: LinkId, signal: Signal): void {
    this.#inOrder(async () => {
      const body = await this.#config.signals.seal(this.#self, to, signal);
      this.#signaling.send({ type: 'signal', to, body });
    });
  }

  // ── Connections ───────────────────────────────────────────────────────────────────────────────────────────

  #connect(peer: LinkId, dial: string, initiator: boolean): void {
    this.#links.get(peer)?.close('redialled');
    this.#dialer.dialling(peer, performance.now());
    const events: ProvenLinkEvents = {
      signal: data => {
        const known = readSignalData(data);
        if (known !== undefined) this.#sendSignal(peer, { dial, data: known });
      },
      open: ({ replicaId }) => {
        this.#dialer.opened(peer);
        const older = this.#sessions.proven(peer, replicaId);
        if (older !== undefined) {
          this.#room.delete(older);
          this.#dialer.absent(older);
          this.#links.get(older)?.close('replaced');
        }
        this.#notify({ type: 'link-up', linkId: peer, replicaId });
      },
      refused: reason => {
        this.refusals.add(`handshake: ${reason}`);
      },
      outbox: channel => {
        this.#config.outbox.adopt(peer, channel);
      },
      frame: (lane, frame) => {
        this.#framed.arrived(peer, lane, frame, performance.now());
        this.#scheduleDue();
      },
      drained: () => {
        this.#notify({ type: 'drained', linkId: peer });
      },
      closed: reason => {
        if (this.#links.get(peer) !== link) return;
        this.#links.delete(peer);
        this.#framed.closed(peer);
        this.#sessions.ended(peer);
        this.#dialer.closed(peer, this.#room.has(peer), performance.now());
        this.#notify({ type: 'link-down', linkId: peer, reason });
      },
    };
    const link = new ProvenLink(
      this.#config.identity,
      events,
      toLink => new PeerLink(dial, initiator, this.#iceServers, toLink),
    );
    this.#links.set(peer, link);
    this.#framed.opened(peer);
  }

  // ── What the conditioner holds ────────────────────────────────────────────────────────────────────────────

  #scheduleDue(): void {
    const dueMs = this.#framed.nextDueMs();
    if (dueMs === undefined || this.#dueTimer !== undefined) return;
    this.#dueTimer = window.setTimeout(
      () => {
        this.#dueTimer = undefined;
        this.#deliverDue();
      },
      Math.max(1, dueMs - performance.now()),
    );
  }

  #deliverDue(): void {
    this.#framed.deliverDue(performance.now());
    this.#scheduleDue();
  }

  #notify(event: TransportEvent): void {
    for (const notify of [...this.#subscribers]) notify(event);
  }
}
