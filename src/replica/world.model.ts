/**
 * A small world for replicas, in one process and in virtual time: disks that take a while or are full, links
 * that delay, lose, repeat, reorder and can be cut one way, crashes, power cuts, two tabs on one disk. All
 * chance comes from one seed, so a failing run repeats.
 *
 * Whatever a test does, the world itself checks after every step that
 * - the editor, a plain string changed only by local edits and `text-changed`, equals the document;
 * - no batch is sent, and no clock that covers it, before the sender's disk confirmed it;
 * - bytes that were handed to a replica are not used later: they are overwritten after the step.
 */
import { assert, assertNever } from '../base/assert.ts';
import { concatBytes, equalBytes, utf8 } from '../base/bytes.ts';
import { firstPageIdOf, replicaIdOf, type BatchId, type DocumentId, type ReplicaId } from '../base/ids.ts';
import { SeededRandom } from '../base/random.ts';
import { spaceKeysOf } from '../base/space-keys.ts';
import { covers, mergeInto, type ReadonlyVectorClock, type VectorClock } from '../clocks/vector-clock.ts';
import type { TextChange } from '../crdt/text/messages.ts';
import type { Lane, LinkId } from '../net/transport.ts';
import { decodeBatch } from '../sync/batch.ts';
import { nobleCrypto } from '../sync/crypto.ts';
import { decodeSyncMessage } from '../sync/messages.ts';
import { Disk } from './disk.model.ts';
import { fillIn } from './driver.ts';
import type { Effect, Input } from './effects.ts';
import { Replica } from './replica.ts';

export const keys = spaceKeysOf(nobleCrypto, new Uint8Array(32).fill(7));
export const page = firstPageIdOf(nobleCrypto, keys.spaceId);
/** The wall clock when virtual time begins. */
export const epochMs = 1_800_000_000_000;

/** 64 bytes that only this key and message give: stands in for Ed25519, whose forging nobody here tries. */
export function signatureOf(deviceKey: Uint8Array, message: Uint8Array): Uint8Array {
  const half = (mark: string) => nobleCrypto.hmacSha256(deviceKey, concatBytes(utf8(mark), message));
  return concatBytes(half('first'), half('second'));
}

export function deviceOf(device: number): { deviceKey: Uint8Array; sealingKey: Uint8Array } {
  return {
    deviceKey: nobleCrypto.sha256(utf8(`device ${String(device)}`)),
    sealingKey: nobleCrypto.sha256(utf8(`sealing ${String(device)}`)),
  };
}

export function applyChanges(text: string, changes: readonly TextChange[]): string {
  for (const { from, to, insert } of changes) {
    assert(from >= 0 && from <= to && to <= text.length, 'a change lies inside the text');
    text = text.slice(0, from) + insert + text.slice(to);
  }
  return text;
}

/** One direction between two peers. Shares are in [0, 1]. */
export interface Direction {
  cut: boolean;
  loss: number;
  /** Control lane only: data is a reliable, ordered channel while it lives. */
  duplicate: number;
  delayMs: number;
  /** On the control lane it reorders; data keeps its order. */
  jitterMs: number;
}

/** A replica's place in the world, which outlives its crashes. */
export interface Peer {
  readonly index: number;
  readonly replicaId: ReplicaId;
  readonly device: number;
  readonly slot: number;
  readonly disk: Disk;
  readonly direction: Map<number, Direction>;
  replica: Replica;
  running: boolean;
  /** Counts starts: what was under way for an earlier one reaches nobody. */
  session: number;
  wallOffsetMs: number;
  editors: Map<DocumentId, string>;
  /** What its disk confirmed, or held when it opened: what it may send. */
  confirmed: Set<BatchId>;
  confirmedClock: VectorClock;
  bytesReceived: number;
  dueAtMs: number;
  readonly batchesSent: BatchId[];
  readonly drops: string[];
}

interface WorldLink {
  readonly linkId: LinkId;
  readonly ends: readonly [Peer, Peer];
  readonly up: [boolean, boolean];
  readonly dataArrivesMs: [number, number];
}

export interface Sent {
  readonly from: number;
  readonly to: number;
  readonly lane: Lane;
  readonly bytes: Uint8Array;
}

export interface WorldOptions {
  readonly seed?: number | string;
  /** Replicas, each on a device of its own, linked with all others. */
  readonly replicas?: number;
}

