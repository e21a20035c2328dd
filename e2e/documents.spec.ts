/** Many documents in a space: made, named, ordered and edited by two people, together and apart. */
import type { Browser, Page } from '@playwright/test';
import { AppServer } from './server.ts';
import { expect, test } from './test.ts';
import { Writer } from './writer.ts';

let server: AppServer;
test.beforeAll(async () => {
  server = await AppServer.start();
});
test.afterAll(async () => {
  await server.stop();
});

async function two(browser: Browser): Promise<{ ana: Writer; bo: Writer }> {
  const ana = await Writer.open(await browser.newContext(), server.url, 'Ana');
  const bo = await Writer.open(await browser.newContext(), await ana.shareLink(), 'Bo');
  await ana.connectedTo(1);
  return { ana, bo };
}

const rail = (page: Page) => page.getByRole('navigation', { name: 'Documents' });
const links = (page: Page) => rail(page).getByRole('link');
async function make(page: Page, kind: 'Page' | 'Board' | 'Poll'): Promise<void> {
  await rail(page).getByRole('button', { name: 'New document' }).click();
  await page.getByRole('menuitem', { name: kind }).click();
}
async function go(page: Page, title: string): Promise<void> {
  await rail(page).getByRole('link', { name: title }).click();
}
/** The titles of the cards in each column, by column. */
async function cards(page: Page): Promise<string> {
  const columns = await page.locator('ws-board section').all();
  const said = await Promise.all(
    columns.map(
      async column =>
        `${(await column.getAttribute('aria-label')) ?? ''}: ${(await column.locator('.card .title').allInnerTexts()).join(', ')}`,
    ),
  );
  return said.map(one => one.trimEnd()).join(' | ');
}
const card = (page: Page, title: string) =>
  page.locator('ws-board').getByRole('button', { name: title, exact: true });
const column = (page: Page, title: string) => page.locator('ws-board').getByRole('region', { name: title });
async function addCards(page: Page, to: string, ...titles: readonly string[]): Promise<void> {
  const field = page.getByRole('textbox', { name: `Add a card to ${to}` });
  for (const title of titles) {
    await field.fill(title);
    await field.press('Enter');
  }
}

test('pages are made, named by their first line, renamed, ordered, deleted and restored; a reload comes back to the one that was open', async ({
  browser,
}) => {
  const { ana, bo } = await two(browser);
  await ana.type('# Ferry notes');
  await expect(links(ana.page)).toHaveText(['Ferry notes']);
  await make(ana.page, 'Page');
  await expect(links(ana.page)).toHaveText(['Ferry notes', 'Untitled']);
  await ana.type('# Menu\nsmoked fish');
  await expect(links(bo.page)).toHaveText(['Ferry notes', 'Menu']);
  // Both write, each in another document.
  await bo.append(' of Saturday');
  await go(bo.page, 'Menu');
  await bo.shows('# Menu\nsmoked fish');
  await bo.append(' and bread');
  await ana.shows('# Menu\nsmoked fish and bread');
  await ana.page.reload();
  await ana.shows('# Menu\nsmoked fish and bread');
  await expect(ana.page.getByRole('heading', { level: 1 })).toHaveText('Menu');
  await go(ana.page, 'Ferry notes of Saturday');
  await ana.shows('# Ferry notes of Saturday');
  await ana.page.goBack();
  await ana.shows('# Menu\nsmoked fish and bread');

  await links(ana.page).filter({ hasText: 'Menu' }).press('F2');
  await rail(ana.page).getByRole('textbox', { name: 'Name of the document' }).fill('Supper');
  await ana.page.keyboard.press('Enter');
  await expect(links(bo.page)).toHaveText(['Ferry notes of Saturday', 'Supper']);
  await links(bo.page).filter({ hasText: 'Supper' }).press('Alt+ArrowUp');
  await expect(links(ana.page)).toHaveText(['Supper', 'Ferry notes of Saturday']);
  await links(ana.page).filter({ hasText: 'Supper' }).press('Delete');
  await expect(links(bo.page)).toHaveText(['Ferry notes of Saturday']);
  // Whoever is reading it goes on reading it.
  await bo.shows('# Menu\nsmoked fish and bread');
  await rail(bo.page).getByText('Deleted').click();
  await rail(bo.page).getByRole('button', { name: 'Restore Supper' }).click();
  await expect(links(ana.page)).toHaveText(['Supper', 'Ferry notes of Saturday']);
  expect([...ana.errors, ...bo.errors]).toEqual([]);
});

