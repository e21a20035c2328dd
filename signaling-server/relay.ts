/**
 * One WebSocket's life on the relay: it must join within seconds, may send signals and pings, is told what it
 * did wrong, and is dropped when it keeps doing so, falls silent or does not read. Nothing that arrives here
 * may throw: a relay that one malformed frame can stop is a relay that anybody can stop.
 */
import type { RawData, WebSocket } from 'ws';
import { assertNever } from '../src/base/assert.ts';
import type { Counters } from '../src/base/trace.ts';
import {
  decodeClientMessage,
  encodeServerMessage,
  type ClientMessage,
  type RefusedReason,
  type ServerMessage,
} from '../src/net/signaling.ts';
import type { Member, Rooms, Seat } from './rooms.ts';

/** A peer that connects means to join: its first message is sent as the socket opens. */
export const joinTimeoutMs = 5_000;
/** Malformed or misplaced messages after which a socket is dropped: a bug repeats itself, an accident does not. */
export const faultsMax = 5;
/** What may wait for a receiver that does not read: sixteen of the longest signals. */
const bufferedBytesMax = 1024 * 1024;
/** Below the 30–60 s after which home routers forget a quiet connection. */
export const pingEveryMs = 20_000;
/** Pings in a row without an answer after which a socket counts as gone. */
const missedPingsMax = 2;

/** WebSocket close codes (RFC 6455, section 7.4.1). */
const closeNormal = 1000;
const closePolicy = 1008;

interface RelaySettings {
  readonly rooms: Rooms;
  readonly counters: Counters;
  readonly joinTimeoutMs: number;
}

export class RelaySocket implements Member {
  readonly #socket: WebSocket;
  readonly #rooms: Rooms;
  readonly #counters: Counters;
  readonly #joinTimer: NodeJS.Timeout;
  #seat: Seat | undefined;
  #faults = 0;
  #missedPings = 0;

  constructor(socket: WebSocket, settings: RelaySettings) {
    this.#socket = socket;
    this.#rooms = settings.rooms;
    this.#counters = settings.counters;
    this.#joinTimer = setTimeout(() => {
      this.refuse('join-timeout');
    }, settings.joinTimeoutMs);
    socket.on('message', (data, isBinary) => {
      this.#received(data, isBinary);
    });
    socket.on('pong', () => (this.#missedPings = 0));
    // Too long a frame, broken UTF-8, a reset: ws closes the socket itself and 'close' follows.
    socket.on('error', error => {
      this.#counters.add(`socket-error ${'code' in error ? String(error.code) : error.name}`);
    });
    socket.on('close', () => {
      this.#left();
    });
  }

  send(message: ServerMessage): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    if (this.#socket.bufferedAmount > bufferedBytesMax) {
      this.#counters.add('slow-receiver');
      this.terminate();
      return;
    }
    this.#socket.send(encodeServerMessage(message), error => {
      if (error) this.#counters.add('send-failed');
    });
  }

  refuse(reason: RefusedReason): void {
    this.#counters.add(`refused ${reason}`);
    this.send({ type: 'refused', reason });
    this.#left();
    this.#socket.close(reason === 'shutting-down' ? closeNormal : closePolicy, reason);
  }

  /** Without a goodbye: for a socket that did not answer one. */
  terminate(): void {
    this.#left();
    this.#socket.terminate();
  }

  /** Called every `pingEveryMs`. */
  checkAlive(): void {
    if (this.#missedPings >= missedPingsMax) {
      this.#counters.add('silent');
      this.terminate();
      return;
    }
    this.#missedPings++;
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.ping();
  }

  #received(data: RawData, isBinary: boolean): void {
    // Frames that were on their way when the socket was refused.
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    if (isBinary) {
      this.#fault('malformed', 'binary');
      return;
    }
    // Without a `binaryType` of our own, ws hands every text over as one Buffer.
    const decoded = decodeClientMessage((data as Buffer).toString('utf8'));
    if (decoded.ok) this.#obey(decoded.value);
    else this.#fault('malformed', decoded.reason);
  }

  #obey(message: ClientMessage): void {
    switch (message.type) {
      case 'join': {
        if (this.#seat !== undefined) {
          this.refuse('already-joined');
          return;
        }
        const joined = this.#rooms.join(message.topic, message.peer, this);
        if (!joined.ok) {
          this.refuse(joined.reason);
          return;
        }
        this.#seat = joined.seat;
        clearTimeout(this.#joinTimer);
        this.#counters.add('joined');
        return;
      }
      case 'signal':
        if (this.#seat === undefined) this.#fault('not-joined', 'not joined');
        else
          this.#counters.add(
            this.#rooms.relay(this.#seat, message.to, message.body) ? 'relayed' : 'nobody-there',
          );
        return;
      case 'ping':
        this.send({ type: 'pong' });
        return;
      default:
        assertNever(message);
    }
  }

  #fault(reason: 'malformed' | 'not-joined', detail: string): void {
    this.#counters.add(`${reason}: ${detail}`);
    if (++this.#faults >= faultsMax) this.refuse(reason);
    else this.send({ type: 'refused', reason });
  }

  #left(): void {
    clearTimeout(this.#joinTimer);
    const seat = this.#seat;
    this.#seat = undefined;
    if (seat !== undefined) this.#rooms.leave(seat);
  }
}
