/**
 * A link that is open once both ends have proven who they are (net/handshake). Stands between mesh and peer link: runs
 * the handshake's machine on the data lane, answers with WebCrypto what it asks, and lets no frame past before it is done.
 */
import { handshakeBytesMax } from '../../base/limits.ts';
import { isReceipt } from '../receipts.ts';
import type { Lane } from '../transport.ts';
import {
  Handshake,
  type HandshakeEffect,
  type HandshakeInput,
  type HandshakeRefusal,
  type ProvenPeer,
  type SpaceIdentity,
} from '../handshake/handshake.ts';
import { nonceBytes } from '../handshake/messages.ts';
import type { GateRefusal, SignalData } from '../signals.ts';
import { bindingOf, type BindingRefusal } from './channel-binding.ts';
import type { PeerLink, PeerLinkEvents } from './peer-link.ts';

/** Who we are on every link of a space, with the two things that have to be waited for. */
export interface LinkIdentity extends SpaceIdentity {
  /** Ed25519 by the device key, 64 bytes. */
  readonly sign: (message: Uint8Array) => Promise<Uint8Array>;
  readonly verify: (deviceKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => Promise<boolean>;
}

export type LinkRefusal = HandshakeRefusal | BindingRefusal;

export interface ProvenLinkEvents extends Omit<PeerLinkEvents, 'open'> {
  /** Both ends are proven. */
  readonly open: (peer: ProvenPeer) => void;
  /** `closed` follows. */
  readonly refused: (reason: LinkRefusal) => void;
  /** A receipt that no honest end sends: it changed nothing. */
  readonly misreceipted: () => void;
}

export class ProvenLink {
  readonly #identity: LinkIdentity;
  readonly #events: ProvenLinkEvents;
  readonly #link: PeerLink;
  /** From when the channels are open. */
  #handshake: Handshake | undefined;
  #ended = false;
  #lane: Lane = 'data';
  #early: Uint8Array | undefined;

  /** `make`: with these events, and without waiting. */
  constructor(identity: LinkIdentity, events: ProvenLinkEvents, make: (events: PeerLinkEvents) => PeerLink) {
    this.#identity = identity;
    this.#events = events;
    this.#link = make({
      ...events,
      open: () => {
        this.#channelsOpen();
      },
      frame: (lane, bytes) => {
        this.#lane = lane;
        this.#step({ type: 'arrived', bytes });
      },
      closed: reason => {
        this.#ended = true;
        events.closed(reason);
      },
    });
  }

  get dial(): string {
    return this.#link.dial;
  }
  get connection(): RTCPeerConnection {
    return this.#link.connection;
  }
  get isOpen(): boolean {
    return this.#link.isOpen && this.#handshake?.isUp === true;
  }

  /** Undefined when the connection has got it. Another certificate ends the link. */
  signal(data: SignalData): GateRefusal | undefined {
    return this.#link.signal(data);
  }
  send(lane: Lane, frames: readonly Uint8Array[]): boolean {
    return this.isOpen && this.#link.send(lane, frames);
  }
  discardQueue(): void {
    this.#link.discardQueue();
  }
  close(reason: string): void {
    this.#link.close(reason);
  }

  /** A few times a second: an end that does not prove itself in time is let go, and queues go on. */
  tick(nowMs: number): void {
    this.#link.tick();
    this.#step({ type: 'time', nowMs });
  }

  #channelsOpen(): void {
    const binding = bindingOf(this.#link.connection, this.#identity.crypto);
    if (!binding.ok) {
      this.#refuse(binding.reason);
      return;
    }
    this.#handshake = new Handshake(this.#identity, {
      role: this.#link.initiator ? 'dialler' : 'answerer',
      nonce: crypto.getRandomValues(new Uint8Array(nonceBytes)),
      fingerprints: binding,
      nowMs: performance.now(),
    });
    this.#take(this.#handshake.start());
    if (this.#early !== undefined) this.#step({ type: 'arrived', bytes: this.#early });
    this.#early = undefined;
  }

  #step(input: HandshakeInput): void {
    if (this.#ended) return;
    if (this.#handshake !== undefined) this.#take(this.#handshake.step(input));
    else if (input.type === 'arrived') this.#hold(input.bytes);
  }

  /** The channel may be open over there before we hear that it is here. More than a hello nobody can have to say by then. */
  #hold(bytes: Uint8Array): void {
    if (this.#early !== undefined || bytes.length > handshakeBytesMax) this.#refuse('early-frame');
    else this.#early = bytes.slice();
  }

  #take(effects: readonly HandshakeEffect[]): void {
    for (const effect of effects) {
      switch (effect.type) {
        case 'say':
          this.#link.say(effect.bytes);
          break;
        case 'sign':
          this.#identity.sign(effect.message).then(
            signature => {
              this.#step({ type: 'signed', signature });
            },
            () => {
              this.#step({ type: 'signed', signature: undefined });
            },
          );
          break;
        case 'verify':
          this.#identity.verify(effect.deviceKey, effect.message, effect.signature).then(
            holds => {
              this.#step({ type: 'verified', holds });
            },
            () => {
              this.#step({ type: 'verified', holds: false });
            },
          );
          break;
        case 'up':
          this.#link.up();
          this.#events.open(effect.peer);
          break;
        case 'frame':
          if (this.#lane === 'control' && isReceipt(effect.bytes)) this.#receipted(effect.bytes);
          else this.#events.frame(this.#lane, effect.bytes);
          break;
        case 'refuse':
          this.#refuse(effect.reason);
          break;
      }
      if (this.#ended) return;
    }
  }

  /** Frames are the mesh's, which counts what is wrong with them; receipts are the link's own. */
  #receipted(frame: Uint8Array): void {
    if (!this.#link.receipted(frame)) this.#events.misreceipted();
  }

  #refuse(reason: LinkRefusal): void {
    this.#events.refused(reason);
    this.#link.close(`refused: ${reason}`);
  }
}