test('two who make documents apart have made two, and what they call the space is one name', async ({
  browser,
}) => {
  const { ana, bo } = await two(browser);
  await ana.type('# Plan');
  await bo.shows('# Plan');
  await ana.switchNetwork(false);
  await bo.switchNetwork(false);
  for (const [writer, name] of [
    [ana, 'Harbour'],
    [bo, 'Weekend'],
  ] as const) {
    await make(writer.page, 'Board');
    await writer.page.getByRole('textbox', { name: 'Name of the board' }).fill(`${name} board`);
    await writer.page.keyboard.press('Enter');
    await rail(writer.page).getByRole('textbox', { name: 'Name of the space' }).fill(name);
    await writer.page.keyboard.press('Enter');
    await expect(links(writer.page)).toHaveText(['Plan', `${name} board`]);
  }
  await ana.switchNetwork(true);
  await bo.switchNetwork(true);
  await expect(links(ana.page)).toHaveCount(3);
  await expect(links(bo.page)).toHaveText(await links(ana.page).allInnerTexts());
  await expect(rail(ana.page).getByRole('textbox', { name: 'Name of the space' })).toHaveValue('Weekend');
  await expect(rail(bo.page).getByRole('textbox', { name: 'Name of the space' })).toHaveValue('Weekend');
});

test('one card moved by two people at once, by hand and by keys, is in one place and once', async ({
  browser,
}) => {
  const { ana, bo } = await two(browser);
  await make(ana.page, 'Board');
  await addCards(ana.page, 'To do', 'Table cloth', 'Lanterns', 'Charts');
  await expect(links(bo.page)).toHaveText(['Untitled', 'Untitled board']);
  await go(bo.page, 'Untitled board');
  await expect.poll(() => cards(bo.page)).toBe('To do: Table cloth, Lanterns, Charts | On it: | Done:');

  // What comes in a page's first seconds is what one finds on arriving, and not shown as moved.
  await bo.page.waitForFunction(() => performance.now() > 6000);
  await card(ana.page, 'Charts').dragTo(column(ana.page, 'On it'));
  await expect(bo.page.getByText('Ana moved this')).toBeVisible();
  await expect.poll(() => cards(bo.page)).toBe('To do: Table cloth, Lanterns | On it: Charts | Done:');

  await ana.switchNetwork(false);
  await card(ana.page, 'Table cloth').dragTo(column(ana.page, 'Done'));
  await expect.poll(() => cards(ana.page)).toBe('To do: Lanterns | On it: Charts | Done: Table cloth');
  await card(bo.page, 'Table cloth').focus();
  for (const key of ['Space', 'ArrowRight', 'ArrowDown', 'Space']) await bo.page.keyboard.press(key);
  await expect.poll(() => cards(bo.page)).toBe('To do: Lanterns | On it: Charts, Table cloth | Done:');
  await expect(card(bo.page, 'Table cloth')).toBeFocused();
  await addCards(bo.page, 'To do', 'Rope');
  await ana.switchNetwork(true);
  await expect.poll(async () => (await cards(ana.page)) === (await cards(bo.page))).toBe(true);
  const together = await cards(ana.page);
  for (const title of ['Table cloth', 'Lanterns', 'Charts', 'Rope'])
    expect(together.split(title).length).toBe(2);

  // Escape puts back what was picked up.
  await card(bo.page, 'Lanterns').focus();
  for (const key of ['Space', 'ArrowRight', 'ArrowRight', 'Escape']) await bo.page.keyboard.press(key);
  await expect.poll(() => cards(bo.page)).toBe(together);
  // A card opened, tagged, and seen by the other.
  await card(ana.page, 'Rope').press('Enter');
  await ana.page.getByRole('textbox', { name: 'Tags' }).fill('deck, safety');
  await ana.page.getByRole('checkbox', { name: 'I am on it' }).check();
  await ana.page.keyboard.press('Escape');
  await expect(bo.page.getByRole('button', { name: 'Rope, deck, safety, Ana' })).toBeVisible();
  await ana.page.reload();
  await expect(ana.page.getByRole('button', { name: 'Rope, deck, safety, Ana' })).toBeVisible();
  expect([...ana.errors, ...bo.errors]).toEqual([]);
});

