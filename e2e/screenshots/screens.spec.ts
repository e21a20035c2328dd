/** `npm run screenshots`: the real screens, with real people on them, as pictures in screenshots/. */
import type { Browser } from '@playwright/test';
import { atRest } from '../../src/app/testing/at-rest.ts';
import { AppServer } from '../server.ts';
import { allEqual, Writer } from '../writer.ts';
import { expect, test } from '../test.ts';

const plan = `# Plan for Saturday

The ferry leaves at 9:20 from the north pier. Whoever arrives first holds the long table, the rest bring the bags through.

If the wind turns west we take *the inner route* and lose an hour; tell Mika **before nine**.

## Before we go

- [x] Book the boat for four
- [ ] Charge both radios
- [ ] Print the tide table

## Supper

Two votes for the smokehouse, one for cooking on board.
`;

type Look = NonNullable<Parameters<Browser['newContext']>[0]>;

let server: AppServer;
test.beforeAll(async () => {
  server = await AppServer.start();
});
test.afterAll(async () => {
  await server.stop();
});

/** Everyone in their own colour, in which they are drawn by chance else. */
const colours = { Yoko: 1, Ana: 2, Bo: 3, Mika: 4 };
type Name = keyof typeof colours;

async function open(browser: Browser, url: string, name: Name, look: Look = {}): Promise<Writer> {
  const writer = await Writer.open(await browser.newContext({ deviceScaleFactor: 2, ...look }), url);
  await writer.page.evaluate(profile => globalThis.peerloom?.session.setProfile(profile), {
    name,
    colour: colours[name],
  });
  return writer;
}

/** Puts the caret behind these words and types there. */
async function typeBehind(writer: Writer, words: string, text: string): Promise<void> {
  await writer.page.evaluate(behind => {
    const walker = document.createTreeWalker(document.querySelector('.cm-content') ?? document, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
      const at = (node.textContent ?? '').indexOf(behind);
      if (at >= 0) getSelection()?.collapse(node, at + behind.length);
    }
  }, words);
  await writer.type(text);
}

/** Four people on one page, one of them out of reach; `look` is how the first of them sees it. */
async function fourPeople(browser: Browser, look: Look) {
  const yoko = await open(browser, server.url, 'Yoko', look);
  await yoko.page.keyboard.insertText(plan);
  const link = await yoko.shareLink();
  const [ana, bo, mika] = await Promise.all((['Ana', 'Bo', 'Mika'] as const).map(name => open(browser, link, name)));
  if (ana === undefined || bo === undefined || mika === undefined) throw new Error('nobody');
  await allEqual([yoko, ana, bo, mika], text => text === plan);
  await yoko.connectedTo(3);
  await mika.switchNetwork(false);
  await yoko.connectedTo(2);
  await typeBehind(ana, 'the long table', ' by the window');
  await typeBehind(bo, 'both radios', ' and the spare battery');
  await expect(yoko.editor).toContainText('battery');
  await typeBehind(yoko, 'the tide table', ', twice');
  await expect(yoko.pill).toContainText('on 3 of 4 devices');
  return yoko;
}

for (const colorScheme of ['light', 'dark'] as const) {
  const picture = async ({ page }: Writer, name: string): Promise<void> => {
    await page.evaluate(atRest);
    await page.screenshot({ path: `screenshots/${name}-${colorScheme}.png` });
  };

  test(`a page, why, share and offline, ${colorScheme}`, async ({ browser }) => {
    const yoko = await fourPeople(browser, { colorScheme, viewport: { width: 1280, height: 800 } });
    await picture(yoko, 'page');
    await yoko.pill.getByRole('button').click();
    await expect(yoko.page.getByRole('heading', { name: 'Why?' })).toBeVisible();
    await picture(yoko, 'why');
    await yoko.page.keyboard.press('Escape');
    await yoko.page.getByRole('button', { name: 'Share' }).click();
    await expect(yoko.page.getByRole('dialog', { name: 'Share this space' })).toBeVisible();
    await picture(yoko, 'share');
    await yoko.page.keyboard.press('Escape');
    await yoko.switchNetwork(false);
    await typeBehind(yoko, 'cooking on board', ', if the stove works');
    await yoko.connectedTo(0);
    await expect(yoko.pill).toContainText('Offline');
    await picture(yoko, 'offline');
  });

  test(`a phone, ${colorScheme}`, async ({ browser }) => {
    const yoko = await fourPeople(browser, { colorScheme, viewport: { width: 390, height: 780 }, hasTouch: true });
    await picture(yoko, 'phone');
    await yoko.page.getByRole('button', { name: 'People' }).click();
    await expect(yoko.page.getByRole('button', { name: 'Close' })).toBeFocused();
    await picture(yoko, 'phone-people');
    await yoko.page.getByRole('button', { name: 'Close' }).click();
    await yoko.pill.getByRole('button').click();
    await picture(yoko, 'phone-why');
    await yoko.page.keyboard.press('Escape');
    await yoko.page.getByRole('button', { name: 'Share' }).click();
    await picture(yoko, 'phone-share');
  });

  test(`a first visit and an invitation cut short, ${colorScheme}`, async ({ browser }) => {
    const look = { colorScheme, viewport: { width: 1280, height: 800 }, deviceScaleFactor: 2 };
    const first = await open(browser, server.url, 'Yoko', look);
    await first.kept();
    await picture(first, 'first');
    const page = await (await browser.newContext(look)).newPage();
    await page.goto(`${server.url}/s#AQEabc`);
    await expect(page.getByRole('heading', { name: 'This invitation is not whole' })).toBeVisible();
    await page.evaluate(atRest);
    await page.screenshot({ path: `screenshots/not-whole-${colorScheme}.png` });
  });
}

