/** Ana and Bo on hosts of their own, each at the end of a real cable, writing one page together. */
import { Cables, whyNoCables, type Host } from './cables.ts';
import { AppServer } from './server.ts';
import { expect, test } from './test.ts';
import { Writer } from './writer.ts';

export interface OnCables {
  readonly ana: Writer;
  readonly bo: Writer;
  /** Ana's. */
  readonly host: Host;
}

/**
 * Runs `work` with the two, and clears everything away. Where there can be no cables, or no `slow` ones if those are needed, the
 * test is skipped, and says why.
 */
export async function onCables(work: (together: OnCables) => Promise<void>, slow = false): Promise<void> {
  const without = whyNoCables(slow);
  test.skip(without !== undefined, without);
  const server = await AppServer.start();
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
    await bo.connectedTo(1);
    await work({ ana, bo, host });
  } finally {
    await cables.close();
    await server.stop();
  }
}
