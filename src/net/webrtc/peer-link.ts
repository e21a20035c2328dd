/**
 * One link: a simple-peer connection whose own channel is the data lane, and beside it a negotiated channel,
 * unordered and without retransmits, as the control lane. Two more, one a direction, are the outbox lane: their
 * sending ends are given to the Worker that keeps batches (outbox-lane.ts); what arrives on them is data. Frames go
 * in and out here; messages, conditions and policy are the mesh's.
 *
 * Why not simple-peer's stream: its `write` hides the buffer behind its own, and its channel alone would let a
 * 5 MiB paste delay every heartbeat.
 */
import type SimplePeer from 'simple-peer';
import { controlBufferedBytesMax, sendQueueBytesMax } from '../../base/limits.ts';
import { FlowWindow, firstWindowBytes } from '../flow-window.ts';
import { decodeReceipt, encodeReceipt, Receipts } from '../receipts.ts';
import { askToDial, SignalGate, type GateRefusal, type SignalData } from '../signals.ts';
import type { Lane } from '../transport.ts';
import type { MakePeer } from './platform.ts';

/** Both sides create it under this number; nothing is announced, so simple-peer never sees it. */
const controlChannelId = 1000;
/** From whoever dialled, and to it. */
const outboxChannelIds = [1001, 1002] as const;

/** What simple-peer keeps to itself and we need: the connection, and its channel's buffer. */
interface PeerInternals {
  readonly _pc: RTCPeerConnection;
  readonly _channel: RTCDataChannel | null;
}

export interface PeerLinkConfig {
  /** The attempt's name: signals of another one are not for this link. */
  readonly dial: string;
  readonly initiator: boolean;
  readonly iceServers: RTCIceServer[];
  readonly makePeer: MakePeer;
}

export interface PeerLinkEvents {
  readonly signal: (data: unknown) => void;
  readonly open: () => void;
  /** The sending end of the outbox lane, not open yet and not used: it can be transferred in this very turn. */
  readonly outbox: (channel: RTCDataChannel) => void;
  readonly frame: (lane: Lane, frame: Uint8Array) => void;
  readonly drained: () => void;
  readonly closed: (reason: string) => void;
}

/** False when the channel has died and has not said so yet: libdatachannel throws then. The link's end follows as an event. */
function put(channel: RTCDataChannel, bytes: Uint8Array): boolean {
  try {
    channel.send(bytes as Uint8Array<ArrayBuffer>);
    return true;
  } catch {
    return false;
  }
}

export class PeerLink {
  readonly dial: string;
  readonly initiator: boolean;
  readonly #gate = new SignalGate();
  readonly #peer: SimplePeer.Instance & PeerInternals;
  readonly #control: RTCDataChannel;
  readonly #arriving: RTCDataChannel;
  readonly #events: PeerLinkEvents;
  readonly #window = new FlowWindow();
  readonly #receipts = new Receipts();
  #receipting = false;
  #queue: Uint8Array[] = [];
  #queuedBytes = 0;
  #refused = false;
  #open = false;
  #closed = false;

