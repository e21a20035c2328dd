/** `npm start` as one types it: the real start script, in a process of its own. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { get } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { signalingPath } from '../src/net/signaling.ts';
import { selfSigned } from './self-signed.ts';
import { freePort } from './server.ts';
import { expect, test } from './test.ts';
import { Writer } from './writer.ts';

class Started {
  readonly #process: ChildProcess;
  #said = '';

  private constructor(process: ChildProcess) {
    this.#process = process;
    process.stdout?.on('data', (text: Buffer) => (this.#said += text.toString()));
  }

  static async start(port: number, args: readonly string[] = []): Promise<Started> {
    const started = new Started(
      spawn(process.execPath, ['scripts/start.mjs', ...args], {
        env: { ...process.env, PORT: String(port) },
        stdio: ['ignore', 'pipe', 'inherit'],
      }),
    );
    try {
      // Longer than others wait: it builds the app first, should that be out of date.
      await expect.poll(() => started.#said, { timeout: 120_000 }).toContain('Stop it with Ctrl+C.');
      return started;
    } catch (error) {
      await started.stop();
      throw error;
    }
  }

  /** Everything it has said so far. */
  get said(): string {
    return this.#said;
  }

  /** As Ctrl+C does; its exit code. */
  async stop(): Promise<number | null> {
    if (this.#process.exitCode === null) {
      this.#process.kill('SIGINT');
      await once(this.#process, 'exit');
    }
    return this.#process.exitCode;
  }
}

test('it serves app and signaling on PORT, prints the addresses and ends with Ctrl+C', async ({
  context,
}) => {
  const port = await freePort();
  const started = await Started.start(port);
  try {
    const url = `http://localhost:${String(port)}`;
    expect(started.said).toContain(`On this computer:  ${url}\n`);
    expect(started.said).toContain('npm start -- --tls CERT KEY');
    const ana = await Writer.open(context, url);
    await ana.type('Here.');
    await expect.poll(async () => (await ana.status()).signaling).toBe('connected');
  } finally {
    expect(await started.stop()).toBe(0);
  }
});

test('with --tls CERT KEY it speaks https and wss, where browsers trust the page and people meet', async ({
  browser,
}) => {
  const folder = await mkdtemp(join(tmpdir(), 'peerloom-tls-'));
  const files = selfSigned(folder);
  test.skip(files === undefined, 'no openssl here to make a certificate with');
  if (files === undefined) return;
  const port = await freePort();
  const started = await Started.start(port, ['--tls', files.cert, files.key]);
  try {
    const url = `https://127.0.0.1:${String(port)}`;
    expect(started.said).toContain(`On this computer:  https://localhost:${String(port)}\n`);
    expect(started.said).not.toContain('http://');
    // The certificate itself is checked here; browsers below are told to take it.
    const ca = await readFile(files.cert);
    const health = await new Promise<string>((resolve, reject) => {
      get(`${url}/healthz`, { ca, agent: false }, response => {
        response.on('data', (text: Buffer) => {
          resolve(text.toString());
        });
      }).on('error', reject);
    });
    expect(health).toContain('"ok":true');
    const socket = new WebSocket(`${url.replace('https', 'wss')}${signalingPath}`, { ca });
    await once(socket, 'open');
    socket.terminate();

    const contexts = [1, 2].map(() => browser.newContext({ ignoreHTTPSErrors: true }));
    const [here, there] = await Promise.all(contexts);
    if (here === undefined || there === undefined) throw new Error('no context');
    const ana = await Writer.open(here, url, 'Ana');
    expect(await ana.page.evaluate(() => isSecureContext)).toBe(true);
    await ana.type('Over the network.');
    const link = await ana.shareLink();
    expect(link.startsWith(`${url}/`)).toBe(true);
    const bo = await Writer.open(there, link, 'Bo');
    await expect(bo.editor).toContainText('Over the network.');
    await bo.append(' So it is.');
    await expect(ana.editor).toContainText('So it is.');
  } finally {
    await started.stop();
    await rm(folder, { recursive: true, force: true });
  }
});
