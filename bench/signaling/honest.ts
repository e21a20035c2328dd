/**
 * The honest clients, all in this one process: `honest LOAD`, then a number a line: messages a second. They come
 * from many addresses of this machine, 127.0.0.0/8, as they would from many households.
 *
 * Messages have times at which they are due, and a latency counts from then: a client that is late because the
 * server keeps it busy must not make the server look quick ("coordinated omission", Tene).
 */
import { once } from 'node:events';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { quantile } from '../report.ts';
import { dialectOf } from './dialects.ts';
import type { Load, Step } from './protocol.ts';

const connectingMax = 100;
const socketsPerAddress = 128;
const sendersMax = 200;
const warmUpMs = 1000;
/** A sealed candidate. */
const bodyLength = 400;
const timeDigits = 16;

const load = JSON.parse(process.argv[2] ?? '') as Load;
const dialect = dialectOf(load.library);
const tell = (step: Step): void => {
  process.stdout.write(`${JSON.stringify(step)}\n`);
};
const nowUs = (): number => Math.round(performance.now() * 1000);

let measured: number[] = [];
let received = 0;
let lost = 0;

async function connect(n: number): Promise<WebSocket> {
  const place = Math.floor(n / socketsPerAddress);
  const socket = new WebSocket(`ws://127.0.0.1:${load.port}/signal`, {
    localAddress: `127.0.${1 + (place >> 7)}.${1 + (place & 127)}`,
    perMessageDeflate: false,
    maxPayload: 2 ** 20,
  });
  socket.on('error', () => lost++);
  socket.on('close', () => lost++);
  await once(socket, 'open');
  const joined = new Promise<void>(resolve => {
    socket.on('message', (data: Buffer) => {
      const text = data.toString('latin1');
      const at = text.indexOf(dialect.bodyMark);
      if (at >= 0) {
        received++;
        const dueUs = Number(text.slice(at + dialect.bodyMark.length).slice(0, timeDigits));
        measured.push(nowUs() - dueUs);
      } else if (text.startsWith(dialect.joined)) resolve();
    });
  });
  for (const text of dialect.join(n)) socket.send(text);
  await joined;
  return socket;
}

async function connectAll(): Promise<WebSocket[]> {
  const sockets: WebSocket[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < load.sockets) {
      const n = next++;
      sockets[n] = await connect(n);
    }
  };
  await Promise.all(Array.from({ length: connectingMax }, worker));
  return sockets;
}

/** Sends `perSecond` messages for the warm-up and `seconds`; each must arrive. */
async function relay(sockets: readonly WebSocket[], perSecond: number): Promise<Step> {
  const senders = Math.min(sendersMax, sockets.length);
  const stride = Math.floor(sockets.length / senders);
  const total = Math.round(perSecond * (load.seconds + warmUpMs / 1000));
  const padding = 'x'.repeat(bodyLength - timeDigits);
  [measured, received] = [[], 0];
  const beganUs = nowUs();
  const dueOf = (k: number): number => beganUs + Math.round((k * 1_000_000) / perSecond);
  for (let sent = 0; sent < total;) {
    for (; sent < total && dueOf(sent) <= nowUs(); sent++) {
      const n = (sent % senders) * stride;
      const body = String(dueOf(sent)).padStart(timeDigits, '0') + padding;
      sockets[n]?.send(dialect.directed(n, body));
    }
    await wait(1);
  }
  const sentUs = nowUs() - beganUs;
  for (let waited = 0; received < total && waited < 10_000 && lost === 0; waited += 10) await wait(10);
  if (lost > 0) return { type: 'failed', reason: `${lost} sockets were lost` };
  if (received !== total) return { type: 'failed', reason: `${total - received} of ${total} did not arrive` };
  const counted = measured.slice(Math.round((perSecond * warmUpMs) / 1000)).map(us => us / 1000);
  return {
    type: 'relayed',
    perSecond: (total * 1_000_000) / sentUs,
    p50Ms: quantile(counted, 0.5),
    p99Ms: quantile(counted, 0.99),
  };
}

const began = performance.now();
const sockets = await connectAll();
tell({ type: 'connected', connectMs: performance.now() - began });
for await (const line of createInterface({ input: process.stdin })) tell(await relay(sockets, Number(line)));
process.exit(0);
