/**
 * Messages as frames of at most 16 KiB, and frames back into messages.
 *
 * Why frames: a data channel's own limit on a message differs between browsers, a large message blocks the
 * small ones behind it, and a receiver that lets the sender choose the size has handed over its memory.
 *
 *     frame       = header [messageId index] payload            messageId, index: varint
 *     header      = version << 4 | flags                        flags: 1 first, 2 last; 4 and 8 are zero
 *     single      = header with first and last, no id, no index: costs one byte
 *     every frame of a longer message but its last is exactly `frameBytesMax` long
 *
 * The last rule is what bounds memory: without it a peer could make us keep a million one-byte pieces, each
 * with an array object around it, inside a message that is within its size. The bytes stand in
 * docs/protocols/frames.md.
 *
 * One reassembler serves a lane of a link, or both: ids are shared by the lanes. A message's frames must arrive in order with none missing; a
 * gap loses the message, and whoever sits above asks again. So what travels on the unordered lane should fit
 * in one frame.
 */
import { assert } from '../base/assert.ts';
import { decode, Writer } from '../base/codec.ts';
import {
  counterMax,
  frameBytesMax,
  messageBytesMax,
  openReassembliesMax,
  reassemblyTimeoutMs,
} from '../base/limits.ts';

const frameVersion = 1;

const FIRST = 1;
const LAST = 2;
const SINGLE = FIRST | LAST;
const FLAGS = 15;

/** What fits into one frame together with the header of a single frame. */
export const singlePayloadBytesMax = frameBytesMax - 1;

function headerByte(flags: number): number {
  return (frameVersion << 4) | flags;
}

/** `message` as the frame it is whatever the link and its counter; undefined when it needs several. */
export function singleFrame(message: Uint8Array): Uint8Array<ArrayBuffer> | undefined {
  return message.length <= singlePayloadBytesMax ? encodeFrames(message, 0)[0] : undefined;
}

/**
 * `messageId`: below 2^48, used once in this direction of the link, by either lane: a counter. A message that
 * fits in one frame does not carry it. The frames are copies; `message` may be reused afterwards.
 */
export function encodeFrames(message: Uint8Array, messageId: number): Uint8Array<ArrayBuffer>[] {
  assert(message.length <= messageBytesMax, 'message too long for the link');
  assert(Number.isSafeInteger(messageId) && messageId >= 0 && messageId < counterMax, 'bad message id');
  if (message.length <= singlePayloadBytesMax) {
    const frame = new Uint8Array(1 + message.length);
    frame[0] = headerByte(SINGLE);
    frame.set(message, 1);
    return [frame];
  }
  const frames: Uint8Array<ArrayBuffer>[] = [];
  for (let at = 0; at < message.length;) {
    const place = new Writer().varUint(messageId).varUint(frames.length).finish();
    const payload = message.subarray(at, at + frameBytesMax - 1 - place.length);
    at += payload.length;
    const frame = new Uint8Array(1 + place.length + payload.length);
    frame[0] = headerByte((frames.length === 0 ? FIRST : 0) | (at === message.length ? LAST : 0));
    frame.set(place, 1);
    frame.set(payload, 1 + place.length);
    frames.push(frame);
  }
  return frames;
}

/** Reasons an honest peer never gives, whatever the network does: a bug or an attack on the other side. */
export type MalformedFrame =
  | 'empty'
  | 'frame-too-long'
  | 'unknown-version'
  | 'unknown-flags'
  | 'bad-header'
  /** A frame that is not its message's last one and yet not full, or a frame without payload. */
  | 'not-full'
  /** Marked first with an index above 0, or the reverse. */
  | 'bad-index'
  | 'message-too-long';

/** Reasons that loss, duplication, reordering or our own limits give as well. */
export type UnusableFrame =
  /** A frame before this one is missing: the whole message is given up. */
  | 'gap'
  /** This frame was here already; the message goes on. */
  | 'duplicate'
  /** Of a message that has no first frame here: given up, timed out, complete, or its beginning was lost. */
  | 'unknown-message';

export type Reassembled =
  /** `message` is absent while frames of it are still to come. It may be a view into the frame. */
  | { readonly ok: true; readonly message?: Uint8Array }
  | { readonly ok: false; readonly reason: MalformedFrame; readonly malformed: true }
  | { readonly ok: false; readonly reason: UnusableFrame; readonly malformed: false };

