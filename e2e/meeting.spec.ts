/** What can be wrong where people meet: a server that is dead from the start, and somebody who never answers. */
import { WebSocket } from 'ws';
import { decodeLinkFragment, spaceKeysOf } from '../src/base/space-keys.ts';
import { decodeServerMessage, encodeClientMessage } from '../src/net/signaling.ts';
import { nobleCrypto } from '../src/sync/crypto.ts';
import { AppServer, freePort } from './server.ts';
import { expect, test } from './test.ts';
import { allEqual, Writer } from './writer.ts';

const servers: AppServer[] = [];
async function started(args: readonly string[] = [], port?: number): Promise<AppServer> {
  const server = await AppServer.start(args, port);
  servers.push(server);
  return server;
}
test.afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop();
});

test('with the first server dead people meet on the second, also from a page that was opened without any', async ({
  browser,
}) => {
  const port = await freePort();
  const second = await started(['--origin', `http://localhost:${String(port)}`]);
  const first = await started(['--also', `ws://localhost:${String(second.port)}`], port);
  const listed = async (server: AppServer): Promise<string | undefined> =>
    /url:"index\.html",revision:"([0-9a-f]+)"/.exec(await (await fetch(`${server.url}/sw.js`)).text())?.[1];
  expect(await listed(first)).toMatch(new RegExp(`^${(await listed(second)) ?? 'no revision'}[0-9a-f]{8}$`));

  const anas = await browser.newContext();
  const bos = await browser.newContext();
  const ana = await Writer.open(anas, first.url, 'Ana');
  await ana.type('Before.');
  const link = await ana.shareLink();
  // Bo's browser has the app, and has never met anybody.
  const visitor = await Writer.open(bos, first.url);
  await visitor.installed();
  await visitor.page.close();
  await first.stop();
  await expect.poll(async () => (await ana.status()).signaling).toBe('connected');
  const bo = await Writer.open(bos, link, 'Bo');
  await expect(bo.editor).toContainText('Before.');
  await bo.append(' On the second.');
  await allEqual([ana, bo], text => text === 'Before. On the second.');
  // Both are on the second alone; the first one back, they are on both, and who comes to that one meets them.
  await first.start();
  const cleo = await Writer.open(await browser.newContext(), link, 'Cleo');
  await expect(cleo.editor).toContainText('Before. On the second.');
  await cleo.append(' And a third.');
  await allEqual([ana, bo, cleo], text => text === 'Before. On the second. And a third.');
  expect([...ana.errors, ...bo.errors, ...cleo.errors]).toEqual([]);
});

test('somebody in the room who never answers is no person, holds up nobody, and costs one connection at a time', async ({
  browser,
}) => {
  const server = await started();
  const context = await browser.newContext();
  await context.addInitScript(() => {
    globalThis.alive = new Set();
    globalThis.made = 0;
    const Native = RTCPeerConnection;
    globalThis.RTCPeerConnection = class extends Native {
      constructor(configuration?: RTCConfiguration) {
        super(configuration);
        globalThis.alive.add(this);
        globalThis.made++;
      }
      override close(): void {
        globalThis.alive.delete(this);
        super.close();
      }
    };
  });
  const ana = await Writer.open(context, server.url, 'Ana');
  await ana.type('Alone?');
  const address = await ana.shareLink();
  const link = decodeLinkFragment(new URL(address).hash.slice(1));
  if (!link.ok) throw new Error(link.reason);
  const { topic } = spaceKeysOf(nobleCrypto, link.secret);
  // One whom every page dials, and one by whom every page waits to be dialled.
  const silent = ['0'.repeat(32), 'f'.repeat(32)].map(peer => {
    const socket = new WebSocket(`ws://127.0.0.1:${String(server.port)}/signal`);
    let asked = 0;
    socket.on('open', () => {
      socket.send(encodeClientMessage({ type: 'join', v: 1, topic, peer }));
    });
    socket.on('message', data => {
      const message = decodeServerMessage((data as Buffer).toString());
      if (message.ok && message.value.type === 'signal') asked++;
    });
    return { socket, asked: () => asked };
  });
  try {
    await expect.poll(() => silent.every(({ asked }) => asked() > 0)).toBe(true);
    const bo = await Writer.open(await browser.newContext(), address, 'Bo');
    await expect(bo.editor).toContainText('Alone?');
    await bo.append(' No.');
    await allEqual([ana, bo], text => text === 'Alone? No.');
    // Through the end of the first attempt and into the next.
    const made = () => ana.page.evaluate(() => globalThis.made);
    await expect.poll(made).toBeGreaterThanOrEqual(3);
    const alive = await ana.page.evaluate(() => globalThis.alive.size);
    expect(alive).toBeLessThanOrEqual(2);
    for (const writer of [ana, bo]) expect(await writer.peerStates()).toEqual(['connected']);
    expect(ana.errors).toEqual([]);
  } finally {
    for (const { socket } of silent) socket.terminate();
  }
});

declare global {
  var alive: Set<RTCPeerConnection>;
  var made: number;
}
