/**
 * What a replica says on its links: hello, heartbeats, clocks, requests, batches, presence. SPEC.md in
 * src/sync numbers the rules.
 *
 * Our own batches are pushed to every peer as soon as the disk has them. Everything else moves by clocks: a
 * peer's clock shows what it has and we lack, and we ask **one** peer at a time for it. Whatever a cut or a
 * lossy link swallowed is found the same way, since each heartbeat carries a hash of the sender's clock.
 */
import { assertNever } from '../base/assert.ts';
import { equalBytes } from '../base/bytes.ts';
import type { ReplicaId } from '../base/ids.ts';
import type { Crypto } from '../base/ports.ts';
import type { TraceEvent } from '../base/trace.ts';
import {
  clockHash,
  countAhead,
  covers,
  mergeInto,
  type ReadonlyVectorClock,
  type VectorClock,
} from '../clocks/vector-clock.ts';
import type { Lane, LinkId } from '../net/transport.ts';
import type { BatchLog } from '../sync/batch-log.ts';
import type { Batch, BatchHeader } from '../sync/batch.ts';
import { decodeSyncMessage, encodeSyncMessage, protocolVersion, type SyncMessage } from '../sync/messages.ts';
import type { Effect, Push } from './effects.ts';
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

/** Acknowledgements follow a transaction of the keeper, which has gathered a burst already: to the author this soon, */
export const acknowledgeEveryMs = 20;
/** to everyone else like this. While eight write together, telling all at once would be most of what is sent. */
export const gossipEveryMs = 1000;
/** Clocks that differ while somebody writes are no news: so many heartbeats are let pass before they are compared. */
const disagreementsMax = 3;
/** A batch its author is sending us anyway is asked of others only after this. */
export const graceMs = 500;
/** A request without any answer for this long goes to another peer. */
export const requestTimeoutMs = 3000;
/** Bytes in answer to one request: the asker's window, so nobody's queue grows with the history. */
export const answerBytesMax = 256 * 1024;
/** Batches are packed into messages of about this size. */
const packBytes = 60 * 1024;
/** Presence follows a burst of caret moves at this distance. */
const presenceEveryMs = 80;
/** Where typing has left a caret the others know from the text; it is said once the typing pauses for this long, */
const typedPresenceMs = 400;
/** or goes on for this long: to whoever did not know where it began. */
const typedPresenceMsMax = 2000;
/** The asker reads on only while this much at most waits for its signatures. */
const verifyingBytesLow = 512 * 1024;

export interface ExchangeContext {
  readonly replicaId: ReplicaId;
  readonly crypto: Crypto;
  readonly log: BatchLog;
  readonly durable: ReadonlyVectorClock;
  readonly presence: Presence;
  nowMs(): number;
  emit(effect: Effect): void;
  trace(event: TraceEvent): void;
  refuse(reason: string, from: ReplicaId | undefined): void;
  /** Takes in a batch; what its bytes say it is, undefined when they are malformed. */
  received(bytes: Uint8Array, from: ReplicaId): BatchHeader | undefined;
  acknowledged(peer: ReplicaId, clock: ReadonlyVectorClock): void;
  verifyingBytes(): number;
}

interface Request {
  readonly linkId: LinkId;
  touchedMs: number;
  /** Batches of the peer's own log that its clock showed when we asked: what comes after them is pushed. */
  shown: number;
  /** The answer's end came and promised more: asked for once the signatures have caught up. */
  goOn: boolean;
}

const nothingToPush: Push = { linkIds: [], messages: [] };

export class Exchange {
  readonly #context: ExchangeContext;
  readonly #links = new Map<LinkId, Link>();
  readonly #peers = new Map<ReplicaId, PeerRecord>();
  readonly #upByPeer = new Map<ReplicaId, Link>();
  #request: Request | undefined;
  /** Entries of our durable clock that changed since their author heard of it, and since everyone did. */
  readonly #unacknowledged = new Set<ReplicaId>();
  readonly #unsaid = new Set<ReplicaId>();
  #acknowledgeAtMs: number | undefined;
  #gossipAtMs: number | undefined;
  #durableChangedMs = -Infinity;
  #presenceAtMs: number | undefined;
  #presenceSentMs = -Infinity;
  /** A caret somebody moved waits to be said: that is not put off by typing. */
  #presenceMoved = false;
  #hash: { readonly key: string; readonly bytes: Uint8Array } | undefined;
  #shown = '';

