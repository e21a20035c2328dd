/** What goes wrong in the world, and what a person sees and keeps. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Browser } from '@playwright/test';
import { findChromium, launchArgs } from '../scripts/chromium.mjs';
import { AppServer } from './server.ts';
import { expect, test } from './test.ts';
import { allEqual, Writer } from './writer.ts';

/** A browser of our own with a profile on disk, whose process can be killed like a power cut would. */
class KillableBrowser {
  readonly browser: Browser;
  readonly #process: ChildProcess;

  private constructor(browser: Browser, process: ChildProcess) {
    this.browser = browser;
    this.#process = process;
  }

  static async start(profile: string): Promise<KillableBrowser> {
    const portFile = join(profile, 'DevToolsActivePort');
    await rm(portFile, { force: true });
    const args = [
      '--headless',
      '--remote-debugging-port=0',
      `--user-data-dir=${profile}`,
      ...launchArgs(),
      'about:blank',
    ];
    const child = spawn(findChromium() ?? chromium.executablePath(), args, {
      stdio: 'ignore',
      detached: true,
    });
    let port = '';
    await expect
      .poll(async () => (port = (await readFile(portFile, 'utf8').catch(() => '')).split('\n')[0] ?? ''))
      .not.toBe('');
    return new KillableBrowser(await chromium.connectOverCDP(`http://127.0.0.1:${port}`), child);
  }

  get context() {
    const [context] = this.browser.contexts();
    if (context === undefined) throw new Error('no context');
    return context;
  }

  /** The browser and its renderers, a group of their own, at once. */
  async kill(): Promise<void> {
    const { pid } = this.#process;
    if (pid === undefined || this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    process.kill(-pid, 'SIGKILL');
    await once(this.#process, 'exit');
  }
}

let server: AppServer;
test.beforeEach(async () => {
  server = await AppServer.start();
});
test.afterEach(async () => {
  await server.stop();
});

test('a browser killed, not closed, and reopened with the server stopped keeps the last acknowledged keystroke', async () => {
  const profile = await mkdtemp(join(tmpdir(), 'peerloom-kill-'));
  const started: KillableBrowser[] = [];
  try {
    let acknowledged = '';
    for (let round = 0; round < 3; round++) {
      const running = await KillableBrowser.start(profile);
      started.push(running);
      const writer = await Writer.open(running.context, server.url);
      expect((await writer.text()).startsWith(acknowledged)).toBe(true);
      await writer.installed();
      await writer.append(`Round ${String(round)}, word by word. `);
      // The page itself notes its text at the moment the disk has confirmed all of it.
      acknowledged = await writer.page.evaluate(async () => {
        const session = globalThis.peerloom?.session;
        if (session === undefined) throw new Error('no session');
        while (session.status().keeping.type !== 'kept') await new Promise(resolve => setTimeout(resolve, 1));
        return session.page.text();
      });
      await running.kill();
      if (round === 0) await server.stop();
    }
    const last = await KillableBrowser.start(profile);
    started.push(last);
    const writer = await Writer.open(last.context, server.url);
    expect(await writer.text()).toBe(acknowledged);
    expect(acknowledged).toContain('Round 2, word by word.');
  } finally {
    for (const running of started) await running.kill();
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  }
});

test('a full disk is said, loses nothing kept, sends nothing unkept, and goes on when there is room', async ({
  browser,
}) => {
  const profile = await mkdtemp(join(tmpdir(), 'peerloom-full-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: findChromium() ?? chromium.executablePath(),
    args: launchArgs(),
  });
  try {
    const ana = await Writer.open(context, server.url, 'Ana');
    await ana.type('Kept before.');
    const bo = await Writer.open(await browser.newContext(), await ana.shareLink(), 'Bo');
    await expect(bo.editor).toContainText('Kept before.');
    await ana.kept();
    const devtools = await context.newCDPSession(ana.page);
    const origin = `${server.url}/`;
    await devtools.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 1 });
    // Chromium goes on with the room it promised the database before, for up to half a minute.
    await expect(async () => {
      await ana.append('.');
      expect((await ana.status()).keeping.type).toBe('not-kept');
    }).toPass({ timeout: 90_000, intervals: [1000] });
    await expect(ana.pill).toContainText('Not being kept');
    await expect(ana.page.getByRole('alert')).toContainText('Not being kept');
    await ana.append(' Typed on a full disk.');
    await expect(ana.editor).toContainText(' Typed on a full disk.');
    // What her disk had taken is all that Bo ever gets. Her new name comes after whatever else she sent.
    await ana.rename('Ana in need');
    await expect(bo.page.locator('ws-people')).toContainText('Ana in need');
    await expect.poll(async () => bo.clockOf(await ana.replicaId())).toBe(await ana.durable());
    expect(await bo.text()).not.toContain('Typed on a full disk.');

    await devtools.send('Storage.overrideQuotaForOrigin', { origin });
    await expect(bo.editor).toContainText('Typed on a full disk.');
    await expect(ana.pill).toContainText('on 2 of 2 devices');
    await ana.page.reload();
    await ana.ready();
    expect(await ana.text()).toMatch(/^Kept before\.\.+ Typed on a full disk\.$/);
  } finally {
    await context.close();
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  }
});

