/**
 * Getting what we lack, and giving what others lack. One peer at a time is asked, by clock: asking all of them
 * would bring everything as often as there are peers. SPEC.md in src/sync: SYNC20, SYNC21.
 */
import type { BatchId, ReplicaId } from '../base/ids.ts';
import { countAhead, type ReadonlyVectorClock } from '../clocks/vector-clock.ts';
import type { LinkId } from '../net/transport.ts';
import type { BatchLog } from '../sync/batch-log.ts';
import type { Batch } from '../sync/batch.ts';
import type { SyncMessage } from '../sync/messages.ts';
import type { Link } from './peers.ts';

/** A batch its author is sending us anyway is asked of others only after this. */
export const graceMs = 500;
/** A request without any answer for this long goes to another peer. */
export const requestTimeoutMs = 3000;
/** Bytes in answer to one request: the asker's window, so nobody's queue grows with the history. */
const answerBytesMax = 256 * 1024;
/** Batches are packed into messages of about this size. */
export const packBytes = 60 * 1024;
/** The asker reads on only while this much at most waits for its signatures. */
const verifyingBytesLow = 512 * 1024;

export interface AskingContext {
  readonly log: BatchLog;
  readonly durable: ReadonlyVectorClock;
  readonly links: ReadonlyMap<LinkId, Link>;
  readonly upByPeer: ReadonlyMap<ReplicaId, Link>;
  nowMs(): number;
  sendData(link: Link, message: SyncMessage): void;
  received(bytes: Uint8Array, from: ReplicaId): Batch | undefined;
  /** This batch has come on this link, for whatever reason. */
  came(link: Link, id: BatchId): void;
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

export class Asking {
  readonly #context: AskingContext;
  #request: Request | undefined;

  constructor(context: AskingContext) {
    this.#context = context;
  }

  /** How many batches this peer's clock shows that we do not have. */
  lacks(link: Link): number {
    return countAhead(link.clock, this.#context.log.clock);
  }

  nextDueMs(): number {
    let due = Infinity;
    for (const link of this.#context.links.values()) due = Math.min(due, link.askAtMs ?? Infinity);
    return due;
  }

  tick(nowMs: number): void {
    for (const link of this.#context.upByPeer.values()) {
      if (link.askAtMs === undefined || nowMs < link.askAtMs) continue;
      link.askAtMs = undefined;
      if (this.#request === undefined) this.#ask(link);
      else if (this.lacks(link) > 0) link.askAtMs = nowMs + graceMs;
    }
    if (this.#request === undefined || nowMs - this.#request.touchedMs <= requestTimeoutMs) return;
    const inVain = this.#request.linkId;
    this.#request = undefined;
    this.#askWhoHasMore(inVain);
  }

  /** The link begins anew: what was asked of it may be lost. */
  forget(linkId: LinkId): void {
    if (this.#request?.linkId === linkId) this.#request = undefined;
  }

  linkDown(linkId: LinkId): void {
    this.forget(linkId);
    this.#askWhoHasMore();
  }

  /** A clock has come. `first`: the first whole one since the link came up. */
  clockCame(link: Link, first: boolean): void {
    if (this.lacks(link) === 0) return;
    // What its author is pushing to us right now need not be asked of a third.
    if (first || this.#authorIsAway(link)) this.#ask(link);
    else link.askAtMs ??= this.#context.nowMs() + graceMs;
  }

  /**
   * What a peer pushes while it types is no sign that it answers: our request may have been lost. Nor is anything that its
   * clock does not show, or that we have: whoever drips such things would keep us from asking others for ever.
   */
  batches(link: Link, peer: ReplicaId, batches: readonly Uint8Array[]): void {
    const request = this.#request?.linkId === link.linkId ? this.#request : undefined;
    for (const bytes of batches) {
      const batch = this.#context.received(bytes, peer);
      if (batch !== undefined) this.#context.came(link, batch.id);
      const pushed =
        batches.length === 1 && batch?.replicaId === peer && batch.sequence >= (request?.shown ?? 0);
      const { replicaId, sequence } = batch ?? { replicaId: peer, sequence: Infinity };
      const shown = sequence < (link.clock.get(replicaId) ?? 0);
      const lacked = sequence >= (this.#context.log.clock.get(replicaId) ?? 0);
      if (request !== undefined && !pushed && shown && lacked) request.touchedMs = this.#context.nowMs();
    }
  }

  answerEnded(link: Link, more: boolean): void {
    if (this.#request?.linkId !== link.linkId) return;
    if (more) {
      this.#request.goOn = true;
      this.#request.touchedMs = this.#context.nowMs();
      this.verifiedSome();
      return;
    }
    this.#request = undefined;
    // The last signatures are still under way; if something is missing after that, ask again.
    for (const other of this.#context.upByPeer.values()) {
      if (this.lacks(other) > 0) other.askAtMs ??= this.#context.nowMs() + graceMs;
    }
  }

  /** Signatures were checked: there may be room for more of the answer. */
  verifiedSome(): void {
    const request = this.#request;
    if (request?.goOn !== true || this.#context.verifyingBytes() > verifyingBytesLow) return;
    const link = this.#context.links.get(request.linkId);
    if (link === undefined) return;
    request.goOn = false;
    request.shown = shownBy(link);
    request.touchedMs = this.#context.nowMs();
    this.#context.sendData(link, { type: 'request', goesOn: true, clock: this.#context.log.clock });
  }

  /** Sends what `clock` lacks of what our disk holds, in our order of delivery, up to the window. */
  answer(link: Link, clock: ReadonlyVectorClock, goesOn: boolean): void {
    const { delivered } = this.#context.log;
    let at = Math.max(goesOn ? link.servedTo : 0, this.#context.log.firstBeyond(clock));
    let pack: Uint8Array[] = [];
    let [packed, total] = [0, 0];
    const flush = () => {
      if (pack.length > 0) this.#context.sendData(link, { type: 'batches', batches: pack });
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
    this.#context.sendData(link, { type: 'end', more: next !== undefined && this.#isDurable(next) });
  }

  #ask(link: Link): void {
    if (this.#request !== undefined || this.lacks(link) === 0) return;
    const { linkId } = link;
    this.#request = { linkId, touchedMs: this.#context.nowMs(), shown: shownBy(link), goOn: false };
    this.#context.sendData(link, { type: 'request', goesOn: false, clock: this.#context.log.clock });
  }

  /** Whoever was asked `inVain` comes last. */
  #askWhoHasMore(inVain?: LinkId): void {
    let best: Link | undefined;
    let most = 0;
    for (const link of this.#context.upByPeer.values()) {
      const lacks = this.lacks(link);
      const worth = link.linkId === inVain ? Math.min(lacks, 0.5) : lacks;
      if (worth > most) [best, most] = [link, worth];
    }
    if (best !== undefined) this.#ask(best);
  }

  #authorIsAway(link: Link): boolean {
    const { log, upByPeer } = this.#context;
    for (const [replicaId, count] of link.clock) {
      if (count > (log.clock.get(replicaId) ?? 0) && !upByPeer.has(replicaId)) return true;
    }
    return false;
  }

  #isDurable(batch: Batch): boolean {
    return batch.sequence < (this.#context.durable.get(batch.replicaId) ?? 0);
  }
}

/** How much of the peer's own log its clock shows. */
function shownBy(link: Link): number {
  return link.peer === undefined ? 0 : (link.clock.get(link.peer) ?? 0);
}
