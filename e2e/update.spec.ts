/** A new version of the app, as it comes to somebody who is writing: it waits until they agree. */
import { createHash } from 'node:crypto';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { createSignalingServer } from '../signaling-server/server.ts';
import { expect, test } from './test.ts';
import { Writer } from './writer.ts';

/** What a build with another page would be: that page, and a service worker that names its new content. */
async function publishAnother(distDir: string): Promise<void> {
  const [pageFile, workerFile] = [join(distDir, 'index.html'), join(distDir, 'sw.js')];
  const page = (await readFile(pageFile, 'utf8')).replace(
    '<head>',
    '<head><meta name="build" content="second">',
  );
  const worker = await readFile(workerFile, 'utf8');
  const revised = worker.replace(
    /(url:"index\.html",revision:")[0-9a-f]+|(revision:")[0-9a-f]+(",url:"index\.html")/,
    (_whole, before: string | undefined, opening: string, closing: string) => {
      const revision = createHash('md5').update(page).digest('hex');
      return before === undefined ? opening + revision + closing : before + revision;
    },
  );
  expect(revised).not.toBe(worker);
  await writeFile(pageFile, page);
  await writeFile(workerFile, revised);
}

const buildOf = (page: Page) => page.locator('meta[name="build"]').count();

test('a new version is offered, comes with consent alone, and leaves the text as it was', async ({
  context,
}) => {
  const distDir = await mkdtemp(join(tmpdir(), 'peerloom-update-'));
  await cp('dist', distDir, { recursive: true });
  const server = await createSignalingServer({ distDir, host: 'localhost', port: 0 });
  try {
    const url = `http://localhost:${String(server.port)}`;
    const ana = await Writer.open(context, url, 'Ana');
    const offer = ana.page.getByText('A new version is ready.');
    await ana.type('Before the update.');
    await ana.installed();
    // From here on the page itself comes from the service worker.
    await ana.page.reload();
    await ana.ready();
    expect(await ana.page.evaluate(() => navigator.serviceWorker.controller !== null)).toBe(true);
    await expect(offer).toHaveCount(0);

    await publishAnother(distDir);
    // The browser looks for a new version by itself when a page is opened; so does this one, while it stays open.
    await ana.page.evaluate(async () => {
      Object.assign(globalThis, { neverReloaded: true });
      await (await navigator.serviceWorker.ready).update();
    });
    await expect(offer).toBeVisible();
    await ana.append(' While it waits.');
    await ana.kept();
    // Put off, it stays away from this page; the next one is the old version still, and offers it again.
    await ana.page.getByRole('button', { name: 'Later' }).click();
    await expect(offer).toHaveCount(0);
    expect(await ana.page.evaluate(() => 'neverReloaded' in globalThis)).toBe(true);
    const again = await Writer.open(context, url);
    const offered = again.page.getByText('A new version is ready.');
    await expect(offered).toBeVisible();
    expect(await buildOf(again.page)).toBe(0);
    await again.append(' In another tab.');
    await again.kept();
    // A third tab is asked, too, and its person answers last.
    const late = await Writer.open(context, url);
    await expect(late.page.getByText('A new version is ready.')).toBeVisible();

    await again.page.getByRole('button', { name: 'Reload' }).click();
    await expect.poll(() => buildOf(again.page)).toBe(1);
    await again.ready();
    await expect(offered).toHaveCount(0);
    await again.shows('Before the update. While it waits. In another tab.');
    // Consent was given for that tab: this one was neither asked nor reloaded, and goes on.
    expect(await ana.page.evaluate(() => 'neverReloaded' in globalThis)).toBe(true);
    await expect(ana.editor).toContainText('In another tab.');
    await ana.append(' And on.');
    await expect(again.editor).toContainText('And on.');
    await late.page.getByRole('button', { name: 'Reload' }).click();
    await expect.poll(() => buildOf(late.page)).toBe(1);
    await late.ready();
    await expect(late.editor).toContainText('And on.');
    expect([...ana.errors, ...again.errors, ...late.errors]).toEqual([]);
  } finally {
    await server.close();
    await rm(distDir, { recursive: true, force: true });
  }
});
