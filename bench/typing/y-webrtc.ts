/** Yjs over y-webrtc, in a page of this benchmark's own, with y-webrtc's own signaling server. */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { build, preview, type PreviewServer } from 'vite';
import { ROOT } from '../report.ts';
import { freePort, startServer } from '../server.ts';
import type { Contestant, Space } from './contestant.ts';

const configFile = join(ROOT, 'bench', 'vite.config.ts');
const signalingServer = join('bench', 'node_modules', 'y-webrtc', 'bin', 'server.js');

export class YWebrtc implements Contestant {
  readonly library = 'y-webrtc';
  #pages: PreviewServer | undefined;
  #url = '';

  async prepare(): Promise<void> {
    await build({ configFile, logLevel: 'error' });
    const port = await freePort();
    this.#pages = await preview({
      configFile,
      logLevel: 'error',
      preview: { host: '127.0.0.1', port, strictPort: true, open: false },
    });
    this.#url = `http://127.0.0.1:${port}/`;
  }

  async open(peers: number): Promise<Space> {
    const port = await freePort();
    const server = await startServer([signalingServer], port);
    const room = randomUUID();
    const urlOf = (number: number): string => {
      const signaling = `ws://127.0.0.1:${port}`;
      const query = new URLSearchParams({ signaling, room, peers: String(peers), number: String(number) });
      return `${this.#url}?${query.toString()}`;
    };
    return {
      firstUrl: urlOf(0),
      urlFor: number => Promise.resolve(urlOf(number)),
      connected: page =>
        page.evaluate(() => (globalThis as { yWebrtc?: { connected(): number } }).yWebrtc?.connected() ?? 0),
      close: () => server.close(),
    };
  }

  async close(): Promise<void> {
    await this.#pages?.close();
  }
}
