/**
 * What an always-on replica tells whoever runs it, on this computer alone: is it well (`/healthz`), how is it doing (`/metrics`, the
 * text format 0.0.4 of Prometheus). Nothing in it names anybody or says what was written.
 */
import { createServer, type Server, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import process from 'node:process';
import type { AlwaysOn } from './always-on.ts';

/** Of whoever asks: a monitor, and perhaps a person. */
const connectionsMax = 16;

export interface Vitals {
  readonly port: number;
  close(): Promise<void>;
}

/** `port`: 0 for any. Rejects when it cannot be had. */
export async function serveVitals(peer: AlwaysOn, port: number): Promise<Vitals> {
  const server: Server = createServer((request, response) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') send(response, 405, 'text/plain', 'GET\n');
    else if (request.url === '/healthz') {
      const health = healthOf(peer);
      send(response, health.ok ? 200 : 503, 'application/json', `${JSON.stringify(health)}\n`);
    } else if (request.url === '/metrics') send(response, 200, 'text/plain; version=0.0.4', metricsOf(peer));
    else send(response, 404, 'text/plain', 'not found\n');
  });
  server.maxConnections = connectionsMax;
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

/** Not well: what it is told it cannot keep. That nobody is there is no illness. */
function healthOf(peer: AlwaysOn) {
  const { keeping, signaling, peers } = peer.replica.status();
  const connected = peers.filter(({ state }) => state === 'connected').length;
  return {
    ok: keeping.type !== 'not-kept',
    keeping: keeping.type === 'not-kept' ? keeping.reason : keeping.type,
    signaling,
    connected,
    unkept: peer.unkept,
  };
}

function metricsOf(peer: AlwaysOn): string {
  const { replica, mesh } = peer;
  const { ok, connected, unkept, signaling } = healthOf(peer);
  const kept = [...replica.durableClock.values()].reduce((sum, count) => sum + count, 0);
  const refusals = [...replica.refusals.entries(), ...mesh.refusals.entries()];
  return [
    ...metric('well', 'gauge', '1 while what comes is kept.', ok ? 1 : 0),
    ...metric(
      'signaling',
      'gauge',
      '1 while a signaling server is reached.',
      signaling === 'connected' ? 1 : 0,
    ),
    ...metric('peers', 'gauge', 'Replicas that are connected.', connected),
    ...metric('batches_kept', 'gauge', 'Batches on the disk.', kept),
    ...metric('batches_unkept', 'gauge', 'Batches delivered that are not on the disk yet.', unkept),
    ...metric('logs', 'gauge', 'Replicas whose logs are here.', replica.clock.size),
    ...metric('stores_put_aside', 'gauge', 'Stores that could not be read.', peer.store.putAside),
    ...metric('resident_memory_bytes', 'gauge', 'Memory of the process.', process.memoryUsage.rss()),
    ...metric('uptime_seconds', 'gauge', 'Since the process began.', Math.floor(process.uptime())),
    '# HELP peerloom_peer_refused_total What came and was refused or dropped.',
    '# TYPE peerloom_peer_refused_total counter',
    // Reasons are words of this program.
    ...refusals.map(
      ([reason, count]) => `peerloom_peer_refused_total{reason="${escaped(reason)}"} ${String(count)}`,
    ),
    '',
  ].join('\n');
}

function metric(name: string, type: 'gauge' | 'counter', help: string, value: number): string[] {
  const full = `peerloom_peer_${name}`;
  return [`# HELP ${full} ${help}`, `# TYPE ${full} ${type}`, `${full} ${String(value)}`];
}

const escaped = (value: string): string => value.replace(/["\\\n]/g, ' ');

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, {
    'content-type': `${type}; charset=utf-8`,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  response.end(response.req.method === 'HEAD' ? undefined : body);
}
