/**
 * One run: a fresh browser, `peers` contexts of it with one page each, one of which types. The time of a
 * keystroke in another page is from the `keydown` in the one to the mutation of the editor's DOM in the other
 * that first shows it. What would spoil it: polling (its interval is added to every time), one context for all
 * pages (y-webrtc would use a BroadcastChannel), a sink that is not an editor (drawing is part of what people
 * wait for), and trusting times of texts that differ in the end.
 */
import { fileURLToPath } from 'node:url';
import { setTimeout as wait } from 'node:timers/promises';
import type { Page } from 'playwright';
import { editorFinder, launchBrowser, until } from '../browser.ts';
import { patienceMs } from '../server.ts';
import type { Contestant, Space } from './contestant.ts';

/** Longer than nearly every keystroke takes to arrive, so that they do not queue behind each other. */
const keyIntervalMs = 120;
/** Connecting, compiling, first layouts and the installation of a service worker in each context are over by then. */
const settleMs = 6000;

export interface Typing {
  readonly peers: number;
  readonly document: string;
  /** One key a character; the first `warmUp` of them are typed and checked, but not counted. */
  readonly keys: string;
  readonly warmUp: number;
}

/** pages/recorder.js, in the page. */
interface Recorder {
  text(): string | undefined;
  lastLine(): string | undefined;
  paste(text: string): void;
  lookAtEnd(): void;
  start(): void;
  result(): {
    readonly keys: readonly number[];
    readonly sights: readonly (readonly [time: number, text: string])[];
  };
}
interface Recording {
  readonly typingRecorder: Recorder;
}

/** Every counted keystroke in every other page, in ms. Throws when anything about the run was wrong. */
export async function runOnce(contestant: Contestant, typing: Typing): Promise<number[]> {
  const browser = await launchBrowser();
  try {
    const space = await contestant.open(typing.peers);
    try {
      const open = async (url: string): Promise<Page> => {
        const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
        await context.addInitScript({ path: editorFinder });
        await context.addInitScript({ path: fileURLToPath(new URL('pages/recorder.js', import.meta.url)) });
        const page = await context.newPage();
        page.setDefaultTimeout(patienceMs);
        await page.goto(url);
        await page.locator('.cm-content').waitFor();
        return page;
      };
      return await measure(space, typing, open);
    } finally {
      await space.close();
    }
  } finally {
    await browser.close();
  }
}

async function measure(
  space: Space,
  typing: Typing,
  open: (url: string) => Promise<Page>,
): Promise<number[]> {
  const { peers, document, keys, warmUp } = typing;
  const typist = await open(space.firstUrl);
  await typist.locator('.cm-content').focus();
  await typist.keyboard.press('ControlOrMeta+a');
  await typist.evaluate(text => (globalThis as unknown as Recording).typingRecorder.paste(text), document);
  await until('the document is in the first page', async () => (await textOf(typist)) === document);

  const others: Page[] = [];
  for (let number = 1; number < peers; number++) others.push(await open(await space.urlFor(number, typist)));
  const pages = [typist, ...others];
  await until('every page is connected to every other', () =>
    all(pages, async page => (await space.connected(page)) === peers - 1),
  );
  await until('every page has the document', () =>
    all(pages, async page => (await textOf(page)) === document),
  );

  for (const page of pages)
    await page.evaluate(() => (globalThis as unknown as Recording).typingRecorder.lookAtEnd());
  await typist.keyboard.press('ControlOrMeta+End');
  await until('every page shows the empty last line', () =>
    all(pages, page =>
      page.evaluate(() => (globalThis as unknown as Recording).typingRecorder.lastLine() === ''),
    ),
  );
  await wait(settleMs);
  for (const page of pages)
    await page.evaluate(() => (globalThis as unknown as Recording).typingRecorder.start());

  const startedAt = performance.now();
  for (const [index, key] of keys.split('').entries()) {
    await wait(Math.max(0, startedAt + index * keyIntervalMs - performance.now()));
    await typist.keyboard.press(key === ' ' ? 'Space' : key);
  }
  await until('every page has what was typed', () =>
    all(pages, async page => (await textOf(page)) === document + keys),
  );

  const pressed = (await resultOf(typist)).keys;
  if (pressed.length !== keys.length)
    throw new Error(`${keys.length} keys were pressed and ${pressed.length} noted`);
  const times: number[] = [];
  for (const page of others) {
    const { sights } = await resultOf(page);
    for (let index = warmUp; index < keys.length; index++) {
      const shown = keys.slice(0, index + 1);
      const seen = sights.find(([, text]) => text.startsWith(shown))?.[0];
      if (seen === undefined) throw new Error(`"${shown}" was never seen in a page`);
      const ms = seen - (pressed[index] ?? Number.NaN);
      if (!(ms > 0)) throw new Error(`a keystroke was seen ${ms} ms after it was typed: the clocks disagree`);
      times.push(ms);
    }
  }
  return times;
}

const textOf = (page: Page): Promise<string | undefined> =>
  page.evaluate(() => (globalThis as unknown as Recording).typingRecorder.text());

const resultOf = (page: Page): Promise<ReturnType<Recorder['result']>> =>
  page.evaluate(() => (globalThis as unknown as Recording).typingRecorder.result());

async function all(pages: readonly Page[], holds: (page: Page) => Promise<boolean>): Promise<boolean> {
  return (await Promise.all(pages.map(holds))).every(Boolean);
}
