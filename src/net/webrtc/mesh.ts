/**
 * The Transport port on WebRTC: a full mesh of the peers in one room. Peers meet through the signaling
 * server, then it is not needed. Between the channels and whoever listens sits the conditioner, so that "cut
 * this link" is the same lever for the app, the tests and the simulator (framed-links.ts).
 */
import type SimplePeer from 'simple-peer';
import { assert } from '../../base/assert.ts';
import { toHex } from '../../base/bytes.ts';
import type { Random } from '../../base/ports.ts';
import { Counters } from '../../base/trace.ts';
import type { Conditioner } from '../conditioner.ts';
import { Dialer, type DialStep } from '../dialer.ts';
import { FramedLinks } from '../framed-links.ts';
import type { Lane, LinkId, SendResult, Transport, TransportEvent } from '../transport.ts';
import { MeetingPoints } from './meeting-points.ts';
import { PeerLink } from './peer-link.ts';
import type { MakePeer, Platform } from './platform.ts';
import type { SealedSignals } from './sealed-signals.ts';

export interface MeshConfig {
  readonly platform: Platform;
  /** Addresses of signaling servers; all are used at once. */
  readonly signalingUrls: readonly string[];
  readonly topic: string;
  readonly signals: SealedSignals;
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

/** Asks the other side, which dials by rule, to do so now. */
const askToDial = 'dial-me';

export class Mesh implements Transport {
  /** Frames, signals and messages of the server that were malformed or dropped, by reason. */
  readonly refusals = new Counters();
  readonly #framed: FramedLinks;
  /** Our name in the room, and of our end of every link. */
  readonly self: LinkId;
  readonly #config: MeshConfig;
  readonly #meeting: MeetingPoints;
  readonly #dialer: Dialer;
  readonly #links = new Map<LinkId, PeerLink>();
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
        this.#notify({ type: 'message', linkId, lane, bytes });
      },
      part: linkId => {
        this.#notify({ type: 'alive', linkId });
      },
      refusals: this.refusals,
    });
    this.#dialer = new Dialer(this.self, config.random);
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
          this.#dialer.present(peer, performance.now());
          this.tick();
        },
        absent: peer => {
          this.#giveUp(peer, 'left');
          this.#dialer.absent(peer);
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
    this.#config.platform.loadPeers().then(
      makePeer => {
        this.#makePeer = makePeer;
        if (this.#online && !this.#closed) this.#meeting.setOnline(true);
      },
      () => {
        this.#makePeer = 'missing';
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
    for (const link of this.#links.values()) link.tick();
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
    else if (step.type === 'ask') this.#sendSignal(step.peer, '', askToDial);
    else this.#connect(step.peer, toHex(crypto.getRandomValues(new Uint8Array(8))), true);
  }

  // ── Signaling ─────────────────────────────────────────────────────────────────────────────────────────────

  /** One at a time, in order: the answers of WebCrypto may overtake each other, and sequences must rise. */
  #inOrder(work: () => Promise<void>): void {
    this.#signalWork = this.#signalWork.then(work, work);
  }

  async #openSignal(from: LinkId, body: string): Promise<void> {
    const signal = await this.#config.signals.open(from, this.self, body);
    if (this.#closed || !this.#online) return;
    if (signal === undefined) {
      this.refusals.add('signal: seal');
      return;
    }
    if (signal.data === askToDial) {
      if (this.#links.get(from)?.isOpen === true) this.#links.get(from)?.close('asked to redial');
      this.#dialer.hurry(performance.now(), from);
      this.tick();
      return;
    }
    const data = parseSignal(signal.data);
    if (data === undefined) {
      this.refusals.add('signal: form');
      return;
    }
    if ('type' in data && data.type === 'offer' && this.#links.get(from)?.dial !== signal.dial) {
      this.#connect(from, signal.dial, false);
    }
    const link = this.#links.get(from);
    if (link?.dial === signal.dial) link.signal(data);
    else this.refusals.add('signal: stale');
  }

  #sendSignal(to: LinkId, dial: string, data: unknown): void {
    this.#inOrder(async () => {
      const body = await this.#config.signals.seal(this.self, to, { dial, data });
      this.#meeting.send(to, body);
    });
  }

  // ── Connections ───────────────────────────────────────────────────────────────────────────────────────────

  #connect(peer: LinkId, dial: string, initiator: boolean): void {
    const makePeer = this.#makePeer;
    assert(typeof makePeer === 'function', 'nobody is met before links can be made');
    this.#links.get(peer)?.close('redialled');
    let isUp = false;
    this.#dialer.dialling(peer, performance.now());
    const link = new PeerLink(
      { dial, initiator, iceServers: this.#meeting.iceServers(), makePeer },
      {
        signal: data => {
          this.#sendSignal(peer, dial, data);
        },
        open: () => {
          isUp = true;
          this.#dialer.opened(peer);
          this.#notify({ type: 'link-up', linkId: peer });
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
          this.#dialer.closed(peer, this.#meeting.has(peer), performance.now());
          // An attempt that came to nothing is nobody's business above.
          if (isUp) this.#notify({ type: 'link-down', linkId: peer, reason });
        },
      },
    );
    this.#links.set(peer, link);
    this.#framed.opened(peer);
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

/** Only what simple-peer understands reaches it: an SDP or a candidate. */
function parseSignal(data: unknown): SimplePeer.SignalData | undefined {
  if (typeof data !== 'object' || data === null) return undefined;
  const { type, sdp, candidate } = data as Record<string, unknown>;
  if ((type === 'offer' || type === 'answer') && typeof sdp === 'string') return { type, sdp };
  if (typeof candidate === 'object' && candidate !== null) {
    return { type: 'candidate', candidate: candidate as RTCIceCandidate };
  }
  return undefined;
}
