/** Three who write one page together, each in a browser profile of their own, all connected. */
import type { Browser } from '@playwright/test';
import { Writer } from './writer.ts';

export interface Three {
  readonly writers: readonly Writer[];
  readonly ana: Writer;
  readonly bo: Writer;
  readonly cleo: Writer;
}

export async function threeTogether(browser: Browser, url: string): Promise<Three> {
  const ana = await Writer.open(await browser.newContext(), url, 'Ana');
  await ana.type('Together.');
  const link = await ana.shareLink();
  const join = async (name: string) => Writer.open(await browser.newContext(), link, name);
  const [bo, cleo] = await Promise.all([join('Bo'), join('Cleo')]);
  const writers = [ana, bo, cleo];
  await Promise.all(writers.map(writer => writer.connectedTo(2)));
  return { writers, ana, bo, cleo };
}
