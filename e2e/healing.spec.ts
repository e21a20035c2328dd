/**
 * Every way to be cut off stops delivery, in both directions, and is over within five seconds of its end: the app's switch,
 * the browser's own offline mode, and a cable that is pulled out, at this end or beyond the next switch, where nobody is told.
 */
import { expect, test } from '@playwright/test';
import { Cables, whyNoCables } from './cables.ts';
import { AppServer } from './server.ts';
import { allEqual, healingBeatsMax, Writer } from './writer.ts';

interface Cut {
  readonly ana: Writer;
  readonly bo: Writer;
  off(): Promise<void> | void;
  on(): Promise<void> | void;
  /** How long it stays off: until Bo sees Ana so. */
  readonly until: 'silent' | 'gone';
}

async function cutAndHeal({ ana, bo, off, on, until }: Cut): Promise<void> {
  await off();
  await ana.append(' Written by Ana.');
  await bo.append(' Written by Bo.');
  // Since a while nothing has come from her: what she wrote would be here.
  await expect.poll(() => bo.peerStates()).toEqual([until]);
  expect(await bo.text()).not.toContain('Written by Ana.');
  expect(await ana.text()).not.toContain('Written by Bo.');
  await Promise.all([ana.countBeats(), bo.countBeats()]);
  await on();
  const beats = await Promise.all([ana.beatsUntil('Written by Bo.'), bo.beatsUntil('Written by Ana.')]);
  test.info().annotations.push({ type: 'healed', description: `after ${beats.join(' and ')} beats` });
  await ana.connectedTo(1);
  await bo.connectedTo(1);
  await allEqual([ana, bo], text => text.length === 'Together. Written by Ana. Written by Bo.'.length);
  expect(Math.max(...beats)).toBeLessThanOrEqual(healingBeatsMax);
}

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

for (const [end, until] of [
  ['host', 'gone'],
  ['switch', 'silent'],
  ['switch', 'gone'],
] as const) {
  test(`a cable pulled out at the ${end}, until its link is ${until}, stops delivery and heals within five seconds`, async () => {
    const without = whyNoCables();
    test.skip(without !== undefined, without);
    const cables = new Cables();
    try {
      const origin = `http://${cables.address}:${String(server.port)}`;
      const host = await cables.host(origin);
      const ana = await Writer.open(await host.browser.newContext(), origin, 'Ana');
      await ana.type('Together.');
      const other = await cables.host(origin);
      const bo = await Writer.open(await other.browser.newContext(), await ana.shareLink(), 'Bo');
      await expect(bo.editor).toContainText('Together.');
      await ana.connectedTo(1);
      await cutAndHeal({
        ana,
        bo,
        off: () => {
          host.unplug(end);
        },
        on: () => {
          host.plugIn();
        },
        until,
      });
    } finally {
      await cables.close();
    }
  });
}
