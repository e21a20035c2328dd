/**
 * A crowd: up to some thousand members in virtual time, each the production membership with its production bytes, over links that are made, lose,
 * delay and end. Without documents, sync and disks, of which a thousand would be too many; the rest of the simulator plays those.
 *
 * Everything is drawn from the seed. A crash is silent, as a killed tab is; a freeze keeps what arrives until it ends; a throttled node's timers come
 * once a second, while what arrives is taken at once, as browsers do it.
 */
import type { ReplicaId, SpaceId } from '../../base/ids.ts';
import { replicaIdOf } from '../../base/ids.ts';
import type { Crypto } from '../../base/ports.ts';
import { SeededRandom } from '../../base/random.ts';
import type { TraceEvent } from '../../base/trace.ts';
import type { MembershipEffect, MembershipInput } from '../../membership/effects.ts';
import { Membership } from '../../membership/membership.ts';
import { encodeFrames, singlePayloadBytesMax } from '../../net/frames.ts';
import { EventHeap } from '../event-heap.ts';
import { isSignedBy, signatureOf } from '../signer.ts';
import { sharedRecords } from './shared-records.ts';

export interface CrowdOptions {
  readonly seed: number | string;
  readonly crypto: Crypto;
  /** One way, between any two: each pair draws its own. */
  readonly latencyMs: readonly [number, number];
  /** Of frames on the control lane, 0..1. The data lane repeats what is lost, and is late. */
  readonly loss: number;
  readonly traced?: boolean;
  /** Whether a meeting place names everyone who is there to everyone, cuts or not; otherwise `start` says whom one meets. */
  readonly meeting?: boolean;
}

export interface CrowdWatcher {
  /** `node` takes `replicaId` for this from now on. */
  changed?(node: CrowdNode, effect: Extract<MembershipEffect, { type: 'member-changed' }>): void;
  traced?(node: CrowdNode, event: TraceEvent): void;
  stepped?(node: CrowdNode): void;
  signs?(node: CrowdNode, message: Uint8Array): void;
}

const spaceId = 'c0'.repeat(16) as SpaceId;
const tickEveryMs = 250;
export const throttledTickMs = 1000;
/** From a dial to a link: signals to and fro, ICE, the handshake. */
const dialMs = [150, 450] as const;
/** What a lost frame on the data lane costs until it is repeated. */
const repeatMs = 300;
/** Until the meeting place notices that somebody is gone. */
const noticedMs = 1000;
const noState = new Uint8Array(8);

interface End {
  readonly peer: CrowdNode;
  /** Data comes in order: nothing arrives before what was sent earlier. */
  dataArrivesMs: number;
}

export class CrowdNode {
  readonly index: number;
  readonly replicaId: ReplicaId;
  readonly deviceKey: Uint8Array;
  readonly links = new Map<ReplicaId, End>();
  /** Undefined while it is down. */
  membership: Membership | undefined;
  /** Counts starts: what is on its way to an earlier session is lost. */
  session = 0;
  frozen = false;
  tickMs = tickEveryMs;
  sentBytes = 0;
  sentFrames = 0;
  readonly waiting: (() => void)[] = [];

  constructor(index: number, crypto: Crypto) {
    this.index = index;
    const key = new SeededRandom(`device ${String(index)}`);
    this.deviceKey = Uint8Array.from({ length: 32 }, () => key.below(256));
    this.replicaId = replicaIdOf(crypto, this.deviceKey, spaceId, 0, 0);
  }
  get isUp(): boolean {
    return this.membership !== undefined;
  }
}

export class Crowd {
  readonly nodes: CrowdNode[] = [];
  readonly watchers: CrowdWatcher[] = [];
  nowMs = 0;
  loss: number;
  readonly #options: CrowdOptions;
  readonly #heap = new EventHeap();
  readonly #random: SeededRandom;
  readonly #latencies = new Map<number, number>();
  readonly #byId = new Map<ReplicaId, CrowdNode>();
  readonly #cuts = new Map<number, number>();
  readonly #decodeRecord = sharedRecords();
  /** Signatures that hold, so that each is worked out once and not by everyone. */
  readonly #holding = new Set<number>();

  constructor(options: CrowdOptions) {
    this.#options = options;
    this.loss = options.loss;
    this.#random = new SeededRandom(options.seed);
  }

  get up(): CrowdNode[] {
    return this.nodes.filter(node => node.isUp);
  }
  byId(replicaId: ReplicaId): CrowdNode | undefined {
    return this.#byId.get(replicaId);
  }

  // ── Who takes part ────────────────────────────────────────────────────────────────────────────────────────

