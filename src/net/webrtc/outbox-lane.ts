/**
 * The sending end of the outbox channels, in the Worker that keeps batches: what the disk has just taken leaves from
 * there at once. Sent by the page it would wait until the page has drawn what was typed, some ten milliseconds.
 *
 * A channel is handed over before it opens (Chromium, Safari and newer Firefox can; where it cannot be, the page
 * sends on the data lane as ever).
 */
import { controlBufferedBytesMax } from '../../base/limits.ts';
import type { LinkId } from '../transport.ts';

export class OutboxLane {
  readonly #channels = new Map<LinkId, RTCDataChannel>();

  adopt(linkId: LinkId, channel: RTCDataChannel): void {
    this.#channels.set(linkId, channel);
    channel.onclose = () => {
      if (this.#channels.get(linkId) === channel) this.#channels.delete(linkId);
    };
  }

  /** False when the channel is not there, not open or has enough to do. */
  send(linkId: LinkId, frame: Uint8Array): boolean {
    const channel = this.#channels.get(linkId);
    if (channel?.readyState !== 'open' || channel.bufferedAmount > controlBufferedBytesMax) return false;
    channel.send(frame as Uint8Array<ArrayBuffer>);
    return true;
  }
}
