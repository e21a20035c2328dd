/**
 * A paste of 5 MiB over a cable of 1 Mbit/s, which takes most of a minute: heartbeats go on beside it, and nobody is taken for
 * silent. The cable has a queue of eight megabytes in front of it, so that only whoever sends less than it could passes.
 */
import { silentAfterMs } from '../src/replica/peers.ts';
import { onCables } from './on-cables.ts';
import { expect, test } from './test.ts';

const pasteLength = 5 * 1024 * 1024;

test('5 MiB pasted over a cable of 1 Mbit/s delay no heartbeat past its threshold', async () => {
  test.setTimeout(300_000);
  await onCables(async ({ ana, bo, host }) => {
    host.slowDown(1);
    await bo.countBeats();
    await bo.watchControl();
    await ana.paste(pasteLength);
    await expect
      .poll(async () => (await bo.text()).length, { timeout: 240_000 })
      .toBeGreaterThanOrEqual(pasteLength);
    const gapsMs = await bo.controlGapsMs();
    const longest = Math.max(...gapsMs);
    test.info().annotations.push({
      type: 'longest gap',
      description: `${longest.toFixed(0)} ms of ${String(gapsMs.length)}`,
    });
    expect(longest).toBeLessThanOrEqual(silentAfterMs);
    expect(await bo.peerStatesSeen()).toEqual(['connected']);
  }, true);
});
