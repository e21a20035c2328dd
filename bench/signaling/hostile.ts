/**
 * The hostile clients: `hostile LOAD`. They hold 2,000 half-open connections, opening each anew when it is ended,
 * and send 1,000 malformed frames a second, on new sockets as theirs are closed; from many addresses, since
 * limits per address would make it easy. Says a line when all connections stand; ends with standard input.
 */
import { connect } from 'node:net';
import process from 'node:process';
import { setTimeout as wait } from 'node:timers/promises';
import { WebSocket } from 'ws';
import type { Load } from './protocol.ts';

const halfOpen = 2000;
const framesPerSecond = 1000;
const framers = 50;
const addresses = 64;

const load = JSON.parse(process.argv[2] ?? '') as Load;
let standing = 0;
let drawn = 0;
const nextAddress = (): string => `127.1.1.${1 + (drawn++ % addresses)}`;

function openHalf(): void {
  const socket = connect({ port: load.port, host: '127.0.0.1', localAddress: nextAddress() });
  socket.on('error', () => undefined);
  socket.on('connect', () => {
    standing++;
    socket.write('GET /signal HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n');
    socket.on('close', () => standing--);
  });
  socket.on('close', () => {
    setTimeout(openHalf, 20);
  });
}

const open: WebSocket[] = [];
function openFramer(): void {
  const socket = new WebSocket(`ws://127.0.0.1:${load.port}/signal`, { localAddress: nextAddress() });
  socket.on('open', () => open.push(socket));
  socket.on('error', () => undefined);
  socket.on('close', () => {
    const at = open.indexOf(socket);
    if (at >= 0) open.splice(at, 1);
    setTimeout(openFramer, 5);
  });
}

process.stdin.on('end', () => process.exit(0)).resume();
for (let n = 0; n < framers; n++) openFramer();
for (let n = 0; n < halfOpen; n++) {
  openHalf();
  if (n % 50 === 0) await wait(5);
}
for (let waited = 0; standing < halfOpen * 0.95 && waited < 10_000; waited += 10) await wait(10);
process.stdout.write(`${standing}\n`);
const began = performance.now();
let sent = 0;
for (;;) {
  const due = ((performance.now() - began) * framesPerSecond) / 1000;
  // What could not be sent for want of an open socket is not made up for in one burst.
  if (open.length === 0) sent = due;
  for (; sent < due; sent++) open[Math.floor(sent) % open.length]?.send('x');
  await wait(2);
}