  add(): CrowdNode {
    const node = new CrowdNode(this.nodes.length, this.#options.crypto);
    this.nodes.push(node);
    this.#byId.set(node.replicaId, node);
    return node;
  }

  /** Opens it, under the id it always has; `meets`: whom the meeting place names. */
  start(node: CrowdNode, meets: readonly CrowdNode[]): void {
    node.session++;
    node.frozen = false;
    node.waiting.length = 0;
    const { crypto } = this.#options;
    const random = this.#random.split(`node ${String(node.index)}.${String(node.session)}`);
    const membership = new Membership({
      spaceId,
      replicaId: node.replicaId,
      deviceKey: node.deviceKey,
      slot: 0,
      logIncarnation: 0,
      versions: [1],
      profile: {
        name: `Member ${String(node.index)}`,
        colour: 1 + (node.index % 12),
        role: 'editor',
        visible: true,
      },
      crypto,
      clock: { monotonicMs: () => this.nowMs, wallMs: () => this.nowMs },
      random,
      stateHash: () => noState,
      traced: this.#options.traced === true,
      decodeRecord: this.#decodeRecord,
    });
    node.membership = membership;
    this.#do(node, membership.open());
    for (const met of meets) if (met !== node) this.step(node, { type: 'met', peer: met.replicaId });
    if (this.#options.meeting === true)
      for (const other of this.up) {
        if (other === node) continue;
        this.step(other, { type: 'met', peer: node.replicaId });
        this.step(node, { type: 'met', peer: other.replicaId });
      }
    this.#tickAgain(node, node.session, random.below(tickEveryMs));
  }

  /** Gone without a word; nobody is told, not even by its links. */
  crash(node: CrowdNode): void {
    node.membership = undefined;
    node.links.clear();
    if (this.#options.meeting !== true) return;
    this.at(this.nowMs + noticedMs, () => {
      if (!node.isUp) for (const other of this.up) this.step(other, { type: 'unmet', peer: node.replicaId });
    });
  }

  /** Says goodbye, and its links end. */
  leave(node: CrowdNode): void {
    this.step(node, { type: 'leave' });
    for (const peer of [...node.links.keys()]) this.#hangUp(node, peer);
    this.crash(node);
  }

  freeze(node: CrowdNode): void {
    node.frozen = true;
  }
  thaw(node: CrowdNode): void {
    if (!node.frozen) return;
    node.frozen = false;
    // Chromium runs what is overdue before it hands out messages, and a machine that wakes may do either: timers first is the worse.
    if (node.isUp) this.step(node, { type: 'tick' });
    for (const run of node.waiting.splice(0)) run();
  }

  /** Nothing passes between them, either way. May be nested. */
  cut(a: CrowdNode, b: CrowdNode): void {
    this.#cuts.set(pairOf(a, b), (this.#cuts.get(pairOf(a, b)) ?? 0) + 1);
  }
  mend(a: CrowdNode, b: CrowdNode): void {
    this.#cuts.set(pairOf(a, b), Math.max(0, (this.#cuts.get(pairOf(a, b)) ?? 0) - 1));
  }
  isCut(a: CrowdNode, b: CrowdNode): boolean {
    return (this.#cuts.get(pairOf(a, b)) ?? 0) > 0;
  }

  // ── Time ──────────────────────────────────────────────────────────────────────────────────────────────────

  at(atMs: number, run: () => void): void {
    this.#heap.push(atMs, run);
  }
  /** Plays until `untilMs`, or until `done`, which is asked every 10 ms, says so. Whether it did. */
  run(untilMs: number, done?: () => boolean): boolean {
    let askedMs = -Infinity;
    while (this.#heap.nextMs <= untilMs) {
      const event = this.#heap.pop();
      if (event === undefined) break;
      this.nowMs = event.atMs;
      event.run();
      if (done !== undefined && this.nowMs - askedMs >= 10) {
        askedMs = this.nowMs;
        if (done()) return true;
      }
    }
    this.nowMs = Math.max(this.nowMs, untilMs);
    return done?.() ?? false;
  }

  step(node: CrowdNode, input: MembershipInput): void {
    const { membership } = node;
    if (membership === undefined) return;
    this.#do(node, membership.step(input));
  }

  #tickAgain(node: CrowdNode, session: number, inMs: number): void {
    this.at(this.nowMs + inMs, () => {
      if (node.session !== session || !node.isUp) return;
      if (!node.frozen) {
        this.step(node, { type: 'tick' });
        for (const watcher of this.watchers) watcher.stepped?.(node);
      }
      // No timer is exact.
      this.#tickAgain(node, session, node.tickMs + this.#random.below(8));
    });
  }

  // ── Effects ───────────────────────────────────────────────────────────────────────────────────────────────

  #do(node: CrowdNode, effects: readonly MembershipEffect[]): void {
    for (const effect of effects) {
      switch (effect.type) {
        case 'sign':
          for (const watcher of this.watchers) watcher.signs?.(node, effect.message);
          this.#sign(node, effect.token, effect.message);
          break;
        case 'verify': {
          const known = this.#holding.has(numberOf(effect.signature));
          const holds = known || isSignedBy(effect.deviceKey, effect.message, effect.signature);
          this.step(node, { type: 'verified', token: effect.token, holds });
          break;
        }
        case 'send':
          this.#transmit(node, effect.peer, effect.lane, effect.bytes);
          break;
        case 'dial':
          this.#dial(node, effect.peer);
          break;
        case 'drop-link':
          this.#hangUp(node, effect.peer);
          break;
        case 'member-changed':
          for (const watcher of this.watchers) watcher.changed?.(node, effect);
          break;
        case 'trace':
          for (const watcher of this.watchers) watcher.traced?.(node, effect.event);
          break;
        case 'neighbour':
        case 'state-hash':
          break;
      }
    }
  }

  #sign(node: CrowdNode, token: number, message: Uint8Array): void {
    const signature = signatureOf(node.deviceKey, message);
    this.#holding.add(numberOf(signature));
    this.step(node, { type: 'signed', token, signature });
  }

  #latency(a: CrowdNode, b: CrowdNode): number {
    const pair = pairOf(a, b);
    let latency = this.#latencies.get(pair);
    if (latency === undefined) {
      const [least, most] = this.#options.latencyMs;
      latency = least + this.#random.split(`way ${String(pair)}`).fraction() * (most - least);
      this.#latencies.set(pair, latency);
    }
    return latency;
  }

