/**
 * One WebSocket's life on the relay: it must join within seconds, may send signals and pings, is told what it
 * did wrong, and is dropped when it keeps doing so, falls silent or does not read. Nothing that arrives here
 * may throw: a relay that one malformed frame can stop is a relay that anybody can stop.
 */
import type { RawData, WebSocket } from 'ws';
import { assertNever } from '../src/base/assert.ts';
import { retryAfterMsMax } from '../src/base/limits.ts';
import {
  decodeClientMessage,
  encodeServerMessage,
  type ClientMessage,
  type RefusedReason,
  type ServerMessage,
} from '../src/net/signaling.ts';
import type { Admission } from './admission.ts';
import type { Counted } from './counted.ts';
import { iceRenewMs, type IceServers } from './ice-servers.ts';
import type { ServerLimits } from './limits.mjs';
import type { Member, Rooms, Seat } from './rooms.ts';
import { TokenBucket } from './token-buckets.ts';

/** Malformed, misplaced or too many messages after which a socket is dropped: a bug repeats itself, an accident does not. */
export const faultsMax = 5;
/** Pings in a row without an answer after which a socket counts as gone. */
const missedPingsMax = 2;
/** What the shortest message costs of a bucket: parsing and passing it on is not free. */
const messageBytesMin = 1024;

/** WebSocket close codes (RFC 6455, section 7.4.1). */
const closeNormal = 1000;
const closePolicy = 1008;

/** What all sockets share. */
export interface RelaySettings {
  readonly rooms: Rooms;
  readonly counted: Counted;
  readonly limits: ServerLimits;
  readonly admission: Admission;
  readonly ice: IceServers;
  /** Monotonic. */
  readonly nowMs: () => number;
  /** Milliseconds since 1970, for when credentials expire. */
  readonly wallMs: () => number;
}

/** Whose socket it is. */
export interface Caller {
  /** The key of limits per address. */
  readonly address: string;
  readonly host: string | undefined;
}

export class RelaySocket implements Member {
  readonly #socket: WebSocket;
  readonly #caller: Caller;
  readonly #settings: RelaySettings;
  readonly #bytes = new TokenBucket();
  #joinTimer: NodeJS.Timeout | undefined;
  #iceRenewAtMs = Infinity;
  #seat: Seat | undefined;
  #faults = 0;
  #missedPings = 0;

  constructor(socket: WebSocket, caller: Caller, settings: RelaySettings) {
    this.#socket = socket;
    this.#caller = caller;
    this.#settings = settings;
    this.#joinTimer = setTimeout(() => {
      this.refuse('join-timeout');
    }, settings.limits.joinMs);
    socket.on('message', (data, isBinary) => {
      this.#received(data, isBinary);
    });
    socket.on('pong', () => (this.#missedPings = 0));
    // Too long a frame, broken UTF-8, a reset: ws closes the socket itself and 'close' follows.
    socket.on('error', error => {
      settings.counted.add('socketErrors', 'code' in error ? String(error.code) : error.name);
    });
    socket.on('close', () => {
      this.#left();
    });
  }

  send(message: ServerMessage): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    const { counted, limits } = this.#settings;
    if (this.#socket.bufferedAmount > limits.bufferedBytes) {
      counted.add('dropped', 'slow receiver');
      this.terminate();
      return;
    }
    this.#socket.send(encodeServerMessage(message), error => {
      if (error) counted.add('sendsFailed');
    });
  }

  /** Tells why, and when to come back if that is known, and closes. */
  refuse(reason: RefusedReason, retryAfterMs?: number): void {
    this.#tell(reason, retryAfterMs);
    this.#left();
    this.#socket.close(reason === 'shutting-down' ? closeNormal : closePolicy, reason);
  }

  #tell(reason: RefusedReason, retryAfterMs?: number): void {
    this.#settings.counted.add('refused', reason);
    this.send({ type: 'refused', reason, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) });
  }

  /** Without a goodbye: for a socket that did not answer one. */
  terminate(): void {
    this.#left();
    this.#socket.terminate();
  }

  /** Called every `pingEveryMs`. */
  checkAlive(): void {
    if (this.#missedPings >= missedPingsMax) {
      this.#settings.counted.add('dropped', 'silent');
      this.terminate();
      return;
    }
    if (this.#settings.nowMs() >= this.#iceRenewAtMs) this.#sendIce();
    this.#missedPings++;
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.ping();
  }

  #received(data: RawData, isBinary: boolean): void {
    // Frames that were on their way when the socket was refused.
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    // Without a `binaryType` of our own, ws hands every message over as one Buffer.
    const bytes = data as Buffer;
    const waitMs = this.#tooFastMs(Math.max(bytes.length, messageBytesMin));
    if (waitMs > 0) {
      this.#fault('too-fast', waitMs);
      return;
    }
    const decoded = isBinary
      ? { ok: false as const, reason: 'binary' }
      : decodeClientMessage(bytes.toString('utf8'));
    if (decoded.ok) {
      this.#obey(decoded.value);
      return;
    }
    this.#settings.counted.add('malformed', decoded.reason);
    this.#fault('malformed');
  }

  /** 0, or how long to wait until the buckets hold as much again. */
  #tooFastMs(bytes: number): number {
    const { admission, counted, limits } = this.#settings;
    const nowMs = this.#settings.nowMs();
    const rate = { burst: limits.messageBytesBurst, perSecond: limits.messageBytesPerSecond };
    const ownMs = this.#bytes.take(rate, bytes, nowMs);
    if (ownMs > 0) {
      counted.add('tooFast', 'socket');
      return ownMs;
    }
    const addressMs = admission.messageBytes.take(this.#caller.address, bytes, nowMs);
    if (addressMs > 0) counted.add('tooFast', 'address');
    return addressMs;
  }

  #obey(message: ClientMessage): void {
    const { rooms, counted } = this.#settings;
    switch (message.type) {
      case 'join': {
        if (this.#seat !== undefined) {
          this.refuse('already-joined');
          return;
        }
        this.#sendIce();
        const joined = rooms.join(message.topic, message.peer, this);
        if (!joined.ok) {
          this.refuse(joined.reason);
          return;
        }
        this.#seat = joined.seat;
        clearTimeout(this.#joinTimer);
        this.#joinTimer = undefined;
        counted.add('joined');
        return;
      }
      case 'signal':
        if (this.#seat === undefined) this.#fault('not-joined');
        else counted.add(rooms.relay(this.#seat, message.to, message.body) ? 'relayed' : 'nobodyThere');
        return;
      case 'ping':
        this.send({ type: 'pong' });
        return;
      default:
        assertNever(message);
    }
  }

  #fault(reason: 'malformed' | 'not-joined' | 'too-fast', waitMs?: number): void {
    const retryAfterMs = waitMs === undefined ? undefined : Math.min(Math.ceil(waitMs), retryAfterMsMax);
    if (++this.#faults >= faultsMax) this.refuse(reason, retryAfterMs);
    else this.#tell(reason, retryAfterMs);
  }

  #sendIce(): void {
    const { ice, nowMs, wallMs } = this.#settings;
    const servers = ice.for(this.#caller.host, wallMs());
    if (servers.length > 0) this.send({ type: 'ice', servers });
    this.#iceRenewAtMs = nowMs() + iceRenewMs;
  }

  #left(): void {
    clearTimeout(this.#joinTimer);
    const seat = this.#seat;
    this.#seat = undefined;
    if (seat !== undefined) this.#settings.rooms.leave(seat);
  }
}
