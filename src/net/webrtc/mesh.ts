/**
 * The Transport port on WebRTC: a full mesh of the peers in one room. Peers meet through the signaling
 * server, then it is not needed. Between the channels and whoever listens sits the conditioner, so that "cut
 * this link" is the same lever for the app, the tests and the simulator (framed-links.ts).
 */
import { assert } from '../../base/assert.ts';
import { toHex } from '../../base/bytes.ts';
import type { ReplicaId } from '../../base/ids.ts';
import { roomPeersMax } from '../../base/limits.ts';
import type { Random } from '../../base/ports.ts';
import { Counters } from '../../base/trace.ts';
import type { Conditioner } from '../conditioner.ts';
import { Dialer, type DialStep } from '../dialer.ts';
import { FramedLinks, type Traffic } from '../framed-links.ts';
import { anyone, type PastedDone, type PastedText } from '../pasted.ts';
import { isIntroductionWord } from '../introduction-words.ts';
import { Introductions, type IntroductionEffect } from '../introductions.ts';
import { Sessions } from '../sessions.ts';
import { askToDial, readSignalData, type Signal } from '../signals.ts';
import type { Lane, LinkId, SendResult, Transport, TransportEvent } from '../transport.ts';
import { MeetingPoints } from './meeting-points.ts';
import { PastedLinks, type Meeting } from './pasted-links.ts';
import { PeerLink } from './peer-link.ts';
import type { MakePeer, Platform } from './platform.ts';
import { ProvenLink, type LinkIdentity, type ProvenLinkEvents } from './proven-link.ts';
import type { SealedSignals } from './sealed-signals.ts';

