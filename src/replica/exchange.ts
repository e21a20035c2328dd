/**
 * What a replica says on its links: hello, heartbeats, clocks, requests, batches, presence. SPEC.md in
 * src/sync numbers the rules.
 *
 * Our own batches are pushed to every peer as soon as the disk has them. Everything else moves by clocks: a
 * peer's clock shows what it has and we lack, and we ask **one** peer at a time for it. Whatever a cut or a
 * lossy link swallowed is found the same way, since each heartbeat carries a hash of the sender's clock.
 */
import { assertNever } from '../base/assert.ts';
import type { ReplicaId } from '../base/ids.ts';
import type { Crypto } from '../base/ports.ts';
import type { TraceEvent } from '../base/trace.ts';
import type { ReadonlyVectorClock } from '../clocks/vector-clock.ts';
import type { Lane, LinkId } from '../net/transport.ts';
import type { BatchLog } from '../sync/batch-log.ts';
import type { Batch } from '../sync/batch.ts';
import type { MerkleTree } from '../sync/merkle-tree.ts';
import { decodeSyncMessage, encodeSyncMessage, protocolVersion, type SyncMessage } from '../sync/messages.ts';
import { Acknowledging } from './acknowledging.ts';
import { Asking } from './asking.ts';
import { Comparing } from './comparing.ts';
import type { Effect, Push } from './effects.ts';
import { PresenceDue } from './gathering.ts';
import {
  dropAfterMs,
  heartbeatEveryMs,
  helloEveryMs,
  openLink,
  silentAfterMs,
  type Link,
  type PeerRecord,
} from './peers.ts';
import type { Presence } from './presence.ts';

export interface ExchangeContext {
  readonly replicaId: ReplicaId;
  readonly crypto: Crypto;
  readonly log: BatchLog;
  readonly durable: ReadonlyVectorClock;
  /** The ids of what `durable` covers. */
  readonly held: MerkleTree;
  readonly presence: Presence;
  nowMs(): number;
  emit(effect: Effect): void;
  trace(event: TraceEvent): void;
  refuse(reason: string, from: ReplicaId | undefined): void;
  /** Takes in a batch; what its bytes say it is, undefined when they are malformed. */
  received(bytes: Uint8Array, from: ReplicaId): Batch | undefined;
  acknowledged(peer: ReplicaId, clock: ReadonlyVectorClock): void;
  verifyingBytes(): number;
}

const nothingToPush: Push = { linkIds: [], message: undefined };

export class Exchange {
  readonly #context: ExchangeContext;
  readonly #links = new Map<LinkId, Link>();
  readonly #peers = new Map<ReplicaId, PeerRecord>();
  readonly #upByPeer = new Map<ReplicaId, Link>();
  readonly #asking: Asking;
  readonly #acknowledging: Acknowledging;
  readonly #comparing: Comparing;
  readonly #presenceDue = new PresenceDue();
  #shown = '';