export class World {
  nowMs = 0;
  readonly peers: Peer[] = [];
  /** Own batches whose author's disk confirmed them, per replica: these must never be lost. */
  readonly promised: VectorClock = new Map();
  /** Whoever wants to see every message that is sent. */
  onSend: ((sent: Sent) => void) | undefined;
  /** Pairs that shall have a link; all by default. */
  linked: (a: Peer, b: Peer) => boolean = () => true;
  /** How often a pair without a whole link dials. */
  readonly redialEveryMs = 400;
  readonly #random: SeededRandom;
  readonly #disks = new Map<number, Disk>();
  readonly #links: WorldLink[] = [];
  #queue: { atMs: number; order: number; run: () => void }[] = [];
  #order = 0;
  #linkCount = 0;

  constructor({ seed = 1, replicas = 0 }: WorldOptions = {}) {
    this.#random = new SeededRandom(`world ${String(seed)}`);
    for (let i = 0; i < replicas; i++) this.add({ device: i });
    const dial = () => {
      this.#dial();
      this.#at(this.redialEveryMs, dial);
    };
    this.#at(0, dial);
  }

  // ── Replicas ──────────────────────────────────────────────────────────────────────────────────────────────

  add({ device, slot = 0 }: { device: number; slot?: number }): Peer {
    let disk = this.#disks.get(device);
    if (disk === undefined) this.#disks.set(device, (disk = new Disk()));
    const { deviceKey } = deviceOf(device);
    const peer: Peer = {
      index: this.peers.length,
      replicaId: replicaIdOf(nobleCrypto, deviceKey, keys.spaceId, slot, 0),
      device,
      slot,
      disk,
      direction: new Map(),
      replica: undefined as unknown as Replica,
      running: false,
      session: 0,
      wallOffsetMs: 0,
      editors: new Map(),
      confirmed: new Set(),
      confirmedClock: new Map(),
      bytesReceived: 0,
      dueAtMs: Infinity,
      batchesSent: [],
      drops: [],
    };
    this.peers.push(peer);
    this.open(peer.index);
    return peer;
  }

  /** Starts a replica from what its disk holds. */
  open(index: number): void {
    const peer = this.peer(index);
    if (peer.running) return;
    peer.running = true;
    const session = ++peer.session;
    const stored = peer.disk.load();
    peer.replica = new Replica(
      {
        keys,
        replicaId: peer.replicaId,
        incarnation: 0,
        slot: peer.slot,
        device: deviceOf(peer.device),
        crypto: nobleCrypto,
        clock: {
          monotonicMs: () => this.nowMs,
          wallMs: () => epochMs + Math.floor(this.nowMs) + peer.wallOffsetMs,
        },
      },
      stored,
    );
    peer.editors = new Map([[page, peer.replica.text(page).toString()]]);
    peer.confirmed = peer.disk.ids();
    peer.confirmedClock = new Map(peer.replica.clock);
    peer.dueAtMs = Infinity;
    const tick = () => {
      if (peer.session !== session || !peer.running) return;
      this.step(index, { type: 'tick' });
      this.#at(250, tick);
    };
    this.#at(this.#random.below(250), tick);
    this.#take(peer, peer.replica.open({ name: `Peer ${String(index)}`, colour: 1 + (index % 12) }));
    this.step(index, { type: 'signaling', state: 'connected' });
  }

  /**
   * Stops a replica between two inputs. Its links stay half open on the other side. With `power`, the disk
   * forgets what no strict transaction flushed.
   */
  crash(index: number, power = false): void {
    const peer = this.peer(index);
    if (power) peer.disk.powerCut();
    if (!peer.running) return;
    peer.running = false;
    peer.session++;
    for (const link of this.#links) {
      const end = link.ends.indexOf(peer);
      if (end >= 0) link.up[end as 0 | 1] = false;
    }
  }

  /** Closes the tab with a goodbye on each link. */
  close(index: number): void {
    const peer = this.peer(index);
    for (const link of this.#links) {
      const end = link.ends.indexOf(peer) as 0 | 1 | -1;
      if (end >= 0 && link.up[end as 0 | 1]) this.#hangUp(link, end as 0 | 1, 'goodbye');
    }
    this.crash(index);
  }

  peer(index: number): Peer {
    const peer = this.peers[index];
    assert(peer !== undefined, `there is a peer ${String(index)}`);
    return peer;
  }
  running(): Peer[] {
    return this.peers.filter(peer => peer.running);
  }
  textOf(index: number, documentId = page): string {
    return this.peer(index).replica.text(documentId).toString();
  }