export interface MeshConfig {
  readonly platform: Platform;
  /** Addresses of signaling servers; all are used at once. */
  readonly signalingUrls: readonly string[];
  readonly topic: string;
  readonly signals: SealedSignals;
  /** What this end proves itself with on every link. */
  readonly identity: LinkIdentity;
  readonly random: Random;
  /** Seeds the conditioner's draws. */
  readonly seed: number;
  readonly outbox: OutboxCarrier;
  /** Our session's id, 32 hex digits; drawn when absent, which it is outside of tests: it decides who dials whom. */
  readonly self?: LinkId;
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
  /** Our name in the room, and of our end of every link. */
  readonly self: LinkId;
  readonly #config: MeshConfig;
  readonly #meeting: MeetingPoints;
  readonly #dialer: Dialer;
  readonly #links = new Map<LinkId, ProvenLink>();
  readonly #sessions = new Sessions();
  readonly #introductions: Introductions;
  readonly #pasted: PastedLinks;
  readonly #subscribers = new Set<(event: TransportEvent) => void>();
  #online = true;
  /** Nobody is met before links can be made. */
  #makePeer: MakePeer | 'missing' | 'loading' = 'missing';
  #signalWork: Promise<void> = Promise.resolve();
  #dueTimer: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  constructor(config: MeshConfig) {
    this.#config = config;
    this.self = config.self ?? toHex(crypto.getRandomValues(new Uint8Array(16)));
    this.#framed = new FramedLinks(config.seed, {
      carry: (linkId, lane, frames) => this.#links.get(linkId)?.send(lane, frames) === true,
      message: (linkId, lane, bytes) => {
        if (isIntroductionWord(bytes))
          this.#introduced(this.#introductions.received(linkId, bytes, performance.now()));
        else this.#notify({ type: 'message', linkId, lane, bytes });
      },
      part: linkId => {
        this.#notify({ type: 'alive', linkId });
      },
      refusals: this.refusals,
    });
    this.#dialer = new Dialer(this.self, config.random);
    this.#introductions = new Introductions(this.self, config.random);
    this.#pasted = new PastedLinks({
      self: this.self,
      signals: config.signals,
      make: meeting => this.#make(meeting, () => undefined),
      adopt: (meeting, link) => {
        this.#adopt(meeting, link);
      },
      isLinked: peer => this.#links.get(peer)?.isOpen === true,
      nowMs: () => performance.now(),
    });
    const { platform, signalingUrls: urls, topic, random } = config;
    const { openSocket } = platform;
    this.#meeting = new MeetingPoints(
      { urls, topic, self: this.self, random, openSocket },
      {
        refused: reason => {
          this.refusals.add(reason);
        },
        state: state => {
          this.#notify({ type: 'signaling', state });
        },
        present: peer => {
          this.#meet(peer);
          this.tick();
        },
        absent: peer => {
          // After its signals, the last of which may still be being opened: an offer would be answered to nobody.
          this.#inOrder(() => {
            if (!this.#reachable(peer)) this.#leave(peer);
          });
        },
        signal: (from, body) => {
          this.#inOrder(() => this.#openSignal(from, body));
        },
      },
    );
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
    // Most links are dropped because they fell silent: whatever took this one may have taken the sockets too.
    this.#meeting.probe();
  }

  subscribe(notify: (event: TransportEvent) => void): () => void {
    this.#subscribers.add(notify);
    return () => this.#subscribers.delete(notify);
  }

  close(): void {
    this.#closed = true;
    this.#meeting.close();
    this.#pasted.close();
    for (const link of [...this.#links.values()]) link.close('closed');
    clearTimeout(this.#dueTimer);
    this.#subscribers.clear();
  }

  // ── What passes ───────────────────────────────────────────────────────────────────────────────────────────

  traffic(linkId: LinkId): Traffic | undefined {
    return this.#framed.traffic(linkId);
  }
  /** The Worker has sent so much on the link's outbox lane. */
  leftOnOutbox(linkId: LinkId, bytes: number): void {
    this.#framed.leftBeside(linkId, bytes);
  }
  /** With whom else this peer said last that it has a link. */
  neighboursOf(linkId: LinkId): ReadonlySet<LinkId> {
    return this.#introductions.wordOf(linkId);
  }

  // ── Without a server ──────────────────────────────────────────────────────────────────────────────────────

  /** A text to give to somebody who has the space's link: an offer to connect. Undefined where none can be made. */
  async offerText(): Promise<string | undefined> {
    await this.#loadPeers();
    return this.#pasted.offer();
  }
  /** The answer to an offer that one was given, to be given back. */
  async answerText(offer: string): Promise<PastedText> {
    await this.#loadPeers();
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
      for (const peer of [...this.#links.keys()]) this.#giveUp(peer, 'switched off');
      this.#dialer.clear();
    }
  }

  /** Signaling is on when the mesh is, and when what it leads to is there: fetched once, and again at the next switch if that failed. */
  #meetOthers(): void {
    if (!this.#online) this.#meeting.setOnline(false);
    else if (typeof this.#makePeer === 'function') this.#meeting.setOnline(true);
    if (this.#makePeer !== 'missing') return;
    this.#makePeer = 'loading';
    this.#loadPeers().then(
      () => {
        if (this.#online && !this.#closed) this.#meeting.setOnline(true);
      },
      () => {
        this.#makePeer = 'missing';
        this.refusals.add('links did not load');
        this.#notify({ type: 'signaling', state: 'unreachable' });
      },
    );
  }

  async #loadPeers(): Promise<void> {
    if (typeof this.#makePeer !== 'function') this.#makePeer = await this.#config.platform.loadPeers();
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

  /** Ends an attempt that has not opened: whoever is dialled no longer is watched by nobody, and would stay for ever. */
  #giveUp(peer: LinkId, reason: string): void {
    const link = this.#links.get(peer);
    if (link?.isOpen === false) link.close(reason);
  }

  #take(step: DialStep): void {
    if (step.type === 'give-up') this.#giveUp(step.peer, 'no answer');
    else if (step.type === 'ask') this.#sendSignal(step.peer, { dial: '', data: askToDial });
    else if (this.#links.size < roomPeersMax)
      this.#connect(step.peer, toHex(crypto.getRandomValues(new Uint8Array(8))), true);
    // Names cost nothing and connections do. It is tried again when its wait is over.
    else this.refusals.add('dial: crowd');
  }

  // ── Signaling ─────────────────────────────────────────────────────────────────────────────────────────────

  /** Somebody is there, by the server's or by a peer's word. */
  #meet(peer: LinkId): void {
    if (this.#online && !this.#sessions.isOld(peer) && this.#reachable(peer))
      this.#dialer.present(peer, performance.now());
  }
  #reachable(peer: LinkId): boolean {
    return this.#meeting.has(peer) || this.#introductions.knows(peer);
  }

  /** Nobody we hear of is with it any more. */
  #leave(peer: LinkId): void {
    this.#giveUp(peer, 'left');
    this.#dialer.absent(peer);
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
          if (!this.#meeting.has(effect.peer)) this.#leave(effect.peer);
          break;
        case 'refuse':
          this.refusals.add(`introduction: ${effect.reason}`);
          break;
      }
    }
  }

  /** One at a time, in order: the answers of WebCrypto may overtake each other, and sequences must rise. */
  #inOrder(work: () => Promise<void> | void): void {
    this.#signalWork = this.#signalWork.then(work, work);
  }

  async #openSignal(from: LinkId, body: string): Promise<void> {
    const opened = await this.#config.signals.open(from, this.self, body);
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
      const body = await this.#config.signals.seal(this.self, to, signal);
      if (this.#meeting.has(to)) this.#meeting.send(to, body);
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
    const makePeer = this.#makePeer;
    assert(typeof makePeer === 'function', 'nobody is met before links can be made');
    let isUp = false;
    const events: ProvenLinkEvents = {
      signal,
      open: ({ replicaId }) => {
        isUp = true;
        this.#up(meeting.peer, replicaId);
      },
      refused: reason => {
        this.refusals.add(`handshake: ${reason}`);
      },
      misreceipted: () => {
        this.refusals.add('frame: receipt');
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
        if (this.#links.get(meeting.peer) === link) this.#ended(meeting.peer, isUp ? reason : undefined);
      },
    };
    const link = new ProvenLink(
      this.#config.identity,
      events,
      toLink => new PeerLink({ dial, initiator, iceServers: this.#meeting.iceServers(), makePeer }, toLink),
    );
    return link;
  }

  #up(peer: LinkId, replicaId: ReplicaId): void {
    this.#dialer.opened(peer);
    const older = this.#sessions.proven(peer, replicaId);
    if (older !== undefined) {
      this.#meeting.forget(older);
      this.#dialer.absent(older);
      this.#links.get(older)?.close('replaced');
    }
    this.#introductions.linkUp(peer, performance.now());
    this.#notify({ type: 'link-up', linkId: peer, replicaId });
  }

  #ended(peer: LinkId, reason: string | undefined): void {
    this.#links.delete(peer);
    this.#framed.closed(peer);
    this.#sessions.ended(peer);
    this.#introduced(this.#introductions.linkDown(peer));
    this.#introductions.reroute(peer);
    this.#dialer.closed(peer, !this.#sessions.isOld(peer) && this.#reachable(peer), performance.now());
    // An attempt that came to nothing is nobody's business above.
    if (reason !== undefined) this.#notify({ type: 'link-down', linkId: peer, reason });
  }

  // ── What the conditioner holds ────────────────────────────────────────────────────────────────────────────

  #scheduleDue(): void {
    const dueMs = this.#framed.nextDueMs();
    if (dueMs === undefined || this.#dueTimer !== undefined) return;
    this.#dueTimer = setTimeout(
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
