/**
 * Snapshots in pieces: one message of megabytes would hold up every heartbeat behind it, and be lost as a whole. Some pieces are under way
 * at once, what arrives in order is acknowledged, and from there on it goes on (go-back-n). One that makes no headway is given up, and the
 * core told, which otherwise would wait for it for ever.
 *
 *     1, transfer, length of the whole, offset, bytes        a piece
 *     2, transfer, offset                                    all before this is here
 */
import { concatBytes } from '../../base/bytes.ts';
import { decode, Writer, type Decoded } from '../../base/codec.ts';
import { counterMax, snapshotBytesMax, snapshotPieceBytes, snapshotSendersMax } from '../../base/limits.ts';
import type { MemberId } from '../entry.ts';

export type PieceFrame =
  | {
      readonly type: 'piece';
      readonly transfer: number;
      readonly length: number;
      readonly offset: number;
      readonly bytes: Uint8Array;
    }
  | { readonly type: 'got'; readonly transfer: number; readonly offset: number };

export function encodePiece(frame: PieceFrame): Uint8Array {
  const writer = new Writer().byte(frame.type === 'piece' ? 1 : 2).varUint(frame.transfer);
  if (frame.type === 'got') return writer.varUint(frame.offset).finish();
  return writer.varUint(frame.length).varUint(frame.offset).varBytes(frame.bytes).finish();
}
export function decodePiece(frame: Uint8Array): Decoded<PieceFrame> {
  return decode(frame, reader => {
    const type = reader.byte();
    const transfer = reader.varUint(counterMax);
    if (type === 2) return { type: 'got', transfer, offset: reader.varUint(snapshotBytesMax) };
    if (type !== 1) reader.fail('unknown type of a frame');
    const length = reader.varUint(snapshotBytesMax) || reader.fail('a snapshot of nothing');
    const offset = reader.varUint(length - 1);
    const bytes = reader.varBytes(Math.min(snapshotPieceBytes, length - offset));
    if (bytes.length === 0) reader.fail('a piece of nothing');
    return { type: 'piece', transfer, length, offset, bytes };
  });
}

/** Pieces under way at once. */
const windowPieces = 4;
/** Times that a piece is sent again without any headway. */
const triesMax = 5;

interface Outgoing {
  readonly transfer: number;
  readonly bytes: Uint8Array;
  acknowledged: number;
  sent: number;
  progressAtMs: number;
  tries: number;
}

export class PieceSender {
  readonly #outgoing = new Map<MemberId, Outgoing>();
  #transfers: number;
  /** `nonce`: so that a restarted sender's transfers are not taken for its last ones. */
  constructor(nonce: number) {
    this.#transfers = nonce;
  }
  get isIdle(): boolean {
    return this.#outgoing.size === 0;
  }
  start(to: MemberId, bytes: Uint8Array, nowMs: number): readonly PieceFrame[] {
    const transfer = ++this.#transfers;
    const outgoing = { transfer, bytes, acknowledged: 0, sent: 0, progressAtMs: nowMs, tries: 0 };
    this.#outgoing.set(to, outgoing);
    return this.#next(outgoing);
  }
  /** Sends what the window has room for; `done` when all has arrived. */
  got(
    from: MemberId,
    { transfer, offset }: { readonly transfer: number; readonly offset: number },
    nowMs: number,
  ): { readonly frames: readonly PieceFrame[]; readonly done: boolean } {
    const outgoing = this.#outgoing.get(from);
    if (outgoing?.transfer !== transfer || offset <= outgoing.acknowledged || offset > outgoing.sent)
      return { frames: [], done: false };
    outgoing.acknowledged = offset;
    outgoing.progressAtMs = nowMs;
    outgoing.tries = 0;
    if (offset < outgoing.bytes.length) return { frames: this.#next(outgoing), done: false };
    this.#outgoing.delete(from);
    return { frames: [], done: true };
  }
  /** What is to be sent again, and what is given up. */
  due(
    nowMs: number,
    retryMs: number,
  ): { readonly frames: readonly (readonly [MemberId, PieceFrame])[]; readonly lost: readonly MemberId[] } {
    const frames: (readonly [MemberId, PieceFrame])[] = [];
    const lost: MemberId[] = [];
    for (const [to, outgoing] of this.#outgoing) {
      if (nowMs - outgoing.progressAtMs < retryMs) continue;
      outgoing.progressAtMs = nowMs;
      if (++outgoing.tries > triesMax) {
        this.#outgoing.delete(to);
        lost.push(to);
        continue;
      }
      outgoing.sent = outgoing.acknowledged;
      for (const frame of this.#next(outgoing)) frames.push([to, frame]);
    }
    return { frames, lost };
  }
  /** No leader any more: others send theirs. */
  clear(): void {
    this.#outgoing.clear();
  }
  #next(outgoing: Outgoing): readonly PieceFrame[] {
    const { transfer, bytes, acknowledged } = outgoing;
    const frames: PieceFrame[] = [];
    while (outgoing.sent < Math.min(bytes.length, acknowledged + windowPieces * snapshotPieceBytes)) {
      const offset = outgoing.sent;
      const piece = bytes.subarray(offset, offset + snapshotPieceBytes);
      frames.push({ type: 'piece', transfer, length: bytes.length, offset, bytes: piece });
      outgoing.sent += piece.length;
    }
    return frames;
  }
}

interface Incoming {
  readonly transfer: number;
  readonly length: number;
  readonly parts: Uint8Array[];
  offset: number;
}

export class PieceReceiver {
  readonly #incoming = new Map<MemberId, Incoming>();

  /** Nothing is set aside from a length that is claimed: parts are kept as they come. */
  take(
    from: MemberId,
    { transfer, length, offset, bytes }: Extract<PieceFrame, { type: 'piece' }>,
  ): { readonly got: PieceFrame; readonly whole?: Uint8Array } {
    let incoming = this.#incoming.get(from);
    // An older transfer's late piece does not end the one that is under way.
    if (incoming === undefined || transfer > incoming.transfer) {
      if (incoming === undefined && this.#incoming.size >= snapshotSendersMax)
        for (const first of this.#incoming.keys()) {
          this.#incoming.delete(first);
          break;
        }
      incoming = { transfer, length, parts: [], offset: 0 };
      this.#incoming.set(from, incoming);
    }
    if (transfer !== incoming.transfer || length !== incoming.length || offset !== incoming.offset)
      return { got: { type: 'got', transfer: incoming.transfer, offset: incoming.offset } };
    incoming.parts.push(bytes);
    incoming.offset += bytes.length;
    const got: PieceFrame = { type: 'got', transfer, offset: incoming.offset };
    if (incoming.offset < length) return { got };
    const whole = concatBytes(...incoming.parts);
    incoming.parts.length = 0;
    return { got, whole };
  }
}