interface Open {
  readonly payloads: Uint8Array[];
  bytes: number;
  /** When its last frame came. */
  touchedMs: number;
}

interface Piece {
  readonly messageId: number;
  readonly index: number;
  readonly payload: Uint8Array;
}

/**
 * Puts the frames of one link together. Holds at most `openReassembliesMax` messages of `messageBytesMax`,
 * made of bytes that really arrived; nothing is allocated from a claimed length, since none is claimed.
 */
export class Reassembler {
  /** Oldest touched first: a message that advances goes to the end. */
  readonly #open = new Map<number, Open>();
  #abandoned = 0;

  get openMessages(): number {
    return this.#open.size;
  }
  /** Payload bytes held for unfinished messages. */
  get heldBytes(): number {
    let bytes = 0;
    for (const open of this.#open.values()) bytes += open.bytes;
    return bytes;
  }
  /** Messages given up so far: by a gap, too long, timed out, or pushed out by newer ones. */
  get abandoned(): number {
    return this.#abandoned;
  }

  /** Frames are kept by reference until their message is complete. */
  push(frame: Uint8Array, nowMs: number): Reassembled {
    this.expire(nowMs);
    const header = frame[0];
    if (header === undefined) return malformed('empty');
    if (frame.length > frameBytesMax) return malformed('frame-too-long');
    if (header >> 4 !== frameVersion) return malformed('unknown-version');
    const flags = header & FLAGS;
    if (flags > SINGLE) return malformed('unknown-flags');
    if (flags === SINGLE) return { ok: true, message: frame.subarray(1) };

    const decoded = decode<Piece>(frame.subarray(1), reader => ({
      messageId: reader.varUint(counterMax - 1),
      index: reader.varUint(messageBytesMax),
      payload: reader.bytes(reader.left),
    }));
    if (!decoded.ok) return malformed('bad-header');
    const piece = decoded.value;
    const last = flags === LAST;
    if (piece.payload.length === 0 || (!last && frame.length < frameBytesMax)) return malformed('not-full');
    if ((piece.index === 0) !== (flags === FIRST)) return malformed('bad-index');
    return this.#add(piece, last, nowMs);
  }

  /** Gives up what has waited too long for its next frame. `push` does it too; call it when a link is quiet. */
  expire(nowMs: number): void {
    for (const [messageId, open] of this.#open) {
      if (nowMs - open.touchedMs < reassemblyTimeoutMs) return;
      this.#abandon(messageId);
    }
  }

  #add({ messageId, index, payload }: Piece, last: boolean, nowMs: number): Reassembled {
    const open = this.#open.get(messageId) ?? (index === 0 ? this.#begin(messageId, nowMs) : undefined);
    if (open === undefined) return unusable('unknown-message');
    if (index < open.payloads.length) return unusable('duplicate');
    if (index > open.payloads.length) {
      this.#abandon(messageId);
      return unusable('gap');
    }
    if (open.bytes + payload.length > messageBytesMax) {
      this.#abandon(messageId);
      return malformed('message-too-long');
    }
    open.payloads.push(payload);
    open.bytes += payload.length;
    open.touchedMs = nowMs;
    this.#open.delete(messageId);
    if (last) return { ok: true, message: joined(open) };
    this.#open.set(messageId, open);
    return { ok: true };
  }

  /**
   * With all places taken the one that has waited longest goes: it most likely lost a frame. Refusing the new
   * one instead would let a few lost frames on the unordered lane stop the reliable one for ten seconds.
   */
  #begin(messageId: number, nowMs: number): Open {
    if (this.#open.size >= openReassembliesMax) {
      for (const oldest of this.#open.keys()) {
        this.#abandon(oldest);
        break;
      }
    }
    const open: Open = { payloads: [], bytes: 0, touchedMs: nowMs };
    this.#open.set(messageId, open);
    return open;
  }

  #abandon(messageId: number): void {
    this.#open.delete(messageId);
    this.#abandoned++;
  }
}

function malformed(reason: MalformedFrame): Reassembled {
  return { ok: false, reason, malformed: true };
}
function unusable(reason: UnusableFrame): Reassembled {
  return { ok: false, reason, malformed: false };
}

function joined(open: Open): Uint8Array {
  const message = new Uint8Array(open.bytes);
  let at = 0;
  for (const payload of open.payloads) {
    message.set(payload, at);
    at += payload.length;
  }
  return message;
}
