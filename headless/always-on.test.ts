/** The command itself, in a process of its own, with people who are never there together. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSignalingServer, type SignalingServer } from '../signaling-server/server.ts';
import { encodeLinkFragment } from '../src/base/space-keys.ts';
import { endNodeWebRtc } from '../src/net/node-webrtc/node-platform.ts';
import { Person } from './person.model.ts';

const root = mkdtempSync(join(tmpdir(), 'peerloom-peer-'));
const secret = crypto.getRandomValues(new Uint8Array(32));
const running = new Set<ChildProcess>();
let server: SignalingServer;

beforeAll(async () => {
  server = await createSignalingServer({ distDir: '/nowhere', host: '127.0.0.1', port: 0 });
});
afterAll(async () => {
  for (const child of running) child.kill('SIGKILL');
  await server.close();
  endNodeWebRtc();
  rmSync(root, { recursive: true, force: true });
});

const poll = { timeout: 60_000, interval: 50 };
const joins = (seed: number) => Person.open(secret, `ws://127.0.0.1:${String(server.port)}/signal`, seed);

/** The command, until it says that it runs; and what it has said. */
async function startPeer(dataDir: string) {
  const link = `http://127.0.0.1:${String(server.port)}/s#${encodeLinkFragment(secret)}`;
  const args = ['headless/peerloom-peer.mjs', '--data', dataDir, '--vitals', '0'];
  const child = spawn(process.execPath, args, {
    env: { ...process.env, PEERLOOM_LINK: link },
    stdio: ['ignore', 'pipe', 'inherit'],
    // Its own process is a child of the command's: both go at once.
    detached: true,
  });
  running.add(child);
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
  await expect.poll(() => said, poll).toMatch(/\/healthz/);
  const base = /http:\/\/127\.0\.0\.1:\d+/.exec(said)![0];
  const end = async (signal: NodeJS.Signals) => {
    const exit = once(child, 'exit');
    process.kill(signal === 'SIGKILL' ? -child.pid! : child.pid!, signal);
    const [code] = (await exit) as [number | null];
    running.delete(child);
    return code;
  };
  return { base, end };
}

test('[PEER1] two who never meet: what one wrote reaches the other through the always-on replica, killed and started again between them', async () => {
  const dataDir = join(root, 'one');
  let peer = await startPeer(dataDir);
  const ana = await joins(1);
  ana.append('Hello from Ana. ');
  await expect.poll(() => ana.holding, poll).toBe(2);
  for (let n = 0; n < 20; n++) ana.append(`Line ${String(n)}. `);
  await expect.poll(() => ana.holding, poll).toBe(2);
  // Acknowledged is kept: nothing is said to the process any more.
  await peer.end('SIGKILL');
  ana.leave();
  const wrote = ana.text;

  peer = await startPeer(dataDir);
  const bo = await joins(2);
  await expect.poll(() => bo.text, poll).toBe(wrote);
  bo.append('And from Bo.');
  await expect.poll(() => bo.holding, poll).toBe(2);
  bo.leave();
  expect(await peer.end('SIGTERM')).toBe(0);

  peer = await startPeer(dataDir);
  const eve = await joins(3);
  await expect.poll(() => eve.text, poll).toBe(`${wrote}And from Bo.`);
  eve.leave();
  expect(await peer.end('SIGTERM')).toBe(0);
});

test('[PEER2] it tells on this computer how it is, keeps its key to its user, and lets no second process in', async () => {
  const dataDir = join(root, 'two');
  const peer = await startPeer(dataDir);
  const health = await fetch(`${peer.base}/healthz`);
  expect(health.status).toBe(200);
  expect(await health.json()).toMatchObject({ ok: true, connected: 0 });
  const metrics = await (await fetch(`${peer.base}/metrics`)).text();
  expect(metrics).toMatch(/^peerloom_peer_well 1$/m);
  await expect
    .poll(async () => (await fetch(`${peer.base}/metrics`)).text(), poll)
    .toMatch(/^peerloom_peer_batches_kept 1$/m);
  expect((await fetch(`${peer.base}/`)).status).toBe(404);
  expect((await fetch(`${peer.base}/healthz`, { method: 'POST' })).status).toBe(405);
  expect(statSync(join(dataDir, 'device.json')).mode & 0o777).toBe(0o600);

  const link = `http://127.0.0.1:${String(server.port)}/s#${encodeLinkFragment(secret)}`;
  const second = spawn(process.execPath, ['headless/peerloom-peer.mjs', '--link', link, '--data', dataDir], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let complaint = '';
  second.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString()));
  const [code] = (await once(second, 'exit')) as [number | null];
  expect(code).toBe(1);
  expect(complaint).toMatch(/Another process has this space open/);
  expect(await peer.end('SIGTERM')).toBe(0);
});
