/** Firefox and Chromium in one room: whichever of the two dials, and whichever of them has begun the page. */
import type { Browser } from 'puppeteer-core';
import { PuppetWriter, haveFirefox, startFirefox } from './puppets.ts';
import { AppServer } from './server.ts';
import { expect, test } from './test.ts';
import { Writer } from './writer.ts';

let server: AppServer;
let firefox: Browser | undefined;
test.beforeEach(async () => {
  test.skip(!haveFirefox(), 'no Firefox here, and none can be installed: apt-get install firefox-esr');
  server = await AppServer.start();
  firefox = await startFirefox();
});
test.afterEach(async () => {
  await firefox?.close();
  firefox = undefined;
  await server.stop();
});

async function bothShow(ana: Writer, bo: PuppetWriter, text: string): Promise<void> {
  await expect.poll(() => bo.text()).toBe(text);
  await expect.poll(() => ana.text()).toBe(text);
}

test('Firefox and Chromium write one page together, whichever of them dials', async ({ browser }) => {
  if (firefox === undefined) throw new Error('no Firefox');
  const ana = await Writer.open(await browser.newContext(), server.url, 'Ana');
  await ana.type('From Chromium.');
  const bo = await PuppetWriter.open(firefox, await ana.shareLink());
  await bothShow(ana, bo, 'From Chromium.');
  const dialled = new Set<string>();
  let text = 'From Chromium.';
  // A page draws its session's id anew each time, and the greater one dials.
  for (let round = 0; round < 16 && dialled.size < 2; round++) {
    if (round > 0) {
      await ana.page.reload();
      await ana.ready();
      await bo.reload();
    }
    await expect.poll(() => bo.connected()).toBe(1);
    const session = await ana.page.evaluate(() => globalThis.peerloom?.session.mesh.self ?? '');
    dialled.add((await bo.session()) > session ? 'Firefox' : 'Chromium');
    await bo.append(` ${String(round)} from Firefox.`);
    text += ` ${String(round)} from Firefox.`;
    await bothShow(ana, bo, text);
    await ana.append(` ${String(round)} from Chromium.`);
    text += ` ${String(round)} from Chromium.`;
    await bothShow(ana, bo, text);
  }
  expect([...dialled].sort()).toEqual(['Chromium', 'Firefox']);
  expect([...ana.errors, ...bo.errors]).toEqual([]);
});

test('a page that Firefox has begun is kept there, and Chromium joins it', async ({ browser }) => {
  if (firefox === undefined) throw new Error('no Firefox');
  const bo = await PuppetWriter.open(firefox, server.url);
  await bo.append('Begun in Firefox.');
  await expect
    .poll(() => bo.page.evaluate(() => globalThis.peerloom?.session.status().keeping.type))
    .toBe('kept');
  await bo.reload();
  expect(await bo.text()).toBe('Begun in Firefox.');
  const ana = await Writer.open(await browser.newContext(), await bo.shareLink(), 'Ana');
  await bothShow(ana, bo, 'Begun in Firefox.');
  await ana.append(' Joined from Chromium.');
  await bothShow(ana, bo, 'Begun in Firefox. Joined from Chromium.');
  expect([...ana.errors, ...bo.errors]).toEqual([]);
});
