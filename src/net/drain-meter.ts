/**
 * How much to put into a channel ahead of the network: what it drains in `channelAheadMs`, as measured.
 *
 * Why not a constant: 256 KiB is nothing to a fast network and two seconds of a link of 1 Mbit/s, all of which still
 * leaves after a switch was turned off, and ahead of which nothing else of that channel can go.
 *
 *     left in a span = what was put in − what is still there;   rate = left ÷ time, smoothed
 *
 * A span is long enough to even out the bursts in which a transport opens its window. If the channel ran empty meanwhile it
 * could have carried more, so what was measured is a lower bound and may only raise the rate: the rule of BBR for samples
 * that the application limited (Cardwell et al., "BBR: Congestion-Based Congestion Control", 2016). So the mark of a link
 * that keeps up grows until it is no longer what holds it up, or as far as it may.
 *
 * Pure: time is handed in and must not go backwards.
 */
import { channelAheadMs, channelBufferedBytesMax, channelBufferedBytesMin } from '../base/limits.ts';

/** Before anything was measured: half a second of the slowest link that one still calls broadband, 1 Mbit/s. */
export const firstMarkBytes = 64 * 1024;
const firstRateBytesPerS = (firstMarkBytes * 1000) / channelAheadMs;
/** Shorter spans would take the burst of a window that opens for the rate of the link. */
const spanMs = 100;
/** Share of a new measurement: of a link that became a hundred times slower nothing is left in the rate after seven spans. */
const smoothing = 1 / 2;

export class DrainMeter {
  #rateBytesPerS: number | undefined;
  /** Of the span under way. */
  #sinceMs = 0;
  #leftBytes = 0;
  #bufferedBytes = 0;
  #ranEmpty = false;

  /** Undefined while nothing was measured that says more than the first mark. */
  get rateBytesPerS(): number | undefined {
    return this.#rateBytesPerS;
  }

  /** With this much in the channel, nothing more goes in. */
  get markBytes(): number {
    if (this.#rateBytesPerS === undefined) return firstMarkBytes;
    const ahead = (this.#rateBytesPerS * channelAheadMs) / 1000;
    return Math.round(Math.min(channelBufferedBytesMax, Math.max(channelBufferedBytesMin, ahead)));
  }

  /** The channel holds `bufferedBytes` now. To be called before more is put in, and now and then while it drains. */
  saw(bufferedBytes: number, nowMs: number): void {
    const tookMs = nowMs - this.#sinceMs;
    // An idle channel says nothing of the network: a span that ended idle long ago does not count.
    if (this.#bufferedBytes === 0) {
      if (this.#leftBytes === 0 || tookMs >= spanMs) this.#begin(nowMs);
      return;
    }
    this.#leftBytes += Math.max(0, this.#bufferedBytes - bufferedBytes);
    this.#bufferedBytes = bufferedBytes;
    if (bufferedBytes === 0) this.#ranEmpty = true;
    if (tookMs < spanMs) return;
    this.#measured((this.#leftBytes * 1000) / tookMs);
    this.#begin(nowMs);
  }

  /** `bytes` were put into the channel. */
  put(bytes: number): void {
    this.#bufferedBytes += bytes;
  }

  #begin(nowMs: number): void {
    this.#sinceMs = nowMs;
    this.#leftBytes = 0;
    this.#ranEmpty = false;
  }

  #measured(sampleBytesPerS: number): void {
    const rate = this.#rateBytesPerS;
    if (this.#ranEmpty) {
      if (sampleBytesPerS > (rate ?? firstRateBytesPerS)) this.#rateBytesPerS = sampleBytesPerS;
    } else
      this.#rateBytesPerS =
        rate === undefined ? sampleBytesPerS : rate + (sampleBytesPerS - rate) * smoothing;
  }
}
