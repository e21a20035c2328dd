/**
 * The simulated network: channels between the sessions of nodes, and the meeting place where they find each other.
 *
 * What makes a link bad in the app makes it bad here: the production conditioner, at each end of each link, inside
 * `FramedLinks`. Below it a channel delivers in order after its latency, as SCTP over ICE does, and may clog: then
 * everything waits and comes at once. Who dials whom, and when again, is the production dialler's business.
 */
import { frameBytesMax } from '../base/limits.ts';
import type { SeededRandom } from '../base/random.ts';
import { Counters } from '../base/trace.ts';
import { clearCondition, type Condition } from '../net/condition.ts';
import { Dialer } from '../net/dialer.ts';
import { FramedLinks } from '../net/framed-links.ts';
import type { Lane, LinkId, SendResult, TransportEvent } from '../net/transport.ts';

/** Virtual time, as the network needs it. */
export interface Schedule {
  readonly nowMs: number;
  at(atMs: number, run: () => void): void;
}

/** How two nodes are joined, in one direction. */
interface Way {
  /** Under which nothing is worse than the distance. */
  latencyMs: number;
  /** How many faults cut it now. */
  cuts: number;
  /** The change that a fault made to its condition, and which fault. */
  change: { readonly condition: Partial<Condition>; readonly by: object } | undefined;
  clogs: number;
  /** What waits for the clog to end. */
  held: (() => void)[];
}

type Side = 0 | 1;

/** One connection; each end believes in it for itself. */
interface Channel {
  readonly ends: readonly [Session, Session];
  readonly up: [boolean, boolean];
  readonly dataArrivesMs: [number, number];
}

export class Network {
  /** Bytes of the frames that arrived. */
  arrivedBytes = 0;
  readonly #schedule: Schedule;
  readonly #ways = new Map<number, Way>();
  readonly #room = new Map<LinkId, Session>();
  readonly #latency: (from: number, to: number) => number;
  #weather: Partial<Condition>;
  #signalingUp = true;

  /** `weather`: what every link is like when no fault touches it. */
  constructor(
    schedule: Schedule,
    latency: (from: number, to: number) => number,
    weather: Partial<Condition>,
  ) {
    this.#schedule = schedule;
    this.#latency = latency;
    this.#weather = weather;
  }

  get schedule(): Schedule {
    return this.#schedule;
  }
  get signalingUp(): boolean {
    return this.#signalingUp;
  }

