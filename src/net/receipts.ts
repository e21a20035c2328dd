/**
 * Receipts: how much of the data lane has come, told to its sender on the control lane (flow-window.ts says why).
 *
 *     receipt = header total        header: 0x20, frame version 2 without flags     total: varint, bytes of frames and handshake since the
 *                                                                                   channel opened
 *
 * Totals, so that a lost one is made up for by the next, and one that comes late says nothing. An end of frame version 1 refuses
 * receipts as frames of an unknown version and sends none itself; the link goes on.
 */
import { decode, Writer, type Decoded } from '../base/codec.ts';
import { channelBufferedBytesMin, counterMax } from '../base/limits.ts';

const receiptHeader = 0x20;
/** At most so often while data comes in … */
export const receiptEveryMs = 25;
/** … or after so much: the least window. So whoever has all that was sent receipted but less than that has room for more. */
export const receiptEveryBytes = channelBufferedBytesMin;

export function isReceipt(frame: Uint8Array): boolean {
  return frame[0] === receiptHeader;
}

export function encodeReceipt(totalBytes: number): Uint8Array<ArrayBuffer> {
  const total = new Writer().varUint(totalBytes).finish();
  const frame = new Uint8Array(1 + total.length);
  frame[0] = receiptHeader;
  frame.set(total, 1);
  return frame;
}

/** The total of a frame that `isReceipt`. */
export function decodeReceipt(frame: Uint8Array): Decoded<number> {
  return decode(frame.subarray(1), reader => reader.varUint(counterMax));
}

/** The receiving end's count, and when it is to be told. */
export class Receipts {
  #totalBytes = 0;
  #toldBytes = 0;
  #toldMs = -Infinity;

  /** `bytes` came. */
  came(bytes: number): void {
    this.#totalBytes += bytes;
  }

  /** The total, when it is to be told now. `resting`: nothing more may come, so that whatever is untold is due. */
  due(nowMs: number, resting = false): number | undefined {
    const untold = this.#totalBytes - this.#toldBytes;
    if (untold === 0) return undefined;
    if (!resting && untold < receiptEveryBytes && nowMs - this.#toldMs < receiptEveryMs) return undefined;
    this.#toldBytes = this.#totalBytes;
    this.#toldMs = nowMs;
    return this.#totalBytes;
  }
}
