/** The built app from the real server: one page that is written from a trace, reopened, and written by several at once. */
import { setTimeout as wait } from 'node:timers/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, BrowserContext, Page } from 'playwright';
import { build } from 'vite';
import type { SpaceSession } from '../../src/app/space-session.ts';
import { editorFinder, launchBrowser, until } from '../browser.ts';
import { ROOT } from '../report.ts';
import { freePort, patienceMs, startServer, type RunningServer } from '../server.ts';
import type { Trace } from '../text/traces.ts';

const recorder = fileURLToPath(new URL('pages/recorder.js', import.meta.url));
/** A person's quick typing, and that of the others, who are not in step. */
const keyIntervalMs = 120;
const othersIntervalMs = 200;
/** Compiling, first layouts and the service worker's installation are over by then. */
const settleMs = 4000;
/** The trace is typed in slices, so that the page may keep what it has. */
const sliceBatches = 20;

/** What main.ts puts on the page for tests, and recorder.js for this benchmark. */
interface InPage {
  readonly peerloom?: { readonly session: SpaceSession };
  readonly appRecorder: {
    /** When there was a caret in a page with a text, in ms since the page was asked for. */
    caretMs(): number | undefined;
    text(): string | undefined;
    focusAt(position: number): void;
    start(): void;
    take(): readonly number[];
  };
}

export async function prepare(): Promise<void> {
  await build({ root: ROOT, logLevel: 'error' });
}

export class AppSpace {
  readonly #server: RunningServer;
  readonly #browser: Browser;
  readonly #url: string;
  readonly #home: BrowserContext;
  #page: Page;
  readonly #others: Page[] = [];
  #text = '';

  private constructor(
    server: RunningServer,
    browser: Browser,
    url: string,
    home: BrowserContext,
    page: Page,
  ) {
    this.#server = server;
    this.#browser = browser;
    this.#url = url;
    this.#home = home;
    this.#page = page;
  }

  static async open(): Promise<AppSpace> {
    const port = await freePort();
    const server = await startServer(['--import', 'tsx', join('signaling-server', 'main.ts')], port);
    const browser = await launchBrowser();
    const url = `http://localhost:${port}/`;
    const home = await contextOf(browser);
    return new AppSpace(server, browser, url, home, await pageAt(home, url));
  }

  /** Types `trace`, `perBatch` patches at a time, and waits until all is kept. Returns how many batches that made. */
  async write(trace: Trace, perBatch: number): Promise<number> {
    const changes = trace.transactions.flatMap(({ patches }) =>
      patches.map(([from, deleted, insert]) => ({ from, to: from + deleted, insert })),
    );
    const size = perBatch * sliceBatches;
    for (let at = 0; at < changes.length; at += size)
      await this.#page.evaluate(
        async ({ slice, perBatch }) => {
          const session = (globalThis as unknown as InPage).peerloom?.session;
          for (let from = 0; from < slice.length; from += perBatch) {
            session?.page.edit(slice.slice(from, from + perBatch));
            // One batch is under way at a time: what comes meanwhile would share the next.
            while (session?.status().keeping.type !== 'kept')
              await new Promise(resolve => setTimeout(resolve, 1));
          }
        },
        { slice: changes.slice(at, at + size), perBatch },
      );
    this.#text = trace.end;
    return Math.ceil(changes.length / perBatch);
  }

  /** Closes the page and opens the space again, in the same profile. Returns when its caret was there. */
  async reopen(): Promise<number> {
    await this.#page.close();
    this.#page = await pageAt(this.#home, this.#url);
    const page = this.#page;
    await until('the page has its text', async () => (await textOf(page)) === this.#text);
    const caretMs = await page.evaluate(() => (globalThis as unknown as InPage).appRecorder.caretMs());
    if (caretMs === undefined) throw new Error('the page never had a caret');
    return caretMs;
  }

  /** `count` others, each in a profile of its own, until all have the text. */
  async invite(count: number): Promise<void> {
    const link = await this.#page.evaluate(() =>
      (globalThis as unknown as InPage).peerloom?.session.shareLink(),
    );
    if (link === undefined) throw new Error('the page has no session');
    for (let number = 0; number < count; number++)
      this.#others.push(await pageAt(await contextOf(this.#browser), link));
    await until('everybody has the text', async () => {
      const texts = await Promise.all(this.#others.map(textOf));
      return texts.every(text => text === this.#text);
    });
    await wait(settleMs);
    // Each at a place of its own, so that nobody's line grows for ever.
    for (const [number, page] of [this.#page, ...this.#others].entries())
      await page.evaluate(
        position => {
          (globalThis as unknown as InPage).appRecorder.focusAt(position);
        },
        Math.floor((this.#text.length * number) / (count + 1)),
      );
    await this.#page.evaluate(() => {
      (globalThis as unknown as InPage).appRecorder.start();
    });
  }

  /** Types `keys` while the others type; from each keydown until it was drawn, in ms. */
  async typeTogether(keys: number): Promise<readonly number[]> {
    let done = false;
    const others = this.#others.map(async (page, number) => {
      await wait((othersIntervalMs * number) / this.#others.length);
      while (!done) {
        await page.keyboard.press('e');
        await wait(othersIntervalMs);
      }
    });
    for (let key = 0; key < keys; key++) {
      await this.#page.keyboard.press('a');
      await wait(keyIntervalMs);
    }
    done = true;
    await Promise.all(others);
    const pages = [this.#page, ...this.#others];
    await until('all are equal', async () => new Set(await Promise.all(pages.map(textOf))).size === 1);
    const times = await this.#page.evaluate(() => (globalThis as unknown as InPage).appRecorder.take());
    if (times.length !== keys) throw new Error(`${keys} keys were pressed and ${times.length} drawn`);
    return times;
  }

  async close(): Promise<void> {
    await this.#browser.close();
    await this.#server.close();
  }
}

async function contextOf(browser: Browser): Promise<BrowserContext> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  await context.addInitScript({ path: editorFinder });
  await context.addInitScript({ path: recorder });
  return context;
}

async function pageAt(context: BrowserContext, url: string): Promise<Page> {
  const page = await context.newPage();
  page.setDefaultTimeout(patienceMs);
  await page.goto(url);
  await page.locator('.cm-content').waitFor();
  return page;
}

const textOf = (page: Page): Promise<string | undefined> =>
  page.evaluate(() => (globalThis as unknown as InPage).appRecorder.text());
