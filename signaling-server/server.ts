/**
 * The one server that Peerloom needs: it hands out the built app and lets peers find each other. One port, one
 * process, no state on disk. Pages are useless to it and it to them once they are connected; it can be
 * restarted at any time.
 *
 *     GET /healthz, /readyz, /metrics     how it is doing (endpoints.ts)
 *     GET /signal                         WebSocket upgrade: the relay (relay.ts, rooms.ts)
 *     GET anything                        the app (static.ts)
 *     UDP, the same port                  STUN (stun.ts)
 *
 * Who is let in is decided in admission.ts, by the bounds of limits.mjs.
 */
import { randomInt } from 'node:crypto';
import type { Socket as UdpSocket } from 'node:dgram';
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { signalingPath, signalingTextBytesMax } from '../src/net/signaling.ts';
import { callerOf } from './addresses.ts';
import { Admission, type Refusal } from './admission.ts';
import { OtherServers } from './also.ts';
import { Counted } from './counted.ts';
import { answerVitals } from './endpoints.ts';
import { securityHeaders } from './headers.ts';
import { IceServers, type IceOptions } from './ice-servers.ts';
import { defaultLimits, type ServerLimits } from './limits.mjs';
import { PlainConnections } from './plain-connections.ts';
import type { RelaySettings } from './relay.ts';
import { Relays } from './relays.ts';
import { Rooms } from './rooms.ts';
import { answer, StaticFiles } from './static.ts';
import { startStun } from './stun.ts';

export interface SignalingServerOptions {
  /** The built app. May be missing: the relay works without. */
  readonly distDir: string;
  /** PEM texts. */
  readonly tls?: { readonly cert: string | Buffer; readonly key: string | Buffer };
  /** The address to listen on; all of them when absent. */
  readonly host?: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Exact origins of pages that may open sockets; only those of the server's own host when absent or empty. */
  readonly origins?: readonly string[];
  /** How many proxies in front append to X-Forwarded-For. */
  readonly trustedHops?: number;
  /** No STUN of our own. */
  readonly withoutStun?: boolean;
  /** STUN and TURN servers of others, which peers are told of. */
  readonly ice?: Pick<IceOptions, 'stun' | 'turn'>;
  /** Other signaling servers, which pages use beside this one: `wss://HOST[:PORT]` each. */
  readonly also?: readonly string[];
  /** What differs from the table. */
  readonly limits?: Partial<ServerLimits>;
}

export interface SignalingServer {
  readonly port: number;
  readonly tls: boolean;
  /** Why there is no STUN although there should be: Node's code, such as EADDRINUSE. */
  readonly stunFailure: string | undefined;
  /** What happened so far. Never a topic, a peer or a body. */
  readonly counted: Counted;
  /** It alone keeps no process alive from now on. */
  unref(): void;
  /**
   * Takes nobody in any more, tells every peer when to come back, waits for them to go, and frees the port.
   * Until then /readyz answers 503.
   */
  close(): Promise<void>;
}