  edit(index: number, changes: readonly TextChange[], documentId = page): void {
    const peer = this.peer(index);
    const effects = peer.replica.edit(documentId, changes);
    peer.editors.set(documentId, applyChanges(this.#editor(peer, documentId), changes));
    this.#checkEditor(peer, documentId);
    this.#take(peer, effects);
  }
  /** Types at the end of the page, or at `position`. */
  type(index: number, insert: string, position = this.textOf(index).length): void {
    this.edit(index, [{ from: position, to: position, insert }]);
  }

  step(index: number, input: Input): void {
    const peer = this.peer(index);
    if (peer.running) this.#take(peer, peer.replica.step(input));
  }

  // ── Links ─────────────────────────────────────────────────────────────────────────────────────────────────

  direction(from: number, to: number): Direction {
    const { direction } = this.peer(from);
    let found = direction.get(to);
    if (found === undefined) {
      direction.set(to, (found = { cut: false, loss: 0, duplicate: 0, delayMs: 20, jitterMs: 10 }));
    }
    return found;
  }
  /** Changes both directions of a pair. */
  shape(a: number, b: number, change: Partial<Direction>): void {
    Object.assign(this.direction(a, b), change);
    Object.assign(this.direction(b, a), change);
  }
  shapeAll(change: Partial<Direction>): void {
    for (const a of this.peers) for (const b of this.peers) if (a !== b) this.shape(a.index, b.index, change);
  }
  partition(...groups: readonly number[][]): void {
    for (const a of this.peers) {
      for (const b of this.peers) {
        const together = groups.some(group => group.includes(a.index) && group.includes(b.index));
        if (a !== b) this.direction(a.index, b.index).cut = !together;
      }
    }
  }
  heal(): void {
    this.shapeAll({ cut: false, loss: 0, duplicate: 0 });
  }
  linksOf(index: number): LinkId[] {
    const peer = this.peer(index);
    return this.#links
      .filter(link => link.up.some((up, end) => up && link.ends[end as 0 | 1] === peer))
      .map(link => link.linkId);
  }

  /** Opens one more link between two running peers, whatever links there are. */
  connect(a: number, b: number): LinkId {
    const linkId = `link ${String(++this.#linkCount)}`;
    const ends: [Peer, Peer] = [this.peer(a), this.peer(b)];
    const link: WorldLink = { linkId, ends, up: [true, true], dataArrivesMs: [0, 0] };
    this.#links.push(link);
    for (const end of ends) this.step(end.index, { type: 'link-up', linkId });
    return linkId;
  }

  #dial(): void {
    for (const a of this.peers) {
      for (const b of this.peers) {
        if (a.index >= b.index || !a.running || !b.running || !this.linked(a, b)) continue;
        if (this.direction(a.index, b.index).cut || this.direction(b.index, a.index).cut) continue;
        const whole = this.#links.some(
          ({ ends, up }) => up[0] && up[1] && ends.includes(a) && ends.includes(b),
        );
        if (!whole) this.connect(a.index, b.index);
      }
    }
    for (let i = this.#links.length - 1; i >= 0; i--) {
      if (this.#links[i]?.up.every(up => !up) === true) this.#links.splice(i, 1);
    }
  }

  /** One end closes; the other hears of it unless the way there is cut. */
  #hangUp(link: WorldLink, end: 0 | 1, reason: string): void {
    link.up[end] = false;
    const [from, to] = [link.ends[end], link.ends[1 - end] as Peer];
    if (this.direction(from.index, to.index).cut) return;
    const session = to.session;
    this.#at(20, () => {
      if (to.session !== session || !link.up[(1 - end) as 0 | 1]) return;
      link.up[(1 - end) as 0 | 1] = false;
      this.step(to.index, { type: 'link-down', linkId: link.linkId, reason });
    });
  }

  #send(from: Peer, linkId: LinkId, lane: Lane, bytes: Uint8Array): void {
    this.#checkSend(from, bytes);
    const link = this.#links.find(candidate => candidate.linkId === linkId);
    const end = link?.ends.indexOf(from) as 0 | 1;
    if (!link?.up[end]) return;
    const to = link.ends[1 - end] as Peer;
    this.onSend?.({ from: from.index, to: to.index, lane, bytes });
    const direction = this.direction(from.index, to.index);
    const copies = lane === 'control' && this.#chance(direction.duplicate) ? 2 : 1;
    for (let copy = 0; copy < copies; copy++) {
      if (direction.cut || this.#chance(direction.loss)) continue;
      let atMs = this.nowMs + direction.delayMs + this.#random.fraction() * direction.jitterMs;
      if (lane === 'data') atMs = link.dataArrivesMs[end] = Math.max(atMs, link.dataArrivesMs[end]);
      const session = to.session;
      this.#at(atMs - this.nowMs, () => {
        // A cut takes along what was under way.
        if (direction.cut || to.session !== session || !link.up[(1 - end) as 0 | 1]) return;
        to.bytesReceived += bytes.length;
        const lent = bytes.slice();
        this.step(to.index, { type: 'message', linkId, lane, bytes: lent });
        lent.fill(0xee);
      });
    }
  }

  // ── Effects ───────────────────────────────────────────────────────────────────────────────────────────────

  #take(peer: Peer, effects: readonly Effect[]): void {
    for (const effect of effects) this.#effect(peer, effect);
    for (const effect of effects)
      if (effect.type === 'text-changed') this.#checkEditor(peer, effect.documentId);
    const dueAtMs = peer.replica.nextDueMs();
    if (dueAtMs === undefined || !peer.running) return;
    if (dueAtMs >= peer.dueAtMs && peer.dueAtMs > this.nowMs) return;
    const session = peer.session;
    peer.dueAtMs = Math.max(dueAtMs, this.nowMs + 1);
    this.#at(peer.dueAtMs - this.nowMs, () => {
      if (peer.session !== session) return;
      peer.dueAtMs = Infinity;
      this.step(peer.index, { type: 'tick' });
    });
  }

  #effect(peer: Peer, effect: Effect): void {
    switch (effect.type) {
      case 'verify': {
        const holds = equalBytes(signatureOf(effect.deviceKey, effect.message), effect.signature);
        this.#answer(peer, 1 + this.#random.below(3), { type: 'verified', token: effect.token, holds });
        break;
      }
      case 'commit':
        this.#commit(peer, effect);
        break;
      case 'send':
        this.#send(peer, effect.linkId, effect.lane, effect.bytes);
        break;
      case 'drop-link': {
        peer.drops.push(effect.reason);
        const link = this.#links.find(({ linkId }) => linkId === effect.linkId);
        if (link !== undefined) this.#hangUp(link, link.ends.indexOf(peer) as 0 | 1, 'closed');
        break;
      }
      case 'text-changed': {
        const before = this.#editor(peer, effect.documentId);
        peer.editors.set(effect.documentId, applyChanges(before, effect.changes));
        break;
      }
      case 'presence-changed':
      case 'status-changed':
      case 'trace':
        break;
      default:
        assertNever(effect);
    }
  }

  #answer(peer: Peer, afterMs: number, input: Input): void {
    const { session } = peer;
    this.#at(afterMs, () => {
      if (peer.session === session) this.step(peer.index, input);
    });
  }

  /** Signs, which takes a moment, then keeps. A crash before the transaction was begun undoes everything. */
  #commit(peer: Peer, effect: Extract<Effect, { type: 'commit' }>): void {
    const { sign } = effect;
    if (sign === undefined) {
      this.#keep(peer, effect, undefined);
      return;
    }
    const { session } = peer;
    this.#at(1, () => {
      if (peer.session !== session) return;
      this.#keep(peer, effect, signatureOf(deviceOf(peer.device).deviceKey, sign.message));
    });
  }

  /** A transaction that was begun takes effect even if its tab crashes before the answer. */
  #keep(
    peer: Peer,
    { token, transaction, sign, push }: Extract<Effect, { type: 'commit' }>,
    signature: Uint8Array | undefined,
  ): void {
    const { disk, session } = peer;
    const { linkIds, message } = push;
    // What the disk gets is its own, as a Worker's is.
    const batches = (transaction.batches ?? []).map(row => ({ ...row, bytes: row.bytes.slice() }));
    if (signature !== undefined)
      fillIn({ transaction: { ...transaction, batches }, sign, frame: message }, signature);
    const takesMs = disk.commitMs + this.#random.below(disk.commitJitterMs + 1);
    disk.busyUntilMs = Math.max(disk.busyUntilMs, this.nowMs + takesMs);
    this.#at(disk.busyUntilMs - this.nowMs, () => {
      // A crash mid-way: whether the transaction was done is chance.
      if (peer.session !== session && this.#chance(0.5)) return;
      const result = disk.commit({ ...transaction, batches });
      this.#at(1, () => {
        if (peer.session !== session) return;
        if (result.ok) {
          for (const { batchId, replicaId, sequence } of batches) {
            peer.confirmed.add(batchId);
            mergeInto(peer.confirmedClock, new Map([[replicaId, sequence + 1]]));
            if (replicaId === peer.replicaId) mergeInto(this.promised, new Map([[replicaId, sequence + 1]]));
          }
          if (message !== undefined) for (const linkId of linkIds) this.#send(peer, linkId, 'data', message);
        }
        this.step(peer.index, { type: 'committed', token, result, signature });
      });
    });
  }

  // ── What always holds ─────────────────────────────────────────────────────────────────────────────────────

  #editor(peer: Peer, documentId: DocumentId): string {
    return peer.editors.get(documentId) ?? '';
  }
  #checkEditor(peer: Peer, documentId: DocumentId): void {
    const shown = this.#editor(peer, documentId);
    assert(
      shown === peer.replica.text(documentId).toString(),
      `editor ${String(peer.index)} shows the document`,
    );
  }

  #checkSend(peer: Peer, bytes: Uint8Array): void {
    const message = decodeSyncMessage(bytes);
    assert(message.ok, 'a replica sends well-formed messages');
    if (message.value.type === 'batches') {
      for (const sent of message.value.batches) {
        const batch = decodeBatch(nobleCrypto, sent);
        assert(batch.ok, 'a replica sends well-formed batches');
        assert(peer.confirmed.has(batch.value.id), 'a batch is on the disk before it is sent');
        peer.batchesSent.push(batch.value.id);
      }
    }
    if (message.value.type === 'clock') {
      assert(covers(peer.confirmedClock, message.value.clock), 'only what the disk holds is acknowledged');
    }
  }

  // ── Time ──────────────────────────────────────────────────────────────────────────────────────────────────

  run(forMs: number): void {
    const untilMs = this.nowMs + forMs;
    for (let next = this.#queue[0]; next !== undefined && next.atMs <= untilMs; next = this.#queue[0]) {
      this.#pop();
      this.nowMs = Math.max(this.nowMs, next.atMs);
      next.run();
    }
    this.nowMs = untilMs;
  }

  /** Runs until `done`, at most `limitMs`; how long it took, or undefined when it did not come to that. */
  runUntil(done: () => boolean, limitMs: number): number | undefined {
    const startMs = this.nowMs;
    while (!done()) {
      if (this.nowMs - startMs >= limitMs) return undefined;
      this.run(50);
    }
    return this.nowMs - startMs;
  }

  /** Whether all running replicas hold the same, on their disks too, and nothing is under way in any. */
  converged(): boolean {
    const [first, ...others] = this.running();
    if (first === undefined) return true;
    const same = (a: ReadonlyVectorClock, b: ReadonlyVectorClock) => covers(a, b) && covers(b, a);
    return [first, ...others].every(
      ({ replica }) =>
        replica.status().keeping.type === 'kept' &&
        same(replica.clock, first.replica.clock) &&
        same(replica.clock, replica.durableClock),
    );
  }
  converge(limitMs = 30_000): number | undefined {
    return this.runUntil(() => this.converged(), limitMs);
  }

  #chance(share: number): boolean {
    return share > 0 && this.#random.fraction() < share;
  }

  #at(afterMs: number, run: () => void): void {
    const entry = { atMs: this.nowMs + afterMs, order: this.#order++, run };
    const queue = this.#queue;
    let at = queue.push(entry) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!earlier(entry, queue[parent]!)) break;
      queue[at] = queue[parent]!;
      at = parent;
    }
    queue[at] = entry;
  }

  #pop(): void {
    const queue = this.#queue;
    const last = queue.pop()!;
    if (queue.length === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= queue.length) break;
      if (child + 1 < queue.length && earlier(queue[child + 1]!, queue[child]!)) child++;
      if (!earlier(queue[child]!, last)) break;
      queue[at] = queue[child]!;
      at = child;
    }
    queue[at] = last;
  }
}

function earlier(a: { atMs: number; order: number }, b: { atMs: number; order: number }): boolean {
  return a.atMs - b.atMs < 0 || (a.atMs === b.atMs && a.order < b.order);
}
