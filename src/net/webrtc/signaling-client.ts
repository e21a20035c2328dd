/**
 * The WebSocket to the signaling server: joins a room, relays sealed signals, and comes back by itself. A
 * server that is down is said (`unreachable`) and retried with jittered backoff; links that exist go on. A server
 * that closes on purpose says when to come back, to each peer another time, and is obeyed.
 */
import type { Random } from '../../base/ports.ts';
import { backoffMs } from '../dialer.ts';
import {
  decodeServerMessage,
  encodeClientMessage,
  signalingVersion,
  type ClientMessage,
  type ServerMessage,
} from '../signaling.ts';
import type { SignalingState } from '../transport.ts';
import type { Platform } from './platform.ts';

/** With the time an attempt may take, below five seconds: so soon after the network is back somebody is met again. */
const backoffMaxMs = 3_000;
/** A socket that has not answered `join` by then is as good as dead. A lost SYN is sent again after 1 and 3 s. */
const welcomeTimeoutMs = 4_000;
/** A page cannot see WebSocket pings; without its own, a half-open socket would look alive for minutes. */
const pingEveryMs = 15_000;
/** A socket that is suspected has this long to answer. */
const probeTimeoutMs = 2_000;
/**
 * Another socket of the same name took our place. Coming back at once would take it back, and so on for ever; by then
 * the other one is either gone or the one that works.
 */
const replacedPauseMs = 30_000;

export interface SignalingConfig {
  readonly url: string;
  readonly topic: string;
  /** This session's id, its name in the room. */
  readonly peer: string;
  readonly random: Random;
  readonly openSocket: Platform['openSocket'];
}

export interface SignalingEvents {
  /** The server sent something that is no message of the protocol. */
  readonly refused: (reason: string) => void;
  readonly state: (state: SignalingState) => void;
  readonly message: (message: ServerMessage) => void;
}

export class SignalingClient {
  readonly #url: string;
  readonly #openSocket: Platform['openSocket'];
  readonly #join: ClientMessage;
  readonly #random: Random;
  readonly #events: SignalingEvents;
  #socket: WebSocket | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #pingTimer: ReturnType<typeof setInterval> | undefined;
  #failures = 0;
  /** What the server asked for with its last message, if that was a refusal. */
  #retryAfterMs: number | undefined;
  #online = true;
  #closed = false;
  #joined = false;

  constructor({ url, topic, peer, random, openSocket }: SignalingConfig, events: SignalingEvents) {
    this.#url = url;
    this.#openSocket = openSocket;
    this.#join = { type: 'join', v: signalingVersion, topic, peer };
    this.#random = random;
    this.#events = events;
  }

  /** Off closes the socket; on connects at once. Also begins the first connection. */
  setOnline(online: boolean): void {
    this.#online = online;
    this.#failures = 0;
    this.#retryAfterMs = undefined;
    this.#disconnect();
    if (online && !this.#closed) this.#connect();
    else this.#events.state('off');
  }

  send(message: ClientMessage): void {
    if (this.#joined) this.#socket?.send(encodeClientMessage(message));
  }

  /** Something suggests that the socket is half open: it is asked, and replaced if it does not answer soon. */
  probe(): void {
    if (this.#joined) this.#ping(probeTimeoutMs);
  }

  close(): void {
    this.#closed = true;
    this.#disconnect();
  }

  #ping(timeoutMs: number): void {
    this.send({ type: 'ping' });
    const socket = this.#socket;
    this.#setTimer(() => {
      if (socket !== undefined) this.#lost(socket);
    }, timeoutMs);
  }

  #patience({ reason, retryAfterMs }: Extract<ServerMessage, { type: 'refused' }>): number | undefined {
    if (reason !== 'replaced') return retryAfterMs;
    return replacedPauseMs + this.#random.below(replacedPauseMs);
  }

  #connect(): void {
    this.#events.state(this.#failures === 0 ? 'connecting' : 'unreachable');
    const socket = this.#openSocket(this.#url);
    this.#socket = socket;
    this.#setTimer(() => {
      this.#lost(socket);
    }, welcomeTimeoutMs);
    socket.onopen = () => {
      socket.send(encodeClientMessage(this.#join));
    };
    socket.onmessage = event => {
      if (this.#socket === socket) this.#received(event.data);
    };
    socket.onclose = () => {
      this.#lost(socket);
    };
  }

  #received(data: unknown): void {
    const decoded =
      typeof data === 'string' ? decodeServerMessage(data) : { ok: false as const, reason: 'not text' };
    if (!decoded.ok) {
      this.#events.refused(`signaling: ${decoded.reason}`);
      return;
    }
    const message = decoded.value;
    if (message.type === 'welcome') {
      this.#joined = true;
      this.#failures = 0;
      clearTimeout(this.#timer);
      this.#pingTimer = setInterval(() => {
        this.#ping(welcomeTimeoutMs);
      }, pingEveryMs);
      this.#events.state('connected');
    }
    if (message.type === 'pong') clearTimeout(this.#timer);
    // Of the last word before the end: a socket that goes on after a refusal is not leaving.
    this.#retryAfterMs = message.type === 'refused' ? this.#patience(message) : undefined;
    this.#events.message(message);
  }

  #lost(socket: WebSocket): void {
    if (this.#socket !== socket) return;
    this.#disconnect();
    if (this.#closed || !this.#online) return;
    this.#events.state('unreachable');
    this.#failures++;
    const waitMs = this.#retryAfterMs ?? backoffMs(this.#random, this.#failures, 250, backoffMaxMs);
    this.#retryAfterMs = undefined;
    this.#setTimer(() => {
      this.#connect();
    }, waitMs);
  }

  #disconnect(): void {
    clearTimeout(this.#timer);
    clearInterval(this.#pingTimer);
    const socket = this.#socket;
    this.#socket = undefined;
    this.#joined = false;
    if (socket !== undefined) {
      socket.onopen = socket.onmessage = socket.onclose = null;
      socket.close();
    }
  }

  #setTimer(then: () => void, ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(then, ms);
  }
}
