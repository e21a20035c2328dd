/**
 * The Transport port on WebRTC: a full mesh of the peers in one room. Peers meet through the signaling
 * server, then it is not needed. Between the channels and whoever listens sits the conditioner, so that "cut
 * this link" is the same lever for the app, the tests and the simulator (framed-links.ts).
 */
import { toHex } from '../../base/bytes.ts';
import type { ReplicaId } from '../../base/ids.ts';
import { roomPeersMax } from '../../base/limits.ts';
import type { Random } from '../../base/ports.ts';
import { Counters } from '../../base/trace.ts';
import type { Conditioner } from '../conditioner.ts';
import { Dialer, type DialStep } from '../dialer.ts';
import { FramedLinks } from '../framed-links.ts';
import { anyone, type PastedDone, type PastedText } from '../pasted.ts';
import { isIntroductionWord } from '../introduction-words.ts';
import { Introductions, type IntroductionEffect } from '../introductions.ts';
import { Sessions } from '../sessions.ts';
import type { ServerMessage } from '../signaling.ts';
import { askToDial, readSignalData, type Signal } from '../signals.ts';
import type { Lane, LinkId, SendResult, Transport, TransportEvent } from '../transport.ts';
import { PastedLinks, type Meeting } from './pasted-links.ts';
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
  readonly #introductions: Introductions;
  readonly #pasted: PastedLinks;
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
        if (isIntroductionWord(bytes))
          this.#introduced(this.#introductions.received(linkId, bytes, performance.now()));
        else this.#notify({ type: 'message', linkId, lane, bytes });
      },
      refusals: this.refusals,
    });
    this.#dialer = new Dialer(this.#self, config.random);
    this.#introductions = new Introductions(this.#self, config.random);
    this.#pasted = new PastedLinks({
      self: this.#self,
      signals: config.signals,
      make: meeting => this.#make(meeting, () => undefined),
      adopt: (meeting, link) => {
        this.#adopt(meeting, link);
      },
      isLinked: peer => this.#links.get(peer)?.isOpen === true,
      nowMs: () => performance.now(),
    });
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
    this.#pasted.close();
    for (const link of [...this.#links.values()]) link.close('closed');
    clearTimeout(this.#dueTimer);
    this.#subscribers.clear();
  }

  // ── Without a server ──────────────────────────────────────────────────────────────────────────────────────

  /** A text to give to somebody who has the space's link: an offer to connect. Undefined where none can be made. */
  async offerText(): Promise<string | undefined> {
    await loadPeerLinks();
    return this.#pasted.offer();
  }
  /** The answer to an offer that one was given, to be given back. */
  async answerText(offer: string): Promise<PastedText> {
    await loadPeerLinks();
    return this.#pasted.answer(offer);
  }
  /** Takes the answer to our last offer. */
  acceptText(answer: string): Promise<PastedDone> {
    return this.#pasted.accept(answer);
  }

  // ── Levers ────────────────────────────────────────────────────────────────────────────────────────────────

  /** Begins signaling; later the network switch of the tab. Off, nothing passes in either direction. */
  setOnline(online: boolean): void {
    this.#online = online;
    this.conditioner.setOnline(online);
    this.#meetOthers();
    if (online) {
      this.#dialer.hurry(performance.now());
      for (const peer of this.#introductions.known()) this.#meet(peer);
    } else {
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
    this.#introduced(this.#introductions.tick(nowMs));
    this.#pasted.tick();
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
    switch (message.type) {
      case 'ice':
        this.#iceServers = message.servers.map(server => ({ ...server, urls: [...server.urls] }));
        break;
      case 'welcome':
        this.#room.clear();
        for (const peer of message.peers) this.#present(peer);
        break;
      case 'joined':
        this.#present(message.peer);
        break;
      case 'left':
        this.#room.delete(message.peer);
        if (!this.#introductions.knows(message.peer)) this.#dialer.absent(message.peer);
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

  #present(peer: LinkId): void {
    if (this.#room.size < roomPeersMax) this.#room.add(peer);
    else this.refusals.add('signaling: crowd');
    this.#meet(peer);
  }

  /** Somebody is there, by the server's or by a peer's word. */
  #meet(peer: LinkId): void {
    if (this.#online && !this.#sessions.isOld(peer) && this.#reachable(peer))
      this.#dialer.present(peer, performance.now());
  }
  #reachable(peer: LinkId): boolean {
    return this.#room.has(peer) || this.#introductions.knows(peer);
  }

  #introduced(effects: readonly IntroductionEffect[]): void {
    for (const effect of effects) {
      switch (effect.type) {
        case 'send':
          this.send(effect.linkId, 'data', effect.bytes);
          break;
        case 'signal':
          this.#inOrder(() => this.#openSignal(effect.from, effect.body));
          break;
        case 'known':
          this.#meet(effect.peer);
          break;
        case 'forgotten':
          if (!this.#room.has(effect.peer)) this.#dialer.absent(effect.peer);
          break;
        case 'refuse':
          this.refusals.add(`introduction: ${effect.reason}`);
          break;
      }
    }
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
      if (this.#room.has(to)) this.#signaling.send({ type: 'signal', to, body });
      else this.#introduced(this.#introductions.signal(to, body));
    });
  }

  // ── Connections ───────────────────────────────────────────────────────────────────────────────────────────

  #connect(peer: LinkId, dial: string, initiator: boolean): void {
    this.#links.get(peer)?.close('redialled');
    this.#dialer.dialling(peer, performance.now());
    const meeting = { peer, dial, initiator };
    const link = this.#make(meeting, data => {
      const known = readSignalData(data);
      if (known !== undefined) this.#sendSignal(peer, { dial, data: known });
    });
    this.#adopt(meeting, link);
  }

  #adopt({ peer }: Meeting, link: ProvenLink): void {
    this.#links.get(peer)?.close('redialled');
    this.#links.set(peer, link);
    this.#framed.opened(peer);
  }

  /** A link that is nobody's yet; `meeting.peer` may change until it is adopted. */
  #make(meeting: Meeting, signal: (data: unknown) => void): ProvenLink {
    const { dial, initiator } = meeting;
    const events: ProvenLinkEvents = {
      signal,
      open: ({ replicaId }) => {
        this.#up(meeting.peer, replicaId);
      },
      refused: reason => {
        this.refusals.add(`handshake: ${reason}`);
      },
      outbox: channel => {
        // Handed over under a name, once: an end whose name is still to come sends all on the data lane.
        if (meeting.peer !== anyone) this.#config.outbox.adopt(meeting.peer, channel);
      },
      frame: (lane, frame) => {
        this.#framed.arrived(meeting.peer, lane, frame, performance.now());
        this.#scheduleDue();
      },
      drained: () => {
        this.#notify({ type: 'drained', linkId: meeting.peer });
      },
      closed: reason => {
        if (this.#links.get(meeting.peer) === link) this.#ended(meeting.peer, reason);
      },
    };
    const link = new ProvenLink(
      this.#config.identity,
      events,
      toLink => new PeerLink(dial, initiator, this.#iceServers, toLink),
    );
    return link;
  }

  #up(peer: LinkId, replicaId: ReplicaId): void {
    this.#dialer.opened(peer);
    const older = this.#sessions.proven(peer, replicaId);
    if (older !== undefined) {
      this.#room.delete(older);
      this.#dialer.absent(older);
      this.#links.get(older)?.close('replaced');
    }
    this.#introductions.linkUp(peer, performance.now());
    this.#notify({ type: 'link-up', linkId: peer, replicaId });
  }

  #ended(peer: LinkId, reason: string): void {
    this.#links.delete(peer);
    this.#framed.closed(peer);
    this.#sessions.ended(peer);
    this.#introduced(this.#introductions.linkDown(peer));
    this.#introductions.reroute(peer);
    this.#dialer.closed(peer, !this.#sessions.isOld(peer) && this.#reachable(peer), performance.now());
    this.#notify({ type: 'link-down', linkId: peer, reason });
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