  constructor(context: ExchangeContext) {
    this.#context = context;
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
    let due = Math.min(
      this.#acknowledgeAtMs ?? Infinity,
      this.#gossipAtMs ?? Infinity,
      this.#presenceAtMs ?? Infinity,
    );
    for (const link of this.#links.values()) due = Math.min(due, link.askAtMs ?? Infinity);
    return due === Infinity ? undefined : due;
  }

  // ── Links come and go ─────────────────────────────────────────────────────────────────────────────────────

  linkUp(linkId: LinkId): void {
    const link = openLink(linkId, this.#context.nowMs());
    this.#links.set(linkId, link);
    this.#sendHello(link);
  }

  linkDown(linkId: LinkId, reason: string): void {
    const link = this.#links.get(linkId);
    if (link === undefined) return;
    this.#links.delete(linkId);
    if (this.#request?.linkId === linkId) this.#request = undefined;
    const { peer } = link;
    if (peer === undefined || this.#upByPeer.get(peer) !== link) return;
    this.#upByPeer.delete(peer);
    this.#context.trace({ type: 'link-down', peer, reason });
    this.#context.presence.forget(peer);
    // Somebody who said goodbye is not missing. A link that ends after a silence is no goodbye: the other side
    // gave us up as we were about to give it up. And one whose link is switched off keeps that switch.
    const farewell = reason === 'goodbye' && this.#context.nowMs() - link.heardMs <= silentAfterMs;
    if (farewell && this.#peers.get(peer)?.linkOn === true) this.#peers.delete(peer);
    this.#context.emit({ type: 'presence-changed' });
    this.#context.emit({ type: 'status-changed' });
    this.#askWhoHasMore();
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
    if (this.#request?.linkId === link.linkId) this.#request = undefined;
    this.#sendHello(link);
    this.#sendHeartbeat(link);
    this.#sendClock(link, true);
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
    this.#sendClock(link, true);
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
    if (this.#acknowledgeAtMs !== undefined && nowMs >= this.#acknowledgeAtMs) this.#acknowledge();
    if (this.#gossipAtMs !== undefined && nowMs >= this.#gossipAtMs) this.#gossip();
    if (this.#presenceAtMs !== undefined && nowMs >= this.#presenceAtMs) this.#sendPresenceToAll(nowMs);
    if (this.#request !== undefined && nowMs - this.#request.touchedMs > requestTimeoutMs) {
      const inVain = this.#request.linkId;
      this.#request = undefined;
      this.#askWhoHasMore(inVain);
    }
    // Silence changes what is shown although nothing happened.
    const shown = [...this.#links.values()].map(link => nowMs - link.heardMs > silentAfterMs).join();
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
    if (link.askAtMs !== undefined && nowMs >= link.askAtMs) {
      link.askAtMs = undefined;
      if (this.#request === undefined) this.#ask(link);
      else if (this.#lacks(link) > 0) link.askAtMs = nowMs + graceMs;
    }
  }

  #sendHeartbeat(link: Link): void {
    const nowMs = this.#context.nowMs();
    link.heartbeatSentMs = nowMs;
    this.#send(link, 'control', {
      type: 'heartbeat',
      sentMs: Math.floor(nowMs),
      echoMs: link.theirSentMs,
      heldMs: link.theirSentMs === 0 ? 0 : Math.max(0, Math.round(nowMs - link.theirSentAtMs)),
      clockHash: this.#clockHash(),
    });
  }

  #clockHash(): Uint8Array {
    const key = [...this.#context.durable.values()].join();
    if (this.#hash?.key !== key) {
      this.#hash = { key, bytes: clockHash(this.#context.crypto, this.#context.durable).slice() };
    }
    return this.#hash.bytes;
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
    const nowMs = this.#context.nowMs();
    const wasSilent = nowMs - link.heardMs > silentAfterMs;
    link.heardMs = nowMs;
    if (wasSilent) this.#context.emit({ type: 'status-changed' });
    const message = decoded.value;
    if (message.type === 'hello') {
      this.#hello(link, message.version, message.replicaId, message.heard);
      return;
    }
    if (link.peer === undefined) {
      this.#context.refuse('message: before hello', undefined);
      return;
    }
    const record = this.#peers.get(link.peer);
    if (record !== undefined) record.heardMs = nowMs;
    this.#heard(link, link.peer, message);
  }

  #heard(link: Link, peer: ReplicaId, message: Exclude<SyncMessage, { type: 'hello' }>): void {
    const nowMs = this.#context.nowMs();
    switch (message.type) {
      case 'heartbeat':
        link.theirSentMs = message.sentMs;
        link.theirSentAtMs = nowMs;
        if (message.echoMs > 0)
          link.roundTripMs = smoothed(link.roundTripMs, nowMs - message.echoMs - message.heldMs);
        if (equalBytes(message.clockHash, this.#clockHash())) this.#agrees(link, peer);
        else this.#disagrees(link, nowMs);
        break;
      case 'clock':
        this.#clock(link, peer, message);
        break;
      case 'request':
        this.#answer(link, message.clock, message.goesOn);
        break;
      case 'batches':
        this.#batches(link, peer, message.batches);
        break;
      case 'end':
        this.#answerEnded(link, message.more);
        break;
      case 'presence': {
        const taken = this.#context.presence.receive(peer, message.update);
        if (taken.ok) this.#context.emit({ type: 'presence-changed' });
        else this.#context.refuse(taken.reason, peer);
        break;
      }
      default:
        assertNever(message);
    }
  }

  // ── Clocks: acknowledgements, and finding what we lack ────────────────────────────────────────────────────

  #sendClock(link: Link, asks: boolean, lane: Lane = 'data'): void {
    this.#send(link, lane, { type: 'clock', partial: false, asks, clock: this.#context.durable });
  }

  /** The disk has batches of others: say so, to each author soon and to everyone in a while. */
  keptOthers(batches: readonly Batch[]): void {
    for (const { replicaId } of batches) {
      this.#unacknowledged.add(replicaId);
      this.#unsaid.add(replicaId);
    }
    const nowMs = this.#context.nowMs();
    this.#durableChangedMs = nowMs;
    this.#acknowledgeAtMs ??= nowMs + acknowledgeEveryMs;
    this.#gossipAtMs ??= nowMs + gossipEveryMs;
  }

  #acknowledge(): void {
    this.#acknowledgeAtMs = undefined;
    for (const author of this.#unacknowledged) {
      const link = this.#upByPeer.get(author);
      if (link !== undefined) this.#sendEntries(link, [author]);
    }
    this.#unacknowledged.clear();
  }

  #gossip(): void {
    this.#gossipAtMs = undefined;
    for (const link of this.#upByPeer.values()) this.#sendEntries(link, this.#unsaid);
    this.#unsaid.clear();
  }

  #sendEntries(link: Link, replicaIds: Iterable<ReplicaId>): void {
    const clock: VectorClock = new Map();
    for (const replicaId of replicaIds) clock.set(replicaId, this.#context.durable.get(replicaId) ?? 0);
    this.#send(link, 'control', { type: 'clock', partial: true, asks: false, clock });
  }

  #clock(link: Link, peer: ReplicaId, message: Extract<SyncMessage, { type: 'clock' }>): void {
    if (!message.partial) link.clock.clear();
    this.#noteClock(link, peer, message.clock);
    const behind = this.#lacks(link);
    this.#context.trace({
      type: 'clocks-exchanged',
      peer,
      behind,
      ahead: countAhead(this.#context.durable, link.clock),
    });
    if (message.asks) this.#sendClock(link, false, 'control');
    const first = link.resyncing;
    if (!message.partial) link.resyncing = false;
    if (behind > 0) {
      // What its author is pushing to us right now need not be asked of a third.
      if (first || this.#authorIsAway(link)) this.#ask(link);
      else link.askAtMs ??= this.#context.nowMs() + graceMs;
    }
    this.#context.acknowledged(peer, link.clock);
  }

  #noteClock(link: Link, peer: ReplicaId, clock: ReadonlyVectorClock): void {
    mergeInto(link.clock, clock);
    const record = this.#peers.get(peer);
    if (record === undefined) return;
    record.acknowledged.clear();
    mergeInto(record.acknowledged, link.clock);
  }

  /**
   * Its disk holds exactly what ours does: as good as its clock. The clocks themselves travel in the lane that
   * may lose and reorder, so without this a lost acknowledgement would be missing until the next change.
   */
  #agrees(link: Link, peer: ReplicaId): void {
    link.disagreements = 0;
    if (covers(link.clock, this.#context.durable)) return;
    this.#noteClock(link, peer, this.#context.durable);
    this.#context.acknowledged(peer, link.clock);
  }

  #disagrees(link: Link, nowMs: number): void {
    const writing = nowMs - this.#durableChangedMs < heartbeatEveryMs;
    if (writing && ++link.disagreements <= disagreementsMax) return;
    link.disagreements = 0;
    this.#sendClock(link, true, 'control');
  }

  #lacks(link: Link): number {
    return countAhead(link.clock, this.#context.log.clock);
  }

  #authorIsAway(link: Link): boolean {
    for (const [replicaId, count] of link.clock) {
      if (count > (this.#context.log.clock.get(replicaId) ?? 0) && !this.#upByPeer.has(replicaId))
        return true;
    }
    return false;
  }

  // ── Asking and answering ──────────────────────────────────────────────────────────────────────────────────

  #ask(link: Link): void {
    if (this.#request !== undefined || this.#lacks(link) === 0) return;
    const shown = this.#shownBy(link);
    this.#request = { linkId: link.linkId, touchedMs: this.#context.nowMs(), shown, goOn: false };
    this.#send(link, 'data', { type: 'request', goesOn: false, clock: this.#context.log.clock });
  }

  /** Whoever was asked `inVain` comes last. */
  #askWhoHasMore(inVain?: LinkId): void {
    let best: Link | undefined;
    let most = 0;
    for (const link of this.#upByPeer.values()) {
      const lacks = this.#lacks(link);
      const worth = link.linkId === inVain ? Math.min(lacks, 0.5) : lacks;
      if (worth > most) [best, most] = [link, worth];
    }
    if (best !== undefined) this.#ask(best);
  }

  #shownBy(link: Link): number {
    return link.peer === undefined ? 0 : (link.clock.get(link.peer) ?? 0);
  }

  /** What a peer pushes while it types is no sign that it answers: our request may have been lost. */
  #batches(link: Link, peer: ReplicaId, batches: readonly Uint8Array[]): void {
    const request = this.#request?.linkId === link.linkId ? this.#request : undefined;
    for (const bytes of batches) {
      const batch = this.#context.received(bytes, peer);
      const pushed =
        batches.length === 1 && batch?.replicaId === peer && batch.sequence >= (request?.shown ?? 0);
      if (request !== undefined && !pushed) request.touchedMs = this.#context.nowMs();
    }
  }

  #answerEnded(link: Link, more: boolean): void {
    if (this.#request?.linkId !== link.linkId) return;
    if (more) {
      this.#request.goOn = true;
      this.#request.touchedMs = this.#context.nowMs();
      this.verifiedSome();
      return;
    }
    this.#request = undefined;
    // The last signatures are still under way; if something is missing after that, ask again.
    for (const other of this.#upByPeer.values()) {
      if (this.#lacks(other) > 0) other.askAtMs ??= this.#context.nowMs() + graceMs;
    }
  }

  /** Signatures were checked: there may be room for more of the answer. */
  verifiedSome(): void {
    const request = this.#request;
    if (request?.goOn !== true || this.#context.verifyingBytes() > verifyingBytesLow) return;
    const link = this.#links.get(request.linkId);
    if (link === undefined) return;
    request.goOn = false;
    request.shown = this.#shownBy(link);
    request.touchedMs = this.#context.nowMs();
    this.#send(link, 'data', { type: 'request', goesOn: true, clock: this.#context.log.clock });
  }

  /** Sends what `clock` lacks of what our disk holds, in our order of delivery, up to the window. */
  #answer(link: Link, clock: ReadonlyVectorClock, goesOn: boolean): void {
    const { delivered } = this.#context.log;
    let at = goesOn ? link.servedTo : 0;
    let pack: Uint8Array[] = [];
    let [packed, total] = [0, 0];
    const flush = () => {
      if (pack.length > 0) this.#send(link, 'data', { type: 'batches', batches: pack });
      [pack, packed] = [[], 0];
    };
    for (; at < delivered.length && total < answerBytesMax; at++) {
      const batch = delivered[at];
      if (batch === undefined || !this.#isDurable(batch)) break;
      if (batch.sequence < (clock.get(batch.replicaId) ?? 0)) continue;
      if (packed + batch.bytes.length > packBytes) flush();
      pack.push(batch.bytes);
      packed += batch.bytes.length;
      total += batch.bytes.length;
    }
    flush();
    link.servedTo = at;
    const next = delivered[at];
    this.#send(link, 'data', { type: 'end', more: next !== undefined && this.#isDurable(next) });
  }

  #isDurable(batch: Batch): boolean {
    return batch.sequence < (this.#context.durable.get(batch.replicaId) ?? 0);
  }

  /** To whom own batches go once the disk has them. */
  pushOf(own: readonly Batch[]): Push {
    if (own.length === 0) return nothingToPush;
    return {
      linkIds: Array.from(this.#upByPeer.values(), ({ linkId }) => linkId),
      messages: own.map(({ bytes }) => encodeSyncMessage({ type: 'batches', batches: [bytes] })),
    };
  }

  /** The disk has them and `push` has left: whoever came meanwhile gets them now. */
  pushed(own: readonly Batch[], push: Push): void {
    this.#durableChangedMs = this.#context.nowMs();
    for (const [peer, { linkId }] of this.#upByPeer) {
      if (!push.linkIds.includes(linkId)) {
        for (const bytes of push.messages) this.#context.emit({ type: 'send', linkId, lane: 'data', bytes });
      }
      for (const { replicaId, sequence } of own)
        this.#context.trace({ type: 'batch-sent', replicaId, sequence, to: peer });
    }
  }

  // ── Presence ──────────────────────────────────────────────────────────────────────────────────────────────

  /** Our name or caret changed. Gathered, so that typing sends its text first and its caret after. */
  presenceChanged(how: 'moved' | 'typed'): void {
    const nowMs = this.#context.nowMs();
    const soonest = Math.max(nowMs + presenceEveryMs / 2, this.#presenceSentMs + presenceEveryMs);
    if (how === 'moved') {
      this.#presenceAtMs = Math.min(this.#presenceAtMs ?? Infinity, soonest);
      this.#presenceMoved = true;
    } else if (!this.#presenceMoved) {
      const latest = this.#presenceSentMs + typedPresenceMsMax;
      this.#presenceAtMs = Math.max(soonest, Math.min(nowMs + typedPresenceMs, latest));
    }
  }

  #sendPresenceToAll(nowMs: number): void {
    this.#presenceAtMs = undefined;
    this.#presenceMoved = false;
    this.#presenceSentMs = nowMs;
    for (const link of this.#upByPeer.values()) this.#sendPresence(link, 'control');
  }

  /** On the data lane when a link begins: its control lane may open a moment later, and lose what comes before. */
  #sendPresence(link: Link, lane: Lane = 'data'): void {
    this.#send(link, lane, { type: 'presence', update: this.#context.presence.update() });
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