  constructor(context: ExchangeContext) {
    this.#context = context;
    const rooms = { ...context, links: this.#links, peers: this.#peers, upByPeer: this.#upByPeer };
    const sendData = (link: Link, message: SyncMessage) => this.#send(link, 'data', message);
    this.#comparing = new Comparing({ ...rooms, sendData });
    this.#asking = new Asking({
      ...rooms,
      sendData,
      came: (link, id) => this.#comparing.came(link, id),
    });
    this.#acknowledging = new Acknowledging({
      ...rooms,
      asking: this.#asking,
      comparing: this.#comparing,
      send: (link, lane, message) => this.#send(link, lane, message),
    });
  }

  links(): Iterable<Link> {
    return this.#links.values();
  }
  peers(): Iterable<PeerRecord> {
    return this.#peers.values();
  }

  linkOf(peer: ReplicaId): LinkId | undefined {
    return this.#peers.get(peer)?.linkId;
  }

  nextDueMs(): number | undefined {
    const due = Math.min(
      this.#acknowledging.nextDueMs(),
      this.#presenceDue.nextDueMs(),
      this.#asking.nextDueMs(),
    );
    return due === Infinity ? undefined : due;
  }

  // ── Links come and go ─────────────────────────────────────────────────────────────────────────────────────

  linkUp(linkId: LinkId, proven?: ReplicaId): void {
    const link = openLink(linkId, this.#context.nowMs(), proven);
    this.#links.set(linkId, link);
    this.#sendHello(link);
  }

  linkDown(linkId: LinkId, reason: string): void {
    const link = this.#links.get(linkId);
    if (link === undefined) return;
    this.#links.delete(linkId);
    const { peer } = link;
    if (peer === undefined || this.#upByPeer.get(peer) !== link) {
      this.#asking.forget(linkId);
      return;
    }
    this.#upByPeer.delete(peer);
    this.#context.trace({ type: 'link-down', peer, reason });
    this.#context.presence.forget(peer);
    // Somebody who said goodbye is not missing. A link that ends after a silence is no goodbye: the other side
    // gave us up as we were about to give it up. And one whose link is switched off keeps that switch.
    const farewell = reason === 'goodbye' && this.#context.nowMs() - link.heardMs <= silentAfterMs;
    if (farewell && this.#peers.get(peer)?.linkOn === true) this.#peers.delete(peer);
    this.#context.emit({ type: 'presence-changed' });
    this.#context.emit({ type: 'status-changed' });
    this.#asking.linkDown(linkId);
  }

  linkSwitched(peer: ReplicaId, on: boolean): void {
    const record = this.#peers.get(peer);
    if (record !== undefined) record.linkOn = on;
    const link = this.#upByPeer.get(peer);
    if (on && link !== undefined) this.#resyncWith(link);
    this.#context.emit({ type: 'status-changed' });
  }

  /** The network is back: do not wait for the next heartbeat. */
  resync(): void {
    for (const link of this.#links.values()) {
      if (link.peer === undefined) this.#sendHello(link);
      else this.#resyncWith(link);
    }
  }

  #resyncWith(link: Link): void {
    link.resyncing = true;
    this.#asking.forget(link.linkId);
    this.#sendHello(link);
    this.#sendHeartbeat(link);
    this.#acknowledging.sayClock(link, true);
    this.#sendPresence(link);
  }

  #sendHello(link: Link): void {
    link.helloSentMs = this.#context.nowMs();
    const heard = link.peer !== undefined;
    this.#send(link, 'data', {
      type: 'hello',
      version: protocolVersion,
      replicaId: this.#context.replicaId,
      heard,
    });
  }

  #hello(link: Link, version: number, replicaId: ReplicaId, heard: boolean): void {
    if (version !== protocolVersion || replicaId === this.#context.replicaId) {
      this.#drop(link, version === protocolVersion ? 'ourselves' : 'protocol-version');
      return;
    }
    if (link.proven !== undefined && link.proven !== replicaId) {
      this.#context.refuse('hello: not the proven replica', link.proven);
      this.#drop(link, 'not-the-proven');
      return;
    }
    if (link.peer !== undefined) {
      if (link.peer !== replicaId) this.#drop(link, 'changed-name');
      else if (!heard) this.#sendHello(link);
      return;
    }
    const older = this.#upByPeer.get(replicaId);
    if (older !== undefined && older !== link) {
      this.linkDown(older.linkId, 'replaced');
      this.#context.emit({ type: 'drop-link', linkId: older.linkId, reason: 'replaced' });
    }
    link.peer = replicaId;
    this.#upByPeer.set(replicaId, link);
    const known = this.#peers.get(replicaId);
    if (known !== undefined) {
      known.heardMs = link.heardMs;
      known.linkId = link.linkId;
    } else {
      const record = {
        replicaId,
        linkId: link.linkId,
        heardMs: link.heardMs,
        acknowledged: new Map(),
        linkOn: true,
      };
      this.#peers.set(replicaId, record);
    }
    this.#context.presence.forget(replicaId);
    this.#context.trace({ type: 'link-up', peer: replicaId });
    if (!heard) this.#sendHello(link);
    this.#acknowledging.sayClock(link, true);
    this.#sendPresence(link);
    this.#sendHeartbeat(link);
    this.#context.emit({ type: 'status-changed' });
  }

  #drop(link: Link, reason: string): void {
    this.linkDown(link.linkId, reason);
    this.#context.emit({ type: 'drop-link', linkId: link.linkId, reason });
  }

  // ── Time ──────────────────────────────────────────────────────────────────────────────────────────────────

  tick(): void {
    const nowMs = this.#context.nowMs();
    for (const link of [...this.#links.values()]) this.#tickLink(link, nowMs);
    this.#asking.tick(nowMs);
    this.#acknowledging.tick(nowMs);
    this.#comparing.tick(nowMs);
    if (this.#presenceDue.take(nowMs))
      for (const link of this.#upByPeer.values()) this.#sendPresence(link, 'control');
    // Silence changes what is shown although nothing happened.
    let shown = '';
    for (const link of this.#links.values()) shown += nowMs - link.heardMs > silentAfterMs ? 's' : 'h';
    if (shown !== this.#shown) this.#context.emit({ type: 'status-changed' });
    this.#shown = shown;
  }

  #tickLink(link: Link, nowMs: number): void {
    if (nowMs - link.heardMs > dropAfterMs) {
      this.#drop(link, 'silent');
      return;
    }
    if (link.peer === undefined) {
      if (nowMs - link.helloSentMs >= helloEveryMs) this.#sendHello(link);
      return;
    }
    if (nowMs - link.heartbeatSentMs >= heartbeatEveryMs) this.#sendHeartbeat(link);
  }

  #sendHeartbeat(link: Link): void {
    const nowMs = this.#context.nowMs();
    link.heartbeatSentMs = nowMs;
    this.#send(link, 'control', {
      type: 'heartbeat',
      sentMs: Math.floor(nowMs),
      echoMs: link.theirSentMs,
      heldMs: link.theirSentMs === 0 ? 0 : Math.max(0, Math.round(nowMs - link.theirSentAtMs)),
      stateHash: this.#acknowledging.hash(),
    });
  }

  // ── Messages ──────────────────────────────────────────────────────────────────────────────────────────────

  message(linkId: LinkId, bytes: Uint8Array): void {
    const link = this.#links.get(linkId);
    if (link === undefined) return;
    const decoded = decodeSyncMessage(bytes);
    if (!decoded.ok) {
      this.#context.refuse(`message: ${decoded.reason}`, link.peer);
      return;
    }
    this.#heardFrom(link);
    const message = decoded.value;
    if (message.type === 'hello') {
      this.#hello(link, message.version, message.replicaId, message.heard);
      return;
    }
    if (link.peer === undefined) {
      this.#context.refuse('message: before hello', undefined);
      return;
    }
    this.#heard(link, link.peer, message);
  }

  /** A sign of life that is no message yet: on a slow line the heartbeat may be behind a long one. */
  alive(linkId: LinkId): void {
    const link = this.#links.get(linkId);
    if (link !== undefined) this.#heardFrom(link);
  }

  #heardFrom(link: Link): void {
    const nowMs = this.#context.nowMs();
    const wasSilent = nowMs - link.heardMs > silentAfterMs;
    link.heardMs = nowMs;
    const record = link.peer === undefined ? undefined : this.#peers.get(link.peer);
    if (record !== undefined) record.heardMs = nowMs;
    if (wasSilent) this.#context.emit({ type: 'status-changed' });
  }

  #heard(link: Link, peer: ReplicaId, message: Exclude<SyncMessage, { type: 'hello' }>): void {
    const nowMs = this.#context.nowMs();
    switch (message.type) {
      case 'heartbeat':
        link.theirSentMs = message.sentMs;
        link.theirSentAtMs = nowMs;
        if (message.echoMs > 0)
          link.roundTripMs = smoothed(link.roundTripMs, nowMs - message.echoMs - message.heldMs);
        this.#acknowledging.hashCame(link, peer, message.stateHash);
        break;
      case 'clock':
        this.#acknowledging.clockCame(link, peer, message);
        break;
      case 'request':
        this.#asking.answer(link, message.clock, message.goesOn);
        break;
      case 'batches':
        this.#asking.batches(link, peer, message.batches);
        break;
      case 'end':
        this.#asking.answerEnded(link, message.more);
        break;
      case 'presence': {
        const taken = this.#context.presence.receive(peer, message.update);
        if (taken.ok) this.#context.emit({ type: 'presence-changed' });
        else this.#context.refuse(taken.reason, peer);
        break;
      }
      case 'merkle':
        this.#comparing.step(link, message.items);
        break;
      case 'want':
        this.#comparing.give(link, message.keys);
        break;
      default:
        assertNever(message);
    }
  }

  // ── Pushing our own ───────────────────────────────────────────────────────────────────────────────────────

  /** To whom our own batch goes once the disk has it. */
  pushOf(own: Batch | undefined): Push {
    if (own === undefined) return nothingToPush;
    return {
      linkIds: Array.from(this.#upByPeer.values(), ({ linkId }) => linkId),
      message: encodeSyncMessage({ type: 'batches', batches: [own.bytes] }),
    };
  }

  /** The disk has it and `push` has left: whoever came meanwhile gets it now. */
  pushed({ replicaId, sequence, bytes }: Batch, push: Push): void {
    this.#acknowledging.keptOwn();
    for (const [peer, link] of this.#upByPeer) {
      if (!push.linkIds.includes(link.linkId))
        this.#send(link, 'data', { type: 'batches', batches: [bytes] });
      this.#context.trace({ type: 'batch-sent', replicaId, sequence, to: peer });
    }
  }

  /** The disk has these as well: everyone will hear of it, each author first. */
  keptOthers(batches: readonly Batch[]): void {
    this.#acknowledging.keptOthers(batches);
  }

  // ── Presence ──────────────────────────────────────────────────────────────────────────────────────────────

  /** `typed`: our caret is where our edit has left it. */
  presenceChanged(how: 'moved' | 'typed'): void {
    this.#presenceDue.changed(how, this.#context.nowMs());
  }

  /** Now, to everyone, and so that it does not get lost. */
  sayPresence(): void {
    for (const link of this.#upByPeer.values()) this.#sendPresence(link);
  }

  /** On the data lane when a link begins: its control lane may open a moment later, and lose what comes before. */
  #sendPresence(link: Link, lane: Lane = 'data'): void {
    this.#send(link, lane, { type: 'presence', update: this.#context.presence.update() });
  }

  /** A batch of this peer's builds on another place of its log than ours. */
  parted(peer: ReplicaId): void {
    this.#comparing.parted(peer);
  }

  /** Signatures were checked: there may be room for more of an answer. */
  verifiedSome(): void {
    this.#asking.verifiedSome();
  }

  #send(link: Link, lane: Lane, message: SyncMessage): void {
    this.#context.emit({ type: 'send', linkId: link.linkId, lane, bytes: encodeSyncMessage(message) });
  }
}

/** Smoothed as TCP does (RFC 6298, alpha 1/8): one late timer is no change of the road. */
function smoothed(before: number | undefined, sampleMs: number): number {
  const sample = Math.max(0, sampleMs);
  return before === undefined ? sample : before + (sample - before) / 8;
}
