/**
 * Messages over links that carry frames: cutting up, the conditioner on the way out and in, putting together. What
 * the WebRTC mesh and the simulator's network have in common, so that both run this very code; the channels below are
 * theirs.
 *
 *     send ─► encodeFrames ─► conditioner, out ─► carrier … channel … arrived ─► conditioner, in ─► Reassembler ─► message
 *
 * Pure: time is handed in, and what the conditioner holds comes out of `deliverDue`, to be called when `nextDueMs`
 * says.
 */
import type { Counters } from '../base/trace.ts';
import { Conditioner } from './conditioner.ts';
import { encodeFrames, Reassembler } from './frames.ts';
import type { Lane, LinkId, SendResult } from './transport.ts';

export interface FrameCarrier {
  /** Puts frames on a lane of an open link. False when its queue is full: then none of them went. */
  readonly carry: (linkId: LinkId, lane: Lane, frames: readonly Uint8Array[]) => boolean;
  /** A message that came in whole; it may be a view into a frame. */
  readonly message: (linkId: LinkId, lane: Lane, bytes: Uint8Array) => void;
  /** Parts of a long message come in; told every `partsEveryMs` at most. */
  readonly part?: (linkId: LinkId) => void;
  /** Counts frames that were malformed or lost their message. */
  readonly refusals: Counters;
}

/** Several times within the shortest silence that is shown. */
export const partsEveryMs = 500;

/** Bytes of frames since the connection began: what the valve let through, and not what it swallowed. */
export interface Traffic {
  readonly inBytes: number;
  readonly outBytes: number;
}

interface Framing {
  readonly reassemblers: Readonly<Record<Lane, Reassembler>>;
  nextMessageId: number;
  /** When parts were told of last. */
  partToldMs: number;
  inBytes: number;
  outBytes: number;
}

export class FramedLinks {
  readonly conditioner: Conditioner;
  readonly #carrier: FrameCarrier;
  readonly #links = new Map<LinkId, Framing>();

  /** `seed`: of the conditioner's draws. */
  constructor(seed: number | string, carrier: FrameCarrier) {
    this.conditioner = new Conditioner(seed);
    this.#carrier = carrier;
  }

  /** A connection under this name begins, perhaps instead of an earlier one: half messages of that are forgotten. */
  opened(linkId: LinkId): void {
    const reassemblers = { data: new Reassembler(), control: new Reassembler() };
    this.#links.set(linkId, {
      reassemblers,
      nextMessageId: 0,
      partToldMs: -Infinity,
      inBytes: 0,
      outBytes: 0,
    });
  }

  closed(linkId: LinkId): void {
    this.#links.delete(linkId);
    this.conditioner.linkDown(linkId);
  }

  send(linkId: LinkId, lane: Lane, bytes: Uint8Array, nowMs: number): SendResult {
    const link = this.#links.get(linkId);
    if (link === undefined) return { ok: false, reason: 'closed' };
    const passing: Uint8Array[] = [];
    for (const frame of encodeFrames(bytes, link.nextMessageId++)) {
      if (this.conditioner.submit(linkId, 'out', lane, frame, nowMs) === 'pass') passing.push(frame);
    }
    if (passing.length === 0 || this.#carry(linkId, link, lane, passing)) return { ok: true };
    return { ok: false, reason: 'full' };
  }

  arrived(linkId: LinkId, lane: Lane, frame: Uint8Array, nowMs: number): void {
    if (this.conditioner.submit(linkId, 'in', lane, frame, nowMs) === 'pass')
      this.#receive(linkId, lane, frame, nowMs);
  }

  /** When to call `deliverDue` next; undefined when nothing is held. */
  nextDueMs(): number | undefined {
    return this.conditioner.nextDueMs();
  }

  deliverDue(nowMs: number): void {
    for (const { linkId, direction, lane, frame } of this.conditioner.due(nowMs)) {
      const link = this.#links.get(linkId);
      if (direction === 'in') this.#receive(linkId, lane, frame, nowMs);
      else if (link !== undefined) this.#carry(linkId, link, lane, [frame]);
    }
  }

  /** Undefined while there is no connection. */
  traffic(linkId: LinkId): Traffic | undefined {
    const link = this.#links.get(linkId);
    return link && { inBytes: link.inBytes, outBytes: link.outBytes };
  }

  /** Frames of this many bytes left on the link by another way than ours. */
  leftBeside(linkId: LinkId, bytes: number): void {
    const link = this.#links.get(linkId);
    if (link !== undefined) link.outBytes += bytes;
  }

  /** Gives up half messages whose next frame does not come. */
  expire(nowMs: number): void {
    for (const { reassemblers } of this.#links.values()) {
      reassemblers.data.expire(nowMs);
      reassemblers.control.expire(nowMs);
    }
  }

  /** Payload bytes held for unfinished messages of one link. */
  heldBytes(linkId: LinkId): number {
    const reassemblers = this.#links.get(linkId)?.reassemblers;
    return reassemblers === undefined ? 0 : reassemblers.data.heldBytes + reassemblers.control.heldBytes;
  }

  #carry(linkId: LinkId, link: Framing, lane: Lane, frames: readonly Uint8Array[]): boolean {
    if (!this.#carrier.carry(linkId, lane, frames)) return false;
    for (const { length } of frames) link.outBytes += length;
    return true;
  }

  #receive(linkId: LinkId, lane: Lane, frame: Uint8Array, nowMs: number): void {
    const link = this.#links.get(linkId);
    if (link === undefined) return;
    link.inBytes += frame.length;
    const result = link.reassemblers[lane].push(frame, nowMs);
    if (!result.ok) this.#carrier.refusals.add(`frame: ${result.reason}`);
    else if (result.message !== undefined) this.#carrier.message(linkId, lane, result.message);
    else if (nowMs - link.partToldMs >= partsEveryMs) {
      link.partToldMs = nowMs;
      this.#carrier.part?.(linkId);
    }
  }
}
