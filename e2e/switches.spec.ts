/**
 * Switches while the disk is still busy. What is typed is handed to the courier, which sends it once the disk has it: by
 * then its link may be off. The disk here is slow to answer, so that every change is caught in between.
 */
import type { Browser, BrowserContext } from '@playwright/test';
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

const answerLateMs = 400;

/** The courier's own script, on a disk that confirms what it has taken only after a while. */
async function onSlowDisk(browser: Browser): Promise<BrowserContext> {
  // The script would come from the service worker's cache, past the route.
  const context = await browser.newContext({ serviceWorkers: 'block' });
  await context.route(/courier\.worker-.*\.js$/, async route => {
    const response = await route.fetch();
    const late = `{
      const { addEventListener } = EventTarget.prototype;
      IDBTransaction.prototype.addEventListener = function (type, listener, options) {
        const heard = type !== 'complete' ? listener
          : event => setTimeout(() => listener.call(this, event), ${String(answerLateMs)});
        return addEventListener.call(this, type, heard, options);
      };
    }\n`;
    await route.fulfill({ response, body: late + (await response.text()) });
  });
  return context;
}

for (const lever of ['the tab', 'one link'] as const) {
  test(`what was handed to the courier before ${lever} was switched off stays here until it is on again`, async ({
    browser,
  }) => {
    const ana = await Writer.open(await onSlowDisk(browser), server.url, 'Ana');
    await ana.type('Before.');
    const bo = await Writer.open(await browser.newContext(), await ana.shareLink(), 'Bo');
    await expect(bo.editor).toContainText('Before.');
    await ana.connectedTo(1);
    /** `typing` first, if there is any; then the switch in the very turn in which that is with the courier. */
    const turn = (on: boolean, typing = '') =>
      ana.page.evaluate(
        async ([lever, on, typing]) => {
          const session = globalThis.peerloom?.session;
          if (session === undefined) throw new Error('no session');
          if (typing !== '') {
            const handedOver = new Promise<void>(resolve => {
              const end = session.trace.subscribe(({ event }) => {
                if (event.type !== 'batch-closed') return;
                end();
                resolve();
              });
            });
            // eslint-disable-next-line @typescript-eslint/no-deprecated -- nothing else types within a turn of the page
            document.execCommand('insertText', false, typing);
            await handedOver;
          }
          if (lever === 'the tab') session.setNetwork(on);
          else for (const { replicaId } of session.status().peers) session.setLink(replicaId, on);
          return session.status().keeping.type;
        },
        [lever, on, typing] as const,
      );

    const words = ['Before.'];
    for (let round = 0; round < 2; round++) {
      const [under, later] = [` Under way ${String(round)}.`, ` Later ${String(round)}.`];
      await ana.kept();
      await ana.editor.focus();
      await ana.page.keyboard.press('ControlOrMeta+End');
      expect(await turn(false, under)).toBe('keeping');
      await ana.type(later);
      await ana.kept();
      // Bo has not heard of Ana for seconds: what she sent before has long been there.
      await bo.connectedTo(0);
      await allEqual([bo], text => text === words.join(''));
      await turn(true);
      words.push(under, later);
      await allEqual([ana, bo], text => text === words.join(''));
    }
    expect([...ana.errors, ...bo.errors]).toEqual([]);
  });
}