  way(from: number, to: number): Way {
    const key = from * 1024 + to;
    let way = this.#ways.get(key);
    if (way === undefined) {
      way = { latencyMs: this.#latency(from, to), cuts: 0, change: undefined, clogs: 0, held: [] };
      this.#ways.set(key, way);
    }
    return way;
  }

  isCut(from: number, to: number): boolean {
    return (this.#ways.get(from * 1024 + to)?.cuts ?? 0) > 0;
  }

  // ── Faults ────────────────────────────────────────────────────────────────────────────────────────────────

  cut(from: number, to: number): void {
    this.way(from, to).cuts++;
    this.#apply(from, to);
  }
  mend(from: number, to: number): void {
    const way = this.way(from, to);
    way.cuts = Math.max(0, way.cuts - 1);
    this.#apply(from, to);
  }
  shape(from: number, to: number, condition: Partial<Condition>, by: object): void {
    this.way(from, to).change = { condition, by };
    this.#apply(from, to);
  }
  unshape(from: number, to: number, by: object): void {
    const way = this.way(from, to);
    if (way.change?.by !== by) return;
    way.change = undefined;
    this.#apply(from, to);
  }
  clog(from: number, to: number): void {
    this.way(from, to).clogs++;
  }
  unclog(from: number, to: number): void {
    const way = this.way(from, to);
    way.clogs = Math.max(0, way.clogs - 1);
    if (way.clogs > 0) return;
    const held = way.held;
    way.held = [];
    for (const run of held) this.#schedule.at(this.#schedule.nowMs, run);
  }
  setSignaling(up: boolean): void {
    this.#signalingUp = up;
    for (const session of [...this.#room.values()]) session.signalingChanged(up);
  }
  /** No faults any more, and fair weather if that is asked for. */
  heal(): void {
    this.#weather = {};
    for (const [key, way] of this.#ways) {
      const [from, to] = [Math.floor(key / 1024), key % 1024];
      way.cuts = 0;
      way.change = undefined;
      way.clogs = Math.min(way.clogs, 1);
      this.unclog(from, to);
      this.#apply(from, to);
    }
    if (!this.#signalingUp) this.setSignaling(true);
  }

  condition(from: number, to: number): Condition {
    const { change, cuts } = this.way(from, to);
    return { ...clearCondition, ...this.#weather, ...change?.condition, cut: cuts > 0 };
  }

  #apply(from: number, to: number): void {
    for (const session of this.#room.values()) if (session.node === from) session.condition(to);
  }

  // ── Meeting ───────────────────────────────────────────────────────────────────────────────────────────────

  join(session: Session): void {
    for (const other of this.#room.values()) {
      if (other === session) continue;
      session.hearsOf(other.id);
      other.hearsOf(session.id);
    }
    this.#room.set(session.id, session);
    // What has been cut or mended while it was away.
    for (const to of session.nodes()) session.condition(to);
  }
  leave(session: Session): void {
    if (!this.#room.delete(session.id)) return;
    for (const other of this.#room.values()) other.hearsNoMoreOf(session.id);
  }
  find(id: LinkId): Session | undefined {
    return this.#room.get(id);
  }

  /** An offer and an answer through the meeting place, then ICE: two round trips, if the way is free. */
  dial(from: Session, to: Session): void {
    const tripMs = this.way(from.node, to.node).latencyMs + this.way(to.node, from.node).latencyMs;
    const free = () =>
      this.#signalingUp && !this.isCut(from.node, to.node) && !this.isCut(to.node, from.node);
    if (!free()) return;
    this.#schedule.at(this.#schedule.nowMs + 2 * tripMs + 20, () => {
      if (!free() || !from.alive || !to.alive || !from.online || !to.online) return;
      const channel: Channel = { ends: [from, to], up: [true, true], dataArrivesMs: [0, 0] };
      from.opened(to.id, channel, 0);
      to.opened(from.id, channel, 1);
    });
  }

  // ── Carrying ──────────────────────────────────────────────────────────────────────────────────────────────

  transmit(channel: Channel, side: Side, lane: Lane, frames: readonly Uint8Array[]): void {
    const [from, to] = [channel.ends[side], channel.ends[(1 - side) as Side]];
    const way = this.way(from.node, to.node);
    let atMs = this.#schedule.nowMs + way.latencyMs;
    if (lane === 'data') atMs = channel.dataArrivesMs[side] = Math.max(atMs, channel.dataArrivesMs[side]);
    const arrive = () => {
      // What comes after a clog began waits, and what comes behind that keeps its place.
      if (way.clogs > 0 || (way.held.length > 0 && lane === 'data')) way.held.push(arrive);
      else if (channel.up[(1 - side) as Side]) to.take(from.id, lane, frames);
    };
    this.#schedule.at(atMs, arrive);
  }
}

export interface SessionEvents {
  readonly event: (event: TransportEvent) => void;
  /** Runs what a frame brings when the node can: a frozen tab's channel keeps it. */
  readonly whenAwake: (lane: Lane, run: () => void) => void;
}

/** A node's end of its links while one process runs: the Transport port, and what only the simulator does with it. */
export class Session {
  readonly id: LinkId;
  readonly node: number;
  readonly framed: FramedLinks;
  readonly refusals = new Counters();
  alive = true;
  online = true;
  /** Of the frames that arrived here. */
  arrivedBytes = 0;
  readonly #network: Network;
  readonly #events: SessionEvents;
  readonly #dialer: Dialer;
  readonly #channels = new Map<LinkId, { readonly channel: Channel; readonly side: Side }>();
  readonly #switchedOff = new Set<LinkId>();
  #flushAtMs = Infinity;

  constructor(network: Network, node: number, id: LinkId, random: SeededRandom, events: SessionEvents) {
    this.#network = network;
    this.node = node;
    this.id = id;
    this.#events = events;
    this.#dialer = new Dialer(id, random.split('dialler'));
    // One seed a node, not a session: the draws of a link hang on its two names already.
    this.framed = new FramedLinks(random.below(2 ** 32), {
      carry: (linkId, lane, frames) => this.#carry(linkId, lane, frames),
      message: (linkId, lane, bytes) => {
        this.#events.event({ type: 'message', linkId, lane, bytes });
      },
      refusals: this.refusals,
    });
  }

  get nowMs(): number {
    return this.#network.schedule.nowMs;
  }
  get links(): Iterable<LinkId> {
    return this.#channels.keys();
  }
  /** At the other ends of its links. */
  nodes(): number[] {
    return Array.from(this.#channels.values(), ({ channel, side }) => channel.ends[(1 - side) as Side].node);
  }

  join(): void {
    if (!this.#network.signalingUp) {
      this.#events.event({ type: 'signaling', state: 'unreachable' });
      return;
    }
    this.#network.join(this);
    this.#events.event({ type: 'signaling', state: 'connected' });
  }

  // ── Transport ─────────────────────────────────────────────────────────────────────────────────────────────

  send(linkId: LinkId, lane: Lane, bytes: Uint8Array): SendResult {
    if (!this.#channels.has(linkId)) return { ok: false, reason: 'closed' };
    const sent = this.framed.send(linkId, lane, bytes, this.nowMs);
    this.#scheduleFlush();
    return sent;
  }

  isClear(linkId: LinkId): boolean {
    return this.#channels.has(linkId) && this.framed.conditioner.isClear(linkId, 'out');
  }

  /** A frame of the outbox lane, which passes the conditioner by. */
  sendClear(linkId: LinkId, frame: Uint8Array): boolean {
    return this.online && !this.#switchedOff.has(linkId) && this.#carry(linkId, 'data', [frame]);
  }

  /** Says goodbye on one link. */
  drop(linkId: LinkId, reason: string): void {
    const found = this.#channels.get(linkId);
    if (found === undefined) return;
    const { channel, side } = found;
    this.#closed(linkId, reason);
    const other = channel.ends[(1 - side) as Side];
    const way = this.#network.way(this.node, other.node);
    if (way.cuts > 0 || !this.online) return;
    this.#network.schedule.at(this.nowMs + way.latencyMs + 24, () => {
      if (channel.up[(1 - side) as Side]) other.hungUp(this.id, channel);
    });
  }

  setOnline(online: boolean): void {
    this.online = online;
    this.framed.conditioner.setOnline(online);
    if (online) {
      this.join();
      this.#dialer.hurry(this.nowMs);
    } else {
      this.#network.leave(this);
      this.#dialer.clear();
    }
  }

  setLink(linkId: LinkId, on: boolean): void {
    if (on) this.#switchedOff.delete(linkId);
    else this.#switchedOff.add(linkId);
    this.framed.conditioner.set(linkId, 'in', { cut: !on });
    const other = this.#channels.get(linkId)?.channel.ends.find(end => end !== this);
    if (other !== undefined) this.condition(other.node);
    if (on) this.#dialer.hurry(this.nowMs, linkId);
  }

  tick(): void {
    if (!this.alive) return;
    this.framed.expire(this.nowMs);
    if (!this.online) return;
    if (this.#network.find(this.id) === undefined && this.#network.signalingUp) this.join();
    for (const step of this.#dialer.due(this.nowMs)) {
      const peer = this.#network.find(step.peer);
      if (step.type === 'give-up') this.#dialer.closed(step.peer, peer !== undefined, this.nowMs);
      else if (step.type === 'ask') peer?.askedToDial(this.id);
      else {
        this.#dialer.dialling(step.peer, this.nowMs);
        if (peer !== undefined && this.#network.find(this.id) === this) this.#network.dial(this, peer);
      }
    }
  }

  /** Goodbye to all. */
  close(): void {
    for (const linkId of [...this.#channels.keys()]) this.drop(linkId, 'closed');
    this.vanish();
  }

  /** Gone without a word; the meeting place notices after a second. */
  vanish(): void {
    this.alive = false;
    for (const { channel, side } of this.#channels.values()) channel.up[side] = false;
    this.#channels.clear();
    this.#network.schedule.at(this.nowMs + 1000, () => {
      this.#network.leave(this);
    });
  }

  // ── What the network tells ────────────────────────────────────────────────────────────────────────────────

  hearsOf(peer: LinkId): void {
    this.#dialer.present(peer, this.nowMs);
  }
  hearsNoMoreOf(peer: LinkId): void {
    this.#dialer.absent(peer);
  }
  askedToDial(peer: LinkId): void {
    if (!this.alive || !this.online) return;
    if (this.#channels.has(peer)) this.drop(peer, 'asked to redial');
    this.#dialer.hurry(this.nowMs, peer);
  }
  signalingChanged(up: boolean): void {
    if (up) return;
    this.#network.leave(this);
    this.#events.event({ type: 'signaling', state: 'unreachable' });
  }

  opened(linkId: LinkId, channel: Channel, side: Side): void {
    if (this.#channels.has(linkId)) this.#closed(linkId, 'redialled');
    this.#dialer.opened(linkId);
    this.#channels.set(linkId, { channel, side });
    this.framed.opened(linkId);
    this.condition(channel.ends[(1 - side) as Side].node);
    this.#events.whenAwake('data', () => {
      if (this.#channels.get(linkId)?.channel === channel) this.#events.event({ type: 'link-up', linkId });
    });
  }

  hungUp(linkId: LinkId, channel: Channel): void {
    if (this.#channels.get(linkId)?.channel === channel) this.#closed(linkId, 'goodbye');
  }

  take(linkId: LinkId, lane: Lane, frames: readonly Uint8Array[]): void {
    this.#events.whenAwake(lane, () => {
      if (!this.#channels.has(linkId)) return;
      for (const frame of frames) {
        this.arrivedBytes += frame.length;
        this.#network.arrivedBytes += frame.length;
        // The channel's buffer is its own: whoever keeps a view of it finds it overwritten.
        const lent = frame.slice();
        this.framed.arrived(linkId, lane, lent, this.nowMs);
        // Full ones belong to longer messages and are kept until those are whole.
        if (frame.length < frameBytesMax) lent.fill(0xee);
      }
      this.#scheduleFlush();
    });
  }

  /** The condition of the way to `node` has changed. */
  condition(node: number): void {
    for (const [linkId, { channel, side }] of this.#channels) {
      if (channel.ends[(1 - side) as Side].node !== node) continue;
      const condition = this.#network.condition(this.node, node);
      const cut = condition.cut || this.#switchedOff.has(linkId);
      this.framed.conditioner.set(linkId, 'out', { ...condition, cut });
    }
  }

  #closed(linkId: LinkId, reason: string): void {
    const found = this.#channels.get(linkId);
    if (found === undefined) return;
    found.channel.up[found.side] = false;
    this.#channels.delete(linkId);
    this.framed.closed(linkId);
    this.#dialer.closed(linkId, this.#network.find(linkId) !== undefined, this.nowMs);
    this.#events.whenAwake('data', () => {
      this.#events.event({ type: 'link-down', linkId, reason });
    });
  }

  #carry(linkId: LinkId, lane: Lane, frames: readonly Uint8Array[]): boolean {
    const found = this.#channels.get(linkId);
    if (found === undefined) return false;
    this.#network.transmit(found.channel, found.side, lane, frames);
    return true;
  }

  #scheduleFlush(): void {
    const dueMs = this.framed.nextDueMs();
    if (dueMs === undefined || dueMs >= this.#flushAtMs) return;
    const atMs = Math.max(dueMs, this.nowMs);
    this.#flushAtMs = atMs;
    this.#network.schedule.at(atMs, () => {
      if (this.#flushAtMs !== atMs || !this.alive) return;
      this.#flushAtMs = Infinity;
      this.framed.deliverDue(this.nowMs);
      this.#scheduleFlush();
    });
  }
}
