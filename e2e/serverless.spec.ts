/** Meeting with little of a server, or none: through peers, and by texts that people carry. */
import type { Browser, BrowserContext } from '@playwright/test';
import { signalingPath } from '../src/net/signaling.ts';
import { AppServer } from './server.ts';
import { expect, test } from './test.ts';
import { allEqual, Writer } from './writer.ts';

let server: AppServer;
test.beforeEach(async () => {
  server = await AppServer.start();
});
test.afterEach(async () => {
  await server.stop();
});

/** A browser whose way to the signaling server can be taken away. */
async function severable(browser: Browser): Promise<{ context: BrowserContext; sever: () => Promise<void> }> {
  const context = await browser.newContext();
  const closers: (() => Promise<void>)[] = [];
  let severed = false;
  await context.routeWebSocket(new RegExp(`${signalingPath}$`), async socket => {
    if (severed) {
      await socket.close();
      return;
    }
    const there = socket.connectToServer();
    closers.push(async () => {
      await there.close();
      await socket.close();
    });
  });
  const sever = async (): Promise<void> => {
    severed = true;
    for (const close of closers) await close();
  };
  return { context, sever };
}

test('a newcomer whom the server shows one peer meets the other through it', async ({ browser }) => {
  const ana = await Writer.open(await browser.newContext(), server.url, 'Ana');
  await ana.type('Ana.');
  const link = await ana.shareLink();
  const { context, sever } = await severable(browser);
  const bo = await Writer.open(context, link, 'Bo');
  await ana.connectedTo(1);
  await sever();
  await expect.poll(async () => (await bo.status()).signaling).toBe('unreachable');

  const cy = await Writer.open(await browser.newContext(), link, 'Cy');
  for (const writer of [ana, bo, cy]) await writer.connectedTo(2);
  await expect(cy.editor).toContainText('Ana.');
  await cy.append(' Cy.');
  await allEqual([ana, bo, cy], text => text === 'Ana. Cy.');
  // Not by way of Ana: she is gone, and the two still hear each other.
  await ana.page.close();
  await bo.append(' Bo.');
  await allEqual([bo, cy], text => text === 'Ana. Cy. Bo.');
  expect([...ana.errors, ...bo.errors, ...cy.errors]).toEqual([]);
});

test('with the server killed somebody joins by an offer and an answer that are pasted, and meets the rest', async ({
  browser,
}) => {
  const ana = await Writer.open(await browser.newContext(), server.url, 'Ana');
  await ana.type('Ana.');
  const link = await ana.shareLink();
  const cyContext = await browser.newContext();
  const before = await Writer.open(cyContext, link, 'Cy');
  await before.installed();
  await before.page.close();
  const bo = await Writer.open(await browser.newContext(), link, 'Bo');
  await bo.connectedTo(1);
  await server.stop();

  const cy = await Writer.open(cyContext, server.url);
  await expect.poll(async () => (await cy.status()).signaling).toBe('unreachable');
  const open = async (writer: Writer) => {
    await writer.page.getByRole('button', { name: 'Share' }).click();
    const dialog = writer.page.getByRole('dialog');
    await dialog.getByText('Join without a server').click();
    return dialog;
  };
  const [atAna, atCy] = [await open(ana), await open(cy)];
  await atAna.getByRole('button', { name: 'Make an offer' }).click();
  const offer = await atAna.getByRole('textbox', { name: 'Offer to give' }).inputValue();
  await atCy
    .getByRole('textbox', { name: 'Offer you were given' })
    .fill(`  ${offer.slice(0, 500)}\n${offer.slice(500)}`);
  await atCy.getByRole('button', { name: 'Make the answer' }).click();
  // Each is a code as well, which a camera reads.
  await expect(atAna.getByRole('img', { name: 'Offer to give, as a QR code' })).toBeVisible();
  await expect(atCy.getByRole('img', { name: 'Answer to give back, as a QR code' })).toBeVisible();
  const answer = await atCy.getByRole('textbox', { name: 'Answer to give back' }).inputValue();
  await atAna.getByRole('textbox', { name: 'Answer you were given' }).fill(answer);
  await atAna.getByRole('button', { name: 'Connect' }).click();

  for (const writer of [ana, bo, cy]) await writer.connectedTo(2);
  await cy.page.keyboard.press('Escape');
  await expect(cy.editor).toContainText('Ana.');
  await cy.append(' Cy, without a server.');
  await allEqual([ana, bo, cy], text => text === 'Ana. Cy, without a server.');
  expect([...ana.errors, ...bo.errors, ...cy.errors]).toEqual([]);
});