test('a dead signaling server is said and retried, and people already connected go on', async ({
  browser,
}) => {
  const ana = await Writer.open(await browser.newContext(), server.url, 'Ana');
  await ana.type('Before.');
  const bo = await Writer.open(await browser.newContext(), await ana.shareLink(), 'Bo');
  await expect(bo.editor).toContainText('Before.');
  await ana.connectedTo(1);
  await server.stop();
  await expect.poll(async () => (await ana.status()).signaling).toBe('unreachable');
  await ana.pill.getByRole('button').click();
  await expect(ana.page.getByText('The meeting point does not answer; trying again.')).toBeVisible();
  await ana.page.keyboard.press('Escape');
  await bo.append(' Still here.');
  await expect(ana.editor).toContainText('Still here.');
  await server.start();
  await expect.poll(async () => (await ana.status()).signaling).toBe('connected');
  const cleo = await Writer.open(await browser.newContext(), await ana.shareLink(), 'Cleo');
  await expect(cleo.editor).toContainText('Still here.');
  await cleo.connectedTo(2);
  await allEqual([ana, bo, cleo], text => text === 'Before. Still here.');
});

test('a killed tab is silent, then gone; a closed one leaves at once; a reload is one person', async ({
  browser,
}) => {
  const ana = await Writer.open(await browser.newContext(), server.url, 'Ana');
  await ana.type('x');
  const link = await ana.shareLink();
  const bo = await Writer.open(await browser.newContext(), link, 'Bo');
  const cleo = await Writer.open(await browser.newContext(), link, 'Cleo');
  await ana.connectedTo(2);
  await bo.page.reload();
  await bo.ready();
  await bo.connectedTo(2);
  await ana.connectedTo(2);
  expect((await ana.peerStates()).length).toBe(2);
  await cleo.page.close({ runBeforeUnload: true });
  // Only a goodbye takes a person away; whoever is given up after a silence stays, as gone.
  await expect.poll(async () => (await ana.peerStates()).length).toBe(1);
  const devtools = await bo.page.context().newCDPSession(bo.page);
  void devtools.send('Page.crash').catch(() => undefined);
  await ana.connectedTo(0);
  await expect.poll(() => ana.peerStates()).toEqual(['gone']);
});

test('malformed frames from a peer are counted and dropped, and the page goes on', async ({ browser }) => {
  const ana = await Writer.open(await browser.newContext(), server.url, 'Ana');
  await ana.type('Fine.');
  const bo = await Writer.open(await browser.newContext(), await ana.shareLink(), 'Bo');
  await expect(bo.editor).toContainText('Fine.');
  await ana.connectedTo(1);
  await bo.page.evaluate(() => {
    const session = globalThis.peerloom?.session;
    const peer = session?.status().peers[0]?.replicaId ?? '';
    const link = session?.replica.linkOf(peer) ?? '';
    // Through the real mesh of the page, below the replica: what a broken or hostile peer could send.
    for (let i = 0; i < 400; i++) {
      const bytes = crypto.getRandomValues(new Uint8Array(1 + (i % 64)));
      session?.mesh.send(link, i % 2 === 0 ? 'data' : 'control', bytes);
    }
  });
  // Half of them were sent in the lane that loses nothing.
  await expect.poll(() => ana.refused('replica')).toBeGreaterThan(100);
  await bo.append(' Still fine.');
  await expect(ana.editor).toContainText('Fine. Still fine.');
  expect(ana.errors).toEqual([]);
});

test('malformed messages from the server are counted and dropped, and people still meet', async ({
  browser,
}) => {
  const context = await browser.newContext();
  const rubbish = [
    '',
    'x',
    Buffer.of(1, 2, 3),
    '{"type":"welcome"}',
    `${'['.repeat(9000)}${']'.repeat(9000)}`,
  ];
  await context.routeWebSocket(/\/signal$/, page => {
    const relay = page.connectToServer();
    relay.onMessage(message => {
      for (const bad of rubbish) page.send(bad);
      page.send(message);
    });
  });
  const ana = await Writer.open(context, server.url, 'Ana');
  await ana.type('Fine.');
  const bo = await Writer.open(await browser.newContext(), await ana.shareLink(), 'Bo');
  await expect(bo.editor).toContainText('Fine.');
  await bo.append(' Still fine.');
  await allEqual([ana, bo], text => text === 'Fine. Still fine.');
  expect(await ana.refused('mesh')).toBeGreaterThanOrEqual(rubbish.length);
  expect(ana.errors).toEqual([]);
});
