/** A line of 1 Mbit/s, made slow by the kernel, and a paste that keeps it busy: people stay in sight of each other. */
import { expect, test } from '@playwright/test';
import { Cables, whyNoCables } from './cables.ts';
import { AppServer } from './server.ts';
import { Writer } from './writer.ts';

const pastedBytes = 5 * 1024 * 1024;

test('5 MiB pasted over 1 Mbit/s delay no heartbeat so far that somebody looks silent', async () => {
  const without = whyNoCables();
  test.skip(without !== undefined, without);
  const server = await AppServer.start();
  const cables = new Cables();
  try {
    const origin = `http://${cables.address}:${String(server.port)}`;
    const host = await cables.host(origin);
    const ana = await Writer.open(await host.browser.newContext(), origin, 'Ana');
    await ana.type('Short.');
    const other = await cables.host(origin);
    const bo = await Writer.open(await other.browser.newContext(), await ana.shareLink(), 'Bo');
    await expect(bo.editor).toContainText('Short.');
    await ana.connectedTo(1);
    host.slowDown('1mbit', 500);
    await ana.page.evaluate(length => {
      const line = 'A line of no great interest, as most of what is pasted is. ';
      const clipboardData = new DataTransfer();
      clipboardData.setData('text/plain', line.repeat(Math.ceil(length / line.length)).slice(0, length));
      let target: Element | null = document.activeElement;
      while (target?.shadowRoot?.activeElement) target = target.shadowRoot.activeElement;
      target?.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
    }, pastedBytes);
    /** How each sees the other until Bo has it all. */
    const watch = (writer: Writer) =>
      writer.page.evaluate(async () => {
        const session = globalThis.peerloom?.session;
        if (session === undefined) throw new Error('no session');
        const seen = new Set<string>();
        let longestMs = 0;
        globalThis.watching = true;
        while (globalThis.watching) {
          for (const { state, silentMs } of session.status().peers) {
            seen.add(state);
            longestMs = Math.max(longestMs, silentMs);
          }
          await new Promise(resolve => setTimeout(resolve, 50));
        }
        return { seen: [...seen], longestMs };
      });
    const watches = [watch(ana), watch(bo)];
    await expect
      .poll(async () => (await bo.text()).length, { timeout: 150_000, intervals: [1000] })
      .toBe(pastedBytes + 'Short.'.length);
    for (const { page } of [ana, bo]) await page.evaluate(() => (globalThis.watching = false));
    const seen = await Promise.all(watches);
    test.info().annotations.push({
      type: 'longest silence',
      description: seen.map(({ longestMs }) => `${longestMs.toFixed(0)} ms`).join(' and '),
    });
    expect(seen.map(({ seen }) => seen)).toEqual([['connected'], ['connected']]);
  } finally {
    await cables.close();
    await server.stop();
  }
});

declare global {
  var watching: boolean | undefined;
}
