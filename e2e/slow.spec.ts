/**
 * A paste of 5 MiB over a cable of 1 Mbit/s, which takes most of a minute: heartbeats go on beside it, and nobody is taken for
 * silent. The cable has a queue of eight megabytes in front of it, so that only whoever sends less than it could passes.
 */
import { silentAfterMs } from '../src/replica/peers.ts';
import { Cables, whyNoCables } from './cables.ts';
import { AppServer } from './server.ts';
import { expect, test } from './test.ts';
import { Writer } from './writer.ts';

const pasteBytes = 5 * 1024 * 1024;

test('5 MiB pasted over a cable of 1 Mbit/s delay no heartbeat past its threshold', async () => {
  test.setTimeout(300_000);
  const without = whyNoCables();
  test.skip(without !== undefined, without);
  const server = await AppServer.start();
  const cables = new Cables();
  try {
    const origin = `http://${cables.address}:${String(server.port)}`;
    const host = await cables.host(origin);
    const ana = await Writer.open(await host.browser.newContext(), origin, 'Ana');
    await ana.type('Before.');
    const other = await cables.host(origin);
    const bo = await Writer.open(await other.browser.newContext(), await ana.shareLink(), 'Bo');
    await expect(bo.editor).toContainText('Before.');
    await ana.connectedTo(1);
    await bo.connectedTo(1);
    host.slowDown(1);
    await bo.watchControl();
    await ana.paste(pasteBytes);
    await expect
      .poll(async () => (await bo.text()).length, { timeout: 240_000 })
      .toBeGreaterThanOrEqual(pasteBytes);
    const { gapsMs, states } = await bo.controlSeen();
    const longest = Math.max(...gapsMs);
    test.info().annotations.push({
      type: 'longest gap',
      description: `${longest.toFixed(0)} ms of ${String(gapsMs.length)}`,
    });
    expect(longest).toBeLessThanOrEqual(silentAfterMs);
    expect(states).toEqual(['connected']);
  } finally {
    await cables.close();
    await server.stop();
  }
});
