/** Peerloom as people get it: the built app, from the real server, joined through an invitation. */
import { join } from 'node:path';
import type { Page } from 'playwright';
import { build } from 'vite';
import { ROOT } from '../report.ts';
import { freePort, startServer } from '../server.ts';
import type { Contestant, Space } from './contestant.ts';

/** What main.ts puts on the page for tests. */
interface Hook {
  readonly session: {
    status(): { readonly peers: readonly { readonly state: string }[] };
    shareLink(): string;
  };
}

export class Peerloom implements Contestant {
  readonly library = 'peerloom';

  async prepare(): Promise<void> {
    await build({ root: ROOT, logLevel: 'error' });
  }

  async open(): Promise<Space> {
    const port = await freePort();
    const server = await startServer(['--import', 'tsx', join('signaling-server', 'main.ts')], port);
    let invitation: Promise<string> | undefined;
    return {
      firstUrl: `http://localhost:${port}/`,
      urlFor: (_number, first) => (invitation ??= shareLink(first)),
      connected: page =>
        page.evaluate(() => {
          const { peerloom } = globalThis as { peerloom?: Hook };
          return peerloom?.session.status().peers.filter(({ state }) => state === 'connected').length ?? 0;
        }),
      close: () => server.close(),
    };
  }

  async close(): Promise<void> {
    // Each run has closed its own server.
  }
}

async function shareLink(page: Page): Promise<string> {
  const link = await page.evaluate(() => (globalThis as { peerloom?: Hook }).peerloom?.session.shareLink());
  if (link === undefined) throw new Error('the page has no globalThis.peerloom to ask for its invitation');
  return link;
}
