/**
 * How much of the data lane may be under way: put into the channel and not receipted by the other end.
 *
 * Why not what the channel shows as buffered: that is what SCTP has not sent yet. What it has sent and the network has not
 * delivered it does not show, and its congestion window grows until something is lost: on a line of 1 Mbit/s a heartbeat then waits
 * six seconds behind what has gathered there. So the other end says on the control lane how much has come (receipts.ts), and
 * what is under way is kept to what the line delivers in the time of its own delay and `channelAheadMs`:
 *
 *     rate    = receipted in a span ÷ time, smoothed          nearest = least time from put to receipt since the lane last rested
 *     window  = rate × (nearest + channelAheadMs), within bounds
 *
 * The window's own effect on the rate settles it: with less under way than the line holds, rate = window ÷ round trip and
 * the window grows by (nearest + channelAheadMs) ÷ round trip; with more, the rate is the line's and what queues up on it takes
 * `channelAheadMs`. That is the aim of LEDBAT (RFC 6817) with the arithmetic of BBR (Cardwell et al., "BBR: Congestion-Based
 * Congestion Control", 2016, samples that the application limited included). SCTP's own congestion control stays below it.
 *
 * A peer that has sent none for as long is held to `firstWindowBytes` of what its channel shows. A receipt may be lost, the last one too:
 * when none has come for `overdueMs` and what a window takes, although the channel is empty, what is under way is written off.
 *
 * Pure: time is handed in and must not go backwards.
 */
import { channelAheadMs, channelBufferedBytesMax, channelBufferedBytesMin } from '../base/limits.ts';

/** Before anything was measured: half a second of the slowest link that one still calls broadband, 1 Mbit/s. */
export const firstWindowBytes = 64 * 1024;
/** Longer than the silence that anything but a dead or a very slow line gives. */
export const overdueMs = 2_000;
/** Shorter spans would take a burst for the rate of the line. */
const spanMs = 100;
/** A pause after which the line is looked at afresh: longer than those between two messages of one transfer. */
const restMs = 300;
/** Share of a new measurement: of a line that became a hundred times slower nothing is left in the rate after seven spans. */
const smoothing = 1 / 2;
/** Of when was put what: often enough for a delay, seldom enough to stay a short list. */
const markEveryMs = 10;
/** An end that sends no receipts takes none away. */
const marksMax = 512;

interface Mark {
  readonly totalBytes: number;
  readonly atMs: number;
}

export type ReceiptOutcome = 'taken' | 'stale' | 'beyond';

export class FlowWindow {
  #putBytes = 0;
  #receiptedBytes = 0;
  #receiptsCome = false;
  /** Of the last receipt, or of what was put while nothing was under way. */
  #heardMs = 0;
  #rateBytesPerS: number | undefined;
  #nearestMs = Infinity;
  #marks: Mark[] = [];
  #span: Mark = { totalBytes: 0, atMs: 0 };
  /** In this span there was room for more than was sent, so that it says only what the line carries at least. */
  #hadRoom = false;

  get windowBytes(): number {
    if (this.#rateBytesPerS === undefined) return firstWindowBytes;
    const nearestMs = this.#nearestMs === Infinity ? 0 : this.#nearestMs;
    const bytes = (this.#rateBytesPerS * (nearestMs + channelAheadMs)) / 1000;
    return Math.round(Math.min(channelBufferedBytesMax, Math.max(channelBufferedBytesMin, bytes)));
  }

  /** Whether more may be put into a channel that shows `bufferedBytes`. */
  hasRoom(bufferedBytes: number, nowMs: number): boolean {
    if (!this.#receiptsCome && nowMs - this.#heardMs >= overdueMs) return bufferedBytes < firstWindowBytes;
    if (this.#underWay < this.windowBytes) return true;
    if (bufferedBytes > 0 || nowMs - this.#heardMs < overdueMs + this.#windowMs) return false;
    this.#receiptedBytes = this.#putBytes;
    this.#heardMs = nowMs;
    this.#marks = [];
    this.#begin(nowMs);
    return true;
  }

  /** `bytes` were put into the channel. */
  put(bytes: number, nowMs: number): void {
    if (this.#underWay === 0 && nowMs - this.#heardMs >= restMs) this.#rested(nowMs);
    this.#putBytes += bytes;
    const last = this.#marks.at(-1);
    if (last === undefined || (nowMs - last.atMs >= markEveryMs && this.#marks.length < marksMax))
      this.#marks.push({ totalBytes: this.#putBytes, atMs: nowMs });
  }

  /** All there was to send is in the channel, and the window is not full. */
  leftRoom(): void {
    this.#hadRoom = true;
  }

  /** The other end has got `totalBytes` of all that was ever put. `beyond`: more than there was, which is a lie. */
  receipted(totalBytes: number, nowMs: number): ReceiptOutcome {
    if (totalBytes > this.#putBytes) return 'beyond';
    if (totalBytes <= this.#receiptedBytes) return 'stale';
    this.#receiptsCome = true;
    this.#receiptedBytes = totalBytes;
    this.#heardMs = nowMs;
    for (
      let mark = this.#marks[0];
      mark !== undefined && mark.totalBytes <= totalBytes;
      mark = this.#marks[0]
    ) {
      this.#nearestMs = Math.min(this.#nearestMs, nowMs - mark.atMs);
      this.#marks.shift();
    }
    const tookMs = nowMs - this.#span.atMs;
    if (tookMs >= spanMs) {
      this.#measured(((totalBytes - this.#span.totalBytes) * 1000) / tookMs);
      this.#begin(nowMs);
    }
    return 'taken';
  }

  /** What the line takes for a window, so that a slow one is not taken for one that loses. */
  get #windowMs(): number {
    const rate = this.#rateBytesPerS;
    return rate === undefined || rate === 0 ? 0 : (this.windowBytes * 1000) / rate;
  }
  get #underWay(): number {
    return this.#putBytes - this.#receiptedBytes;
  }

  /** Nothing was under way for a while: its delay can be seen again, and the pause says nothing of its rate. */
  #rested(nowMs: number): void {
    this.#heardMs = nowMs;
    this.#nearestMs = Infinity;
    this.#marks = [];
    this.#begin(nowMs);
  }

  #begin(nowMs: number): void {
    this.#span = { totalBytes: this.#receiptedBytes, atMs: nowMs };
    this.#hadRoom = false;
  }

  #measured(sampleBytesPerS: number): void {
    const rate = this.#rateBytesPerS;
    if (rate === undefined) {
      // Until something held it up the first window is as good a guess as any.
      if (!this.#hadRoom || sampleBytesPerS * channelAheadMs > firstWindowBytes * 1000)
        this.#rateBytesPerS = sampleBytesPerS;
    } else if (!this.#hadRoom) this.#rateBytesPerS = rate + (sampleBytesPerS - rate) * smoothing;
    else if (sampleBytesPerS > rate) this.#rateBytesPerS = sampleBytesPerS;
  }
}
