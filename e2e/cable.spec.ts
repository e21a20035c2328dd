/**
 * A cable that is pulled out, at this end or beyond the next switch, where no machine is told, stops delivery in both
 * directions, and is over within five seconds of being put back. Another network than before is survived.
 */
import { cutAndHeal } from './cut-and-heal.ts';
import { onCables } from './on-cables.ts';
import { expect, test } from './test.ts';
import { allEqual } from './writer.ts';

for (const [end, until] of [
  ['host', 'gone'],
  ['switch', 'silent'],
  ['switch', 'gone'],
] as const) {
  test(`a cable pulled out at the ${end}, until its link is ${until}, stops delivery and heals within five seconds`, async () => {
    await onCables(async ({ ana, bo, host }) => {
      const off = (): void => {
        host.unplug(end);
      };
      const on = (): void => {
        host.plugIn();
      };
      await cutAndHeal({ ana, bo, off, on, until });
    });
  });
}

test('a host that comes to another address, as from one network to the next, is met again there', async () => {
  await onCables(async ({ ana, bo, host }) => {
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
});
