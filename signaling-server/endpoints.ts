/**
 * What the server tells whoever runs it: is it alive, does it take peers, how is it doing.
 */
import type { ServerResponse } from 'node:http';
import process from 'node:process';
import { metric, type Counted } from './counted.ts';

export interface Vitals {
  readonly rooms: number;
  readonly sockets: number;
  /** Connections that are no WebSocket. */
  readonly connections: number;
  readonly draining: boolean;
  readonly counted: Counted;
}

/** Answers `/healthz`, `/readyz` and `/metrics`; false when the path is none of them. */
export function answerVitals(path: string | undefined, response: ServerResponse, vitals: Vitals): boolean {
  switch (path) {
    case '/healthz': {
      const { rooms, sockets, connections, draining, counted } = vitals;
      const body = { ok: true, rooms, sockets, connections, draining, counters: counted };
      send(response, 200, 'application/json', `${JSON.stringify(body)}\n`);
      return true;
    }
    case '/readyz':
      send(
        response,
        vitals.draining ? 503 : 200,
        'text/plain; charset=utf-8',
        vitals.draining ? 'draining\n' : 'ready\n',
      );
      return true;
    case '/metrics':
      send(response, 200, 'text/plain; version=0.0.4; charset=utf-8', metricsOf(vitals));
      return true;
    default:
      return false;
  }
}

function metricsOf({ rooms, sockets, connections, draining, counted }: Vitals): string {
  const gauge = (name: string, help: string, value: number): Iterable<string> =>
    metric(name, 'gauge', help, [['', value]]);
  const lines = [
    ...gauge('sockets', 'WebSockets that are open.', sockets),
    ...gauge('rooms', 'Rooms with somebody in them.', rooms),
    ...gauge('connections', 'Connections that are no WebSocket.', connections),
    ...gauge('draining', '1 while the server lets its peers go.', draining ? 1 : 0),
    ...gauge('resident_memory_bytes', 'Memory of the process.', process.memoryUsage.rss()),
    ...gauge('uptime_seconds', 'Since the process began.', Math.floor(process.uptime())),
    ...counted.metrics(),
  ];
  return `${lines.join('\n')}\n`;
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, {
    'content-type': type,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  response.end(response.req.method === 'HEAD' ? undefined : body);
}
