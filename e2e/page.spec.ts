/** The page itself: what it loads, how it reads to assistive technology, where it cannot work. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { chromium, type Page } from '@playwright/test';
import { findChromium, launchArgs } from '../scripts/chromium.mjs';
import { atRest } from '../src/app/testing/at-rest.ts';
import { AppServer } from './server.ts';
import { expect, test } from './test.ts';
import { Writer } from './writer.ts';

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface Violation {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly { readonly html: string }[];
}

/** Serious and critical findings, in words. Injected past the page's own policy, as a browser extension is. */
async function seriousViolations(page: Page): Promise<string[]> {
  await page.evaluate(atRest);
  await page.evaluate(axeSource);
  const found = await page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: { run(): Promise<{ violations: Violation[] }> } };
    return (await axe.run()).violations;
  });
  return found
    .filter(violation => violation.impact === 'serious' || violation.impact === 'critical')
    .map(violation => `${violation.id}: ${violation.nodes.map(node => node.html).join(' | ')}`);
}

let server: AppServer;
test.beforeAll(async () => {
  server = await AppServer.start();
});
test.afterAll(async () => {
  await server.stop();
});

test('a cold load asks no other origin, and the shell stays under 120 kB before the editor', async ({
  browser,
}) => {
  const context = await browser.newContext();
  const requests: string[] = [];
  context.on('request', request => requests.push(request.url()));
  const ana = await Writer.open(context, server.url);
  await ana.installed();
  await ana.page.waitForLoadState('networkidle');
  expect(requests.length).toBeGreaterThan(3);
  expect(requests.filter(url => new URL(url).origin !== server.url)).toEqual([]);
  const sizes = await ana.page.evaluate(() =>
    performance
      .getEntriesByType('resource')
      .concat(performance.getEntriesByType('navigation'))
      .map(entry => entry as PerformanceResourceTiming)
      // With the face of the interface. The reading face is the editor's; links and the engine of boards come beside the editor.
      .filter(
        entry =>
          /\.(js|css|svg|woff2)$|\/$/.test(entry.name) &&
          !/editor-|document-engine-|simplepeer|source-serif|sw\.js/.test(entry.name),
      )
      .map(entry => entry.encodedBodySize),
  );
  expect(sizes.length).toBeGreaterThan(2);
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(120_000);
});

for (const colorScheme of ['light', 'dark'] as const) {
  for (const width of [1280, 390]) {
    test(`axe finds nothing serious, ${colorScheme}, ${String(width)} px wide; no sideways scroll`, async ({
      browser,
    }) => {
      const viewport = { width, height: 800 };
      const ana = await Writer.open(
        await browser.newContext({ colorScheme, viewport, bypassCSP: true }),
        server.url,
        'Ana',
      );
      await ana.type(
        '# Plan for Saturday\n\nThe ferry leaves at **9:20**. See [the map](https://example.org).\n\n- [ ] tents\n- [x] radios',
      );
      const bo = await Writer.open(await browser.newContext(), await ana.shareLink(), 'Bo');
      await expect(bo.editor).toContainText('radios');
      await bo.append('\nfrom Bo');
      await expect(ana.editor).toContainText('from Bo');
      expect(await seriousViolations(ana.page)).toEqual([]);
      await ana.pill.getByRole('button').click();
      await expect(ana.page.getByRole('heading', { name: 'Why?' })).toBeVisible();
      expect(await seriousViolations(ana.page)).toEqual([]);
      await ana.page.keyboard.press('Escape');
      await ana.page.getByRole('button', { name: 'Share' }).click();
      await expect(ana.page.getByRole('dialog', { name: 'Share this space' })).toBeVisible();
      expect(await seriousViolations(ana.page)).toEqual([]);
      await ana.page.keyboard.press('Escape');
      await ana.switchNetwork(false);
      await expect(ana.pill).toContainText('Offline');
      expect(await seriousViolations(ana.page)).toEqual([]);
      const overflow = await ana.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      expect(overflow).toBeLessThanOrEqual(0);
    });
  }
}

test('the strict policy is in force and the page runs under it without a complaint', async ({ context }) => {
  const complaints: string[] = [];
  context.on('console', message => {
    if (/Content Security Policy|Trusted/i.test(message.text())) complaints.push(message.text());
  });
  const ana = await Writer.open(context, server.url);
  await ana.type('# Heading\n`code` and *words*');
  await ana.shareLink();
  const policy = (await ana.page.request.get(server.url)).headers()['content-security-policy'] ?? '';
  expect(policy).toContain("require-trusted-types-for 'script'");
  expect(policy).toContain("default-src 'none'");
  expect(complaints).toEqual([]);
});

test('an address that is no secure context says why it cannot work and what to do', async () => {
  // A name that the browser finds on this machine but does not trust as it trusts localhost.
  const browser = await chromium.launch({
    executablePath: findChromium() ?? chromium.executablePath(),
    args: [...launchArgs(), '--host-resolver-rules=MAP peerloom.test 127.0.0.1'],
  });
  try {
    const page = await browser.newPage();
    await page.goto(`http://peerloom.test:${String(server.port)}/`);
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(
      'This address is not secure enough to write here',
    );
    await expect(page.locator('body')).toContainText('npm start -- --tls CERT KEY');
    await expect(page.getByRole('textbox', { name: 'Page' })).toHaveCount(0);
  } finally {
    await browser.close();
  }
});

test('an invitation that is cut short is said, and opens nothing', async ({ page }) => {
  await page.goto(`${server.url}/s#AQEabc`);
  await expect(page.getByRole('heading', { name: 'This invitation is not whole' })).toBeVisible();
  await expect(page).toHaveURL(`${server.url}/`);
});