  constructor({ dial, initiator, iceServers, makePeer }: PeerLinkConfig, events: PeerLinkEvents) {
    this.dial = dial;
    this.initiator = initiator;
    this.#events = events;
    this.#peer = makePeer({ initiator, trickle: true, config: { iceServers } }) as SimplePeer.Instance &
      PeerInternals;
    this.#control = this.#peer._pc.createDataChannel('control', {
      negotiated: true,
      id: controlChannelId,
      ordered: false,
      maxRetransmits: 0,
    });
    this.#control.binaryType = 'arraybuffer';
    this.#control.onmessage = event => {
      if (event.data instanceof ArrayBuffer) events.frame('control', new Uint8Array(event.data));
    };
    const [fromDialler, toDialler] = outboxChannelIds;
    this.#arriving = this.#peer._pc.createDataChannel('outbox', {
      negotiated: true,
      id: initiator ? toDialler : fromDialler,
    });
    this.#arriving.binaryType = 'arraybuffer';
    this.#arriving.onmessage = event => {
      if (event.data instanceof ArrayBuffer) events.frame('data', new Uint8Array(event.data));
    };
    events.outbox(
      this.#peer._pc.createDataChannel('outbox', {
        negotiated: true,
        id: initiator ? fromDialler : toDialler,
      }),
    );
    this.#peer.on('signal', data => {
      events.signal(data);
    });
    this.#peer.on('connect', () => {
      this.#opened();
    });
    this.#peer.on('data', (data: Uint8Array) => {
      this.#receipts.came(data.byteLength);
      this.#receipt();
      events.frame('data', new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    });
    this.#peer.on('error', error => {
      // A close on the other side comes as an error of the channel or as its end, whichever is told first.
      const closedThere = (error as { readonly code?: unknown }).code === 'ERR_DATA_CHANNEL';
      this.close(closedThere ? 'goodbye' : 'connection failed');
    });
    this.#peer.on('close', () => {
      this.close('goodbye');
    });
  }

  get isOpen(): boolean {
    return this.#open && !this.#closed;
  }

  /** For what it was described with. */
  get connection(): RTCPeerConnection {
    return this.#peer._pc;
  }

  /** Undefined when the connection has got it. What names no certificate, or another than before, ends the link. */
  signal(data: SignalData): GateRefusal | undefined {
    if (this.#closed || data === askToDial) return undefined;
    const refused = this.#gate.refuses(data);
    if (refused === undefined) this.#peer.signal(data as SimplePeer.SignalData);
    else if (refused !== 'too-many') this.close(`refused: ${refused}`);
    return refused;
  }

  /** One word of the handshake, on the data lane, before all frames. */
  say(bytes: Uint8Array<ArrayBuffer>): void {
    const channel = this.#peer._channel;
    if (channel?.readyState === 'open' && put(channel, bytes))
      this.#window.put(bytes.length, performance.now());
  }

  /** From now on the other end takes frames, and receipts are such. */
  up(): void {
    this.#receipting = true;
  }

  /** A receipt came; false when no honest end would have sent it. */
  receipted(frame: Uint8Array): boolean {
    const total = decodeReceipt(frame);
    if (!total.ok || this.#window.receipted(total.value, performance.now()) === 'beyond') return false;
    this.#pump();
    return true;
  }

  #opened(): void {
    const channel = this.#peer._channel;
    if (channel === null || this.#closed) return;
    this.#open = true;
    // For an end that sends no receipts.
    channel.bufferedAmountLowThreshold = firstWindowBytes / 4;
    channel.addEventListener('bufferedamountlow', () => {
      this.#pump();
    });
    this.#events.open();
  }

  /** False when the queue is full; `drained` follows when there is room again. */
  send(lane: Lane, frames: readonly Uint8Array[]): boolean {
    if (!this.isOpen) return false;
    if (lane === 'control') return this.#sendControl(frames);
    const bytes = frames.reduce((sum, frame) => sum + frame.length, 0);
    if (this.#queuedBytes + bytes > sendQueueBytesMax) {
      this.#refused = true;
      return false;
    }
    this.#queue.push(...frames);
    this.#queuedBytes += bytes;
    this.#pump();
    return true;
  }

  /** May lose by its nature: what does not fit now is dropped rather than late. */
  #sendControl(frames: readonly Uint8Array[]): boolean {
    if (this.#control.readyState !== 'open' || this.#control.bufferedAmount > controlBufferedBytesMax)
      return false;
    return frames.every(frame => put(this.#control, frame));
  }

  #pump(): void {
    const channel = this.#peer._channel;
    if (channel?.readyState !== 'open') return;
    const nowMs = performance.now();
    let sent = 0;
    for (const frame of this.#queue) {
      if (!this.#window.hasRoom(channel.bufferedAmount, nowMs) || !put(channel, frame)) break;
      this.#window.put(frame.length, nowMs);
      this.#queuedBytes -= frame.length;
      sent++;
    }
    this.#queue.splice(0, sent);
    if (this.#queue.length === 0) this.#window.leftRoom();
    this.#sayDrained();
  }

  /** Tells the other end what has come, if that is due. */
  #receipt(resting = false): void {
    const total = this.#receipting ? this.#receipts.due(performance.now(), resting) : undefined;
    if (total !== undefined) this.#sendControl([encodeReceipt(total)]);
  }

  #sayDrained(): void {
    if (!this.#refused || this.#queuedBytes >= sendQueueBytesMax / 2) return;
    this.#refused = false;
    this.#events.drained();
  }

  /** Call about four times a second: what a lost receipt holds up goes on, and the last bytes are receipted. */
  tick(): void {
    if (!this.isOpen) return;
    this.#pump();
    this.#receipt(true);
  }

  /** The link was switched off: what waits here stays. What the channel has taken is gone. */
  discardQueue(): void {
    this.#queue = [];
    this.#queuedBytes = 0;
    this.#sayDrained();
  }

  /** `pc.close()` reaches the other side in tens of milliseconds; a page that just vanishes does not. */
  close(reason: string): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#queue = [];
    this.#control.onmessage = null;
    this.#arriving.onmessage = null;
    this.#peer.destroy();
    this.#events.closed(reason);
  }
}
