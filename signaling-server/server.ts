/**
 * The one server Peerloom needs: it hands out the built app and lets peers find each other. One port, one
 * process, no state on disk. Pages are useless to it and it to them once they are connected; it can be
 * restarted at any time.
 *
 *     GET /healthz     counters as JSON
 *     GET /signal      WebSocket upgrade: the relay (relay.ts, rooms.ts)
 *     GET anything     the app (static.ts)
 */
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { Counters } from '../src/base/trace.ts';
import { signalingPath, signalingTextBytesMax } from '../src/net/signaling.ts';
import { securityHeaders } from './headers.ts';
import { joinTimeoutMs, pingEveryMs, RelaySocket } from './relay.ts';
import { Rooms } from './rooms.ts';
import { answer, StaticFiles } from './static.ts';

/** Sockets at once: at 8 KiB each this is 32 MiB, and below the usual limit of open files. */
const socketsMax = 4096;

export interface SignalingServerOptions {
  /** The built app. May be missing: the relay works without. */
  readonly distDir: string;
  /** PEM texts. */
  readonly tls?: { readonly cert: string | Buffer; readonly key: string | Buffer };
  /** The address to listen on; all of them when absent. */
  readonly host?: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** For tests; the defaults stand in relay.ts. */
  readonly joinTimeoutMs?: number;
  readonly pingEveryMs?: number;
}

export interface SignalingServer {
  readonly port: number;
  readonly tls: boolean;
  /** What happened so far, by name. Never a topic, a peer or a body. */
  readonly counters: Counters;
  /** It alone keeps no process alive from now on. */
  unref(): void;
  /** Tells every peer, closes every socket, frees the port. */
  close(): Promise<void>;
}

/** Rejects with Node's own error when the port cannot be had (`code` EADDRINUSE, EACCES …). */
export async function createSignalingServer(options: SignalingServerOptions): Promise<SignalingServer> {
  const counters = new Counters();
  const rooms = new Rooms();
  const sockets = new Set<RelaySocket>();
  const tls = options.tls !== undefined;
  const files = new StaticFiles(options.distDir, tls);

  const onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    if (request.url === '/healthz') {
      sendHealth(response, { rooms: rooms.roomCount, sockets: sockets.size, counters });
      return;
    }
    files.serve(request, response).catch(() => {
      counters.add('static-failed');
      if (response.headersSent) response.destroy();
      else answer(response, 500, 'Something went wrong here.', securityHeaders(request.headers.host, tls));
    });
  };
  const http = options.tls ? createHttpsServer(options.tls, onRequest) : createHttpServer(onRequest);
  http.on('clientError', (_error, socket) => {
    counters.add('bad-request');
    if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n');
    else socket.destroy();
  });

  const webSockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    // 28 times the memory a connection with it, and sealed bodies do not compress.
    perMessageDeflate: false,
    maxPayload: signalingTextBytesMax,
  });
  webSockets.on('wsClientError', (_error, socket) => {
    counters.add('bad-upgrade');
    refuseUpgrade(socket, '400 Bad Request');
  });
  http.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => {
      counters.add('upgrade-reset');
    });
    const refusal = upgradeRefusal(request, sockets.size);
    if (refusal !== undefined) {
      counters.add(`upgrade refused: ${refusal}`);
      refuseUpgrade(socket, refusal);
      return;
    }
    webSockets.handleUpgrade(request, socket, head, webSocket => {
      const relay = new RelaySocket(webSocket, {
        rooms,
        counters,
        joinTimeoutMs: options.joinTimeoutMs ?? joinTimeoutMs,
      });
      sockets.add(relay);
      webSocket.on('close', () => sockets.delete(relay));
    });
  });

  await new Promise<void>((resolve, reject) => {
    http.once('error', reject);
    http.listen({ port: options.port, host: options.host }, () => {
      http.off('error', reject);
      resolve();
    });
  });
  http.on('error', () => {
    counters.add('listen-error');
  });
  const pinging = setInterval(() => {
    for (const relay of [...sockets]) relay.checkAlive();
  }, options.pingEveryMs ?? pingEveryMs);

  let closing: Promise<void> | undefined;
  return {
    port: (http.address() as AddressInfo).port,
    tls,
    counters,
    unref: () => {
      http.unref();
      pinging.unref();
    },
    close: () =>
      (closing ??= new Promise(resolve => {
        clearInterval(pinging);
        for (const relay of [...sockets]) relay.refuse('shutting-down');
        http.close(() => {
          resolve();
        });
        // A peer that does not answer the goodbye, or a browser's kept-alive connection, must not hold us up.
        setTimeout(() => {
          for (const relay of [...sockets]) relay.terminate();
          http.closeAllConnections();
        }, closeGraceMs).unref();
      })),
  };
}

/** Time for goodbyes to be read before connections are torn down. */
const closeGraceMs = 200;

/** The status line that refuses an upgrade, or undefined when it is welcome. */
function upgradeRefusal(request: IncomingMessage, socketCount: number): string | undefined {
  const [path] = (request.url ?? '').split('?', 1);
  if (path !== signalingPath) return '404 Not Found';
  if (!isSameHost(request.headers.origin, request.headers.host)) return '403 Forbidden';
  if (socketCount >= socketsMax) return '503 Service Unavailable';
  return undefined;
}

/** A foreign page must not use a visitor's browser to get at a server in the visitor's network. */
function isSameHost(origin: string | undefined, host: string | undefined): boolean {
  if (origin === undefined) return true;
  if (host === undefined || !URL.canParse(origin)) return false;
  const { host: originHost, protocol } = new URL(origin);
  // The Host header may spell out the default port, which `URL` leaves away.
  const sent = URL.canParse(`${protocol}//${host}`) ? new URL(`${protocol}//${host}`).host : undefined;
  return originHost !== '' && originHost === sent;
}

function refuseUpgrade(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`, () => socket.destroy());
}

interface Health {
  readonly rooms: number;
  readonly sockets: number;
  readonly counters: Counters;
}

function sendHealth(response: ServerResponse, { rooms, sockets, counters }: Health): void {
  const body = JSON.stringify({ ok: true, rooms, sockets, counters: Object.fromEntries(counters.entries()) });
  response.writeHead(200, {
    'content-type': 'application/json',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  response.end(`${body}\n`);
}
