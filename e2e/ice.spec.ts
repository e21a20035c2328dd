/** What peers that cannot reach each other's own addresses have: STUN of our server, and somebody's TURN. */
import type { Browser, BrowserContext } from '@playwright/test';
import { Coturn, haveCoturn } from './coturn.ts';
import { AppServer } from './server.ts';
import { expect, test } from './test.ts';
import { allEqual, Writer } from './writer.ts';

declare global {
  var connections: RTCPeerConnection[];
}

let server: AppServer;
let coturn: Coturn | undefined;
test.afterEach(async () => {
  await server.stop();
  await coturn?.stop();
  coturn = undefined;
});

/** A browser whose connections all have this policy, and are kept for the test to ask. */
async function contextWith(
  browser: Browser,
  iceTransportPolicy: RTCIceTransportPolicy,
): Promise<BrowserContext> {
  const context = await browser.newContext();
  await context.addInitScript(policy => {
    globalThis.connections = [];
    const Native = RTCPeerConnection;
    globalThis.RTCPeerConnection = class extends Native {
      constructor(configuration?: RTCConfiguration) {
        super({ ...configuration, iceTransportPolicy: policy });
        globalThis.connections.push(this);
      }
    };
  }, iceTransportPolicy);
  return context;
}

/** The kinds of candidates on both ends of each connection's pair in use. */
function pairsInUse(writer: Writer): Promise<string[]> {
  return writer.page.evaluate(async () => {
    const pairs: string[] = [];
    for (const connection of globalThis.connections) {
      const stats = new Map<string, Record<string, unknown>>();
      (await connection.getStats()).forEach((entry: { id: string }) => stats.set(entry.id, { ...entry }));
      for (const entry of stats.values()) {
        if (entry.type !== 'transport') continue;
        const pair = stats.get(String(entry.selectedCandidatePairId));
        const ends = ['localCandidateId', 'remoteCandidateId'].map(end => stats.get(String(pair?.[end])));
        if (pair !== undefined) pairs.push(ends.map(end => String(end?.candidateType)).join(' '));
      }
    }
    return pairs;
  });
}

test('a page learns of the STUN of its server, asks it, and is told where it came from', async ({
  browser,
}) => {
  server = await AppServer.start();
  const ana = await Writer.open(await contextWith(browser, 'all'), server.url, 'Ana');
  await ana.type('Seen from outside.');
  const bo = await Writer.open(await browser.newContext(), await ana.shareLink(), 'Bo');
  await expect(bo.editor).toContainText('Seen from outside.');
  const servers = await ana.page.evaluate(() =>
    globalThis.connections.flatMap(connection => connection.getConfiguration().iceServers ?? []),
  );
  expect(servers.flatMap(({ urls }) => urls)).toContain(`stun:localhost:${server.port}`);
  const answered = async (): Promise<number> => {
    const text = await (await fetch(`${server.url}/metrics`)).text();
    return Number(/^peerloom_signaling_stun_answered_total\{kind="answered"\} (\d+)$/m.exec(text)?.[1] ?? 0);
  };
  await expect.poll(answered).toBeGreaterThan(0);
});

test('with relays alone allowed, two browsers write together through coturn, by credentials of our server', async ({
  browser,
}) => {
  test.skip(!haveCoturn(), 'no coturn here, and none can be installed: apt-get install coturn');
  coturn = await Coturn.start('a secret that coturn and the signaling server share');
  server = await AppServer.start(['--turn', coturn.url, coturn.secretFile]);
  const ana = await Writer.open(await contextWith(browser, 'relay'), server.url, 'Ana');
  await ana.type('Over the relay.');
  const bo = await Writer.open(await contextWith(browser, 'relay'), await ana.shareLink(), 'Bo');
  await expect(bo.editor).toContainText('Over the relay.', { timeout: 20_000 });
  await bo.append(' And back.');
  await expect(ana.editor).toContainText('Over the relay. And back.');
  await allEqual([ana, bo], text => text === 'Over the relay. And back.');
  for (const writer of [ana, bo]) expect(await pairsInUse(writer)).toContain('relay relay');
  expect(coturn.allocations).toBeGreaterThanOrEqual(2);
});

test('coturn gives nothing to credentials that another secret made', async ({ browser }) => {
  test.skip(!haveCoturn(), 'no coturn here, and none can be installed: apt-get install coturn');
  coturn = await Coturn.start('the secret of the signaling server', 'the secret of coturn');
  const turn = coturn;
  server = await AppServer.start(['--turn', turn.url, turn.secretFile]);
  const ana = await Writer.open(await contextWith(browser, 'relay'), server.url, 'Ana');
  const bo = await Writer.open(await contextWith(browser, 'relay'), await ana.shareLink(), 'Bo');
  await expect.poll(() => turn.refusals, { timeout: 20_000 }).toBeGreaterThanOrEqual(2);
  expect(turn.allocations).toBe(0);
  expect((await bo.status()).peers.filter(({ state }) => state === 'connected')).toEqual([]);
});