test('votes given apart are all counted, a changed mind once; what is counted on both sides adds up', async ({
  browser,
}) => {
  const { ana, bo } = await two(browser);
  await make(ana.page, 'Poll');
  await ana.page.getByRole('textbox', { name: 'Name of the poll' }).fill('Which harbour?');
  for (const answer of ['North', 'South']) {
    await ana.page.getByRole('textbox', { name: 'Add an answer' }).fill(answer);
    await ana.page.keyboard.press('Enter');
  }
  await go(bo.page, 'Which harbour?');
  const answer = (page: Page, name: RegExp) => page.locator('ws-poll .ballot').filter({ hasText: name });
  await answer(ana.page, /North/).click();
  await ana.switchNetwork(false);
  await answer(ana.page, /South/).click();
  await answer(bo.page, /North/).click();
  await ana.switchNetwork(true);
  for (const { page } of [ana, bo]) {
    await expect(page.getByRole('button', { name: 'North, 1 vote: Bo' })).toBeVisible();
    await expect(page.getByRole('button', { name: 'South, 1 vote: Ana' })).toBeVisible();
    await expect(page.getByText('2 ballots given')).toBeVisible();
  }
  await ana.page.getByRole('checkbox', { name: 'Count up and down instead' }).check();
  await expect(bo.page.getByRole('button', { name: 'One more: North' })).toBeVisible();
  await bo.switchNetwork(false);
  for (const { page } of [ana, bo]) {
    await page.getByRole('button', { name: 'One more: North' }).click({ clickCount: 3 });
    await page.getByRole('button', { name: 'One less: South' }).click();
  }
  await bo.switchNetwork(true);
  for (const { page } of [ana, bo]) {
    await expect(page.getByRole('status', { name: 'North' })).toHaveText('6');
    await expect(page.getByRole('status', { name: 'South' })).toHaveText('-2');
  }
});

test('another space is made, and one comes back to the first with what was open there', async ({
  browser,
}) => {
  const ana = await Writer.open(await browser.newContext(), server.url, 'Ana');
  await ana.type('# Harbour');
  await make(ana.page, 'Page');
  await ana.type('# Menu');
  const spaces = ana.page.locator('ws-home').getByRole('link');
  await ana.page.getByRole('link', { name: 'All spaces' }).click();
  await expect(spaces).toHaveText([/Harbour\s+2 documents, open here/]);
  await ana.page.getByRole('button', { name: 'New space' }).click();
  await expect(links(ana.page)).toHaveText(['Untitled']);
  await ana.type('# Reading circle');
  await expect(links(ana.page)).toHaveText(['Reading circle']);
  await ana.page.getByRole('link', { name: 'All spaces' }).click();
  await expect(spaces).toHaveText([/Reading circle/, /Harbour/]);
  await spaces.filter({ hasText: 'Harbour' }).click();
  await expect(links(ana.page)).toHaveText(['Harbour', 'Menu']);
  await ana.shows('# Menu');
  expect(ana.errors).toEqual([]);
});
