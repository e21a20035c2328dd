/**
 * A cable that is pulled out, at this end or beyond the next switch, where no machine is told, stops delivery in both
 * directions, and is over within five seconds of being put back. Another network than before is survived.
 */
import { Cables, whyNoCables, type Host } from './cables.ts';
import { cutAndHeal } from './cut-and-heal.ts';
import { AppServer } from './server.ts';
import { expect, test } from './test.ts';
import { allEqual, Writer } from './writer.ts';

let server: AppServer;
let cables: Cables | undefined;
test.beforeEach(async () => {
  const without = whyNoCables();
  test.skip(without !== undefined, without);
  server = await AppServer.start();
  cables = new Cables();
});
test.afterEach(async () => {
  await cables?.close();
  cables = undefined;
  await server.stop();
});

/** Ana and Bo on hosts of their own, writing together. */
async function together(): Promise<{ ana: Writer; bo: Writer; host: Host }> {
  if (cables === undefined) throw new Error('no cables');
  const origin = `http://${cables.address}:${String(server.port)}`;
  const host = await cables.host(origin);
  const ana = await Writer.open(await host.browser.newContext(), origin, 'Ana');
  await ana.type('Together.');
  const other = await cables.host(origin);
  const bo = await Writer.open(await other.browser.newContext(), await ana.shareLink(), 'Bo');
  await expect(bo.editor).toContainText('Together.');
  await ana.connectedTo(1);
  return { ana, bo, host };
}

for (const [end, until] of [
  ['host', 'gone'],
  ['switch', 'silent'],
  ['switch', 'gone'],
] as const) {
  test(`a cable pulled out at the ${end}, until its link is ${until}, stops delivery and heals within five seconds`, async () => {
    const { ana, bo, host } = await together();
    const off = (): void => {
      host.unplug(end);
    };
    const on = (): void => {
      host.plugIn();
    };
    await cutAndHeal({ ana, bo, off, on, until });
  });
}

test('a host that comes to another address, as from one network to the next, is met again there', async () => {
  const { ana, bo, host } = await together();
  await ana.append(' At home.');
  await expect(bo.editor).toContainText('At home.');
  host.move();
  await ana.append(' On the train.');
  await bo.append(' Still here.');
  const parts = ['Together.', ' At home.', ' On the train.', ' Still here.'];
  await allEqual([ana, bo], text => parts.every(part => text.includes(part)));
  await ana.connectedTo(1);
  await bo.connectedTo(1);
  expect((await bo.peerStates()).length).toBe(1);
});
