/** Pages that stop without going away: a machine that sleeps, and a tab that nobody looks at. */
import { chromium, type Browser } from '@playwright/test';
import { findChromium, launchArgs } from '../scripts/chromium.mjs';
import { PuppetWriter, startChromium } from './puppets.ts';
import { AppServer } from './server.ts';
import { expect, test } from './test.ts';
import { allEqual, healingBeatsMax, Writer } from './writer.ts';

let server: AppServer;
/** A browser of its own, so that what is done to its processes is done to nobody else's. */
let other: Browser;
test.beforeEach(async () => {
  server = await AppServer.start();
  other = await chromium.launch({
    executablePath: findChromium() ?? chromium.executablePath(),
    args: launchArgs(),
  });
});
test.afterEach(async () => {
  await other.close();
  await server.stop();
});

/** The processes in which this browser's pages run. */
async function renderersOf(browser: Browser): Promise<number[]> {
  const devtools = await browser.newBrowserCDPSession();
  const { processInfo } = await devtools.send('SystemInfo.getProcessInfo');
  await devtools.detach();
  return processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => id);
}

for (const until of ['silent', 'gone'] as const) {
  test(`a page that sleeps until it is ${until} and wakes has everything within five seconds, and loses nothing`, async ({
    browser,
  }) => {
    const ana = await Writer.open(await other.newContext(), server.url, 'Ana');
    await ana.type('Awake.');
    const bo = await Writer.open(await browser.newContext(), await ana.shareLink(), 'Bo');
    await expect(bo.editor).toContainText('Awake.');
    await ana.connectedTo(1);
    await ana.kept();
    await ana.countBeats();
    const renderers = await renderersOf(other);
    for (const pid of renderers) process.kill(pid, 'SIGSTOP');
    try {
      await bo.append(' While Ana slept.');
      await expect.poll(() => bo.peerStates()).toEqual([until]);
    } finally {
      for (const pid of renderers) process.kill(pid, 'SIGCONT');
    }
    const beats = await ana.beatsUntil('While Ana slept.');
    test.info().annotations.push({ type: 'healed', description: `after ${String(beats)} beats` });
    await ana.append(' And woke.');
    await allEqual([ana, bo], text => text === 'Awake. While Ana slept. And woke.');
    await bo.connectedTo(1);
    expect((await bo.peerStates()).length).toBe(1);
    // Few were counted before it slept.
    expect(beats).toBeLessThanOrEqual(healingBeatsMax + 4);
    expect(ana.errors).toEqual([]);
  });
}

test('a hidden tab says so and keeps its heartbeat', async ({ browser }) => {
  const puppets = await startChromium();
  try {
    const ana = await PuppetWriter.open(puppets, server.url);
    await ana.append('Seen.');
    const bo = await Writer.open(await browser.newContext(), await ana.shareLink(), 'Bo');
    const people = bo.page.locator('ws-people');
    await expect(people).toContainText(/Here, .* away/);
    const inFront = await puppets.newPage();
    await inFront.bringToFront();
    await expect.poll(() => ana.page.evaluate(() => document.visibilityState)).toBe('hidden');
    await expect(people).toContainText('Here, but looking elsewhere');
    // Longer than a silence may last; whenever Bo looks, Ana has been heard lately.
    const states = await bo.page.evaluate(async () => {
      const session = globalThis.peerloom?.session;
      if (session === undefined) throw new Error('no session');
      const seen = new Set<string>();
      for (let look = 0; look < 24; look++) {
        await new Promise(resolve => setTimeout(resolve, 250));
        for (const { state } of session.status().peers) seen.add(state);
      }
      return [...seen];
    });
    expect(states).toEqual(['connected']);
    await bo.append(' Unseen.');
    await expect.poll(() => ana.text()).toBe('Seen. Unseen.');
    await ana.page.bringToFront();
    await expect(people).toContainText(/Here, .* away/);
    expect(ana.errors).toEqual([]);
  } finally {
    await puppets.close();
  }
});
