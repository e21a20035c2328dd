/** The app's switch and the browser's offline mode stop delivery in both directions, and it is over within five seconds of their end. */
import { cutAndHeal } from './cut-and-heal.ts';
import { AppServer } from './server.ts';
import { expect, test } from './test.ts';
import { Writer } from './writer.ts';

let server: AppServer;
test.beforeEach(async () => {
  server = await AppServer.start();
});
test.afterEach(async () => {
  await server.stop();
});

for (const lever of ['the app’s switch', 'the browser’s offline mode'] as const) {
  test(`${lever} stops delivery and heals within five seconds`, async ({ browser }) => {
    const context = await browser.newContext();
    const ana = await Writer.open(context, server.url, 'Ana');
    await ana.type('Together.');
    const bo = await Writer.open(await browser.newContext(), await ana.shareLink(), 'Bo');
    await expect(bo.editor).toContainText('Together.');
    await ana.connectedTo(1);
    const turn = async (on: boolean): Promise<void> => {
      if (lever === 'the app’s switch') await ana.switchNetwork(on);
      else await context.setOffline(!on);
      await ana.editor.focus();
    };
    await cutAndHeal({ ana, bo, off: () => turn(false), on: () => turn(true), until: 'silent' });
  });
}