/** Rejects with Node's own error when the port cannot be had (`code` EADDRINUSE, EACCES …). */
export async function createSignalingServer(options: SignalingServerOptions): Promise<SignalingServer> {
  const limits: ServerLimits = { ...defaultLimits, ...options.limits };
  const counted = new Counted();
  const rooms = new Rooms(limits.rooms);
  const trustedHops = options.trustedHops ?? 0;
  const admission = new Admission({ limits, origins: options.origins ?? [], trustedHops });
  const tls = options.tls !== undefined;
  const files = new StaticFiles(options.distDir, tls, new OtherServers(options.also ?? []));
  const nowMs = (): number => performance.now();
  let draining = false;

  const onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    const vitals = { rooms: rooms.roomCount, sockets: admission.sockets.all, draining, counted };
    if (answerVitals(request.url, response, { ...vitals, connections: admission.connections.all })) return;
    const refusal = draining ? leaving : admission.request(callerOf(request, trustedHops), nowMs());
    const headers = securityHeaders(request.headers.host, tls);
    if (refusal !== undefined) {
      counted.add('requestsRefused', refusal.reason);
      const status = Number.parseInt(refusal.status, 10);
      answer(response, status, 'Not now.', { ...headers, 'retry-after': '5', connection: 'close' });
      return;
    }
    files.serve(request, response).catch(() => {
      counted.add('failures', 'static');
      if (response.headersSent) response.destroy();
      else answer(response, 500, 'Something went wrong here.', headers);
    });
  };
  const timeouts = {
    // Looked for once a second; Node's own half a minute would give a half-open socket that long.
    connectionsCheckingInterval: Math.min(1000, limits.headersMs),
    headersTimeout: limits.headersMs,
    requestTimeout: limits.requestMs,
    keepAliveTimeout: limits.headersMs,
  };
  const http = options.tls
    ? createHttpsServer({ ...timeouts, ...options.tls, handshakeTimeout: limits.headersMs }, onRequest)
    : createHttpServer(timeouts, onRequest);
  http.setTimeout(limits.idleMs);
  http.on('clientError', (error: Error & { readonly code?: string }, socket) => {
    const late = error.code === 'ERR_HTTP_REQUEST_TIMEOUT';
    counted.add('badRequests', late ? 'too slow' : 'malformed');
    endWith(socket, late ? '408 Request Timeout' : '400 Bad Request');
  });

  const plain = new PlainConnections(http, admission, counted);
  const webSockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    // 28 times the memory a connection with it, and sealed bodies do not compress.
    perMessageDeflate: false,
    maxPayload: signalingTextBytesMax,
  });
  webSockets.on('wsClientError', (_error, socket) => {
    counted.add('upgradesRefused', 'malformed');
    endWith(socket, '400 Bad Request');
  });

  await new Promise<void>((resolve, reject) => {
    http.once('error', reject);
    http.listen({ port: options.port, host: options.host }, () => {
      http.off('error', reject);
      resolve();
    });
  });
  http.on('error', () => {
    counted.add('failures', 'listen');
  });
  const at = http.address() as AddressInfo;
  let stun: UdpSocket | undefined;
  let stunFailure: string | undefined;
  if (options.withoutStun !== true) {
    try {
      stun = await startStun({ at, limits, counted, nowMs });
    } catch (error) {
      // Somebody else has the UDP port: peers of one network meet without STUN as well.
      stunFailure = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    }
  }

  const { stun: otherStun = [], turn = [] } = options.ice ?? {};
  const ice = new IceServers({ stunPort: stun && at.port, stun: otherStun, turn });
  const settings: RelaySettings = { rooms, counted, limits, admission, ice, nowMs, wallMs: () => Date.now() };
  const relays = new Relays(settings, { below: randomInt });
  http.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', upgradeFailed);
    const address = callerOf(request, trustedHops);
    const refusal = upgradeRefusal(request, address);
    if (refusal !== undefined) {
      counted.add('upgradesRefused', refusal.reason);
      endWith(socket, refusal.status);
      return;
    }
    webSockets.handleUpgrade(request, socket, head, webSocket => {
      plain.upgraded(request.socket);
      relays.add(webSocket, { address, host: request.headers.host });
    });
  });
  // Functions of their own: made above, they would keep each socket's request in memory.
  const upgradeFailed = (): void => {
    counted.add('socketErrors', 'upgrade');
  };
  const upgradeRefusal = (request: IncomingMessage, address: string): Refusal | undefined => {
    const [path] = (request.url ?? '').split('?', 1);
    if (path !== signalingPath) return notHere;
    return draining ? leaving : admission.upgrade(address, request.headers, nowMs());
  };
  const pinging = setInterval(
    () => {
      relays.pingDue();
    },
    Math.min(250, limits.pingEveryMs / 4),
  );

  const drain = async (): Promise<void> => {
    draining = true;
    await relays.letGo();
    clearInterval(pinging);
    if (stun !== undefined) await new Promise<void>(resolve => stun.close(resolve));
    await new Promise<void>(resolve => {
      http.close(() => {
        resolve();
      });
      // Files on their way have this long; a browser's kept-alive connection must not hold us up.
      setTimeout(() => {
        http.closeAllConnections();
      }, closeGraceMs).unref();
    });
  };
  let closing: Promise<void> | undefined;
  const unref = (): void => {
    for (const holding of [http, pinging, stun]) holding?.unref();
  };
  return { port: at.port, tls, stunFailure, counted, unref, close: () => (closing ??= drain()) };
}

const closeGraceMs = 200;
const leaving: Refusal = { status: '503 Service Unavailable', reason: 'draining' };
const notHere: Refusal = { status: '404 Not Found', reason: 'path' };

/** A status and the end, whether the other side ends as well or not. */
function endWith(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`, () => socket.destroy());
}