  #transmit(node: CrowdNode, to: ReplicaId, lane: 'control' | 'data', bytes: Uint8Array): void {
    const end = node.links.get(to);
    if (end === undefined) return;
    node.sentBytes += framedBytes(bytes);
    node.sentFrames++;
    const { peer } = end;
    if (this.isCut(node, peer)) return;
    let atMs = this.nowMs + this.#latency(node, peer) + this.#random.below(4);
    if (lane === 'data') {
      while (this.#random.fraction() < this.loss) atMs += repeatMs;
      atMs = end.dataArrivesMs = Math.max(end.dataArrivesMs, atMs);
    } else if (this.#random.fraction() < this.loss) return;
    this.at(atMs, () => {
      this.#arrive(peer, node, end, bytes);
    });
  }
  #arrive(peer: CrowdNode, from: CrowdNode, end: End, bytes: Uint8Array): void {
    const take = (): void => {
      const back = peer.links.get(from.replicaId);
      // The connection it came on, and no later one.
      if (back === undefined || from.links.get(peer.replicaId) !== end) {
        if (back === undefined || from.isUp) return;
      }
      this.step(peer, { type: 'message', peer: from.replicaId, bytes });
    };
    if (!peer.isUp) return;
    if (peer.frozen) peer.waiting.push(take);
    else take();
  }

  #dial(node: CrowdNode, to: ReplicaId): void {
    const peer = this.#byId.get(to);
    if (peer === undefined) return;
    const [least, most] = dialMs;
    const [session, theirs] = [node.session, peer.session];
    this.at(this.nowMs + least + this.#random.fraction() * (most - least), () => {
      if (!node.isUp || !peer.isUp || node.session !== session || peer.session !== theirs) return;
      if (peer.frozen || node.frozen || this.isCut(node, peer) || node.links.has(to)) return;
      this.#connect(node, peer);
    });
  }
  #connect(a: CrowdNode, b: CrowdNode): void {
    // One end may still believe in a connection that the other has given up.
    for (const [one, other] of [
      [a, b],
      [b, a],
    ] as const)
      if (one.links.delete(other.replicaId)) this.step(one, { type: 'link-down', peer: other.replicaId });
    if (!a.isUp || !b.isUp) return;
    a.links.set(b.replicaId, { peer: b, dataArrivesMs: 0 });
    b.links.set(a.replicaId, { peer: a, dataArrivesMs: 0 });
    this.step(a, { type: 'link-up', peer: b.replicaId });
    this.step(b, { type: 'link-up', peer: a.replicaId });
  }

  #hangUp(node: CrowdNode, to: ReplicaId): void {
    const end = node.links.get(to);
    if (end === undefined) return;
    const { peer } = end;
    const theirs = peer.links.get(node.replicaId);
    node.links.delete(to);
    if (this.isCut(node, peer)) return;
    this.at(Math.max(this.nowMs + this.#latency(node, peer) + 4, end.dataArrivesMs), () => {
      if (theirs === undefined || peer.links.get(node.replicaId) !== theirs) return;
      const down = (): void => {
        if (peer.links.get(node.replicaId) !== theirs) return;
        peer.links.delete(node.replicaId);
        this.step(peer, { type: 'link-down', peer: node.replicaId });
      };
      if (peer.frozen) peer.waiting.push(down);
      else if (peer.isUp) down();
    });
  }
}

function pairOf(a: CrowdNode, b: CrowdNode): number {
  return Math.min(a.index, b.index) * 65_536 + Math.max(a.index, b.index);
}

/** 48 bits of a signature, which nobody here forges. */
function numberOf(signature: Uint8Array): number {
  let number = 0;
  for (let i = 0; i < 6; i++) number = number * 256 + (signature[i] as number);
  return number;
}

/** What leaves as frames. */
function framedBytes(bytes: Uint8Array): number {
  if (bytes.length <= singlePayloadBytesMax) return bytes.length + 1;
  return encodeFrames(bytes, 0).reduce((sum, frame) => sum + frame.length, 0);
}