/** A space with a page, a board and a poll, on which two people are; `look` is how one of them sees it. */
async function furnished(browser: Browser, look: Look) {
  const yoko = await open(browser, server.url, 'Yoko', look);
  await yoko.page.keyboard.insertText(plan);
  const ana = await open(browser, await yoko.shareLink(), 'Ana');
  await allEqual([yoko, ana], text => text === plan);
  const { page } = ana;
  const make = async (kind: string, name: string): Promise<void> => {
    await page.getByRole('button', { name: 'New document' }).click();
    await page.getByRole('menuitem', { name: kind }).click();
    await page.getByRole('textbox', { name: `Name of the ${kind.toLowerCase()}` }).fill(name);
    await page.keyboard.press('Enter');
  };
  await page.getByRole('textbox', { name: 'Name of the space' }).fill('Harbour weekend');
  await make('Poll', 'Which harbour?');
  for (const answer of ['The north pier, early', 'The old basin', 'Wherever there is a place']) {
    await page.getByRole('textbox', { name: 'Add an answer' }).fill(answer);
    await page.keyboard.press('Enter');
  }
  await page.getByRole('button', { name: /north pier, early, / }).click();
  await make('Board', 'Who brings what');
  const add = async (column: string, ...titles: readonly string[]): Promise<void> => {
    for (const title of titles) {
      await page.getByRole('textbox', { name: `Add a card to ${column}` }).fill(title);
      await page.keyboard.press('Enter');
    }
  };
  await add('To do', 'Long table cloth', 'Two lanterns', 'Smoked fish for eight');
  await add('On it', 'Charts and tide table');
  await add('Done', 'Radios', 'Life vests');
  const tag = async (card: string, tags: string, note = ''): Promise<void> => {
    await page.getByRole('button', { name: card, exact: true }).click();
    await page.getByRole('textbox', { name: 'Tags' }).fill(tags);
    await page.getByRole('textbox', { name: 'Note' }).fill(note);
    await page.getByRole('checkbox', { name: 'I am on it' }).check();
    await page.keyboard.press('Escape');
  };
  await tag('Smoked fish for eight', 'food', 'From the smokehouse at the pier, before ten. Ask for the corner table, too.');
  await tag('Life vests', 'safety, boat');
  return { yoko, ana };
}

for (const [name, look] of [
  ['light', { colorScheme: 'light', viewport: { width: 1360, height: 860 } }],
  ['dark', { colorScheme: 'dark', viewport: { width: 1360, height: 860 } }],
  ['phone', { colorScheme: 'light', viewport: { width: 390, height: 780 }, hasTouch: true }],
] as const) {
  test(`board and poll, ${name}`, async ({ browser }) => {
    const { yoko, ana } = await furnished(browser, look);
    const { page } = yoko;
    const shot = async (screen: string): Promise<void> => {
      await page.evaluate(atRest);
      await page.screenshot({ path: `screenshots/${screen}-${name}.png` });
    };
    const go = async (title: string): Promise<void> => {
      const rail = page.getByRole('navigation', { name: 'Documents' });
      if (name === 'phone') await page.getByRole('button', { name: 'Documents' }).click();
      if (name === 'phone') await shot('rail');
      await rail.getByRole('link', { name: title }).click();
    };
    await go('Which harbour?');
    await page.getByRole('button', { name: /north pier, early, / }).click();
    await expect(page.getByText('2 ballots given')).toBeVisible();
    await shot('poll');
    await go('Who brings what');
    await expect(page.getByText('Life vests')).toBeVisible();
    await ana.page.getByRole('button', { name: /^Smoked fish/ }).dragTo(ana.page.getByRole('region', { name: 'On it' }));
    await expect(page.getByText('Ana moved this')).toBeVisible();
    await shot('board');
    await page.getByText('Smoked fish for eight').click();
    await shot('card');
  });
}
