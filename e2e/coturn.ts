/** Debian's coturn, as a TURN server on the loopback of this machine, for as long as a test takes. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installWithApt } from '../scripts/apt.mjs';
import { freePort } from './server.ts';

const program = '/usr/bin/turnserver';

/** Installed where it is missing and root may; false when there is none after that. */
export function haveCoturn(): boolean {
  if (!existsSync(program)) installWithApt('coturn');
  return existsSync(program);
}

export class Coturn {
  readonly url: string;
  /** For the signaling server. */
  readonly secretFile: string;
  readonly #process: ChildProcess;
  readonly #folder: string;
  #said = '';

  private constructor(url: string, folder: string, child: ChildProcess) {
    this.url = url;
    this.#folder = folder;
    this.secretFile = join(folder, 'secret');
    this.#process = child;
    for (const stream of [child.stdout, child.stderr])
      stream?.setEncoding('utf8').on('data', (chunk: string) => (this.#said += chunk));
  }

  /** `secret`: what the signaling server makes credentials from; `ownSecret`: what coturn checks them with. */
  static async start(secret: string, ownSecret = secret): Promise<Coturn> {
    const folder = await mkdtemp(join(tmpdir(), 'peerloom-coturn-'));
    await writeFile(join(folder, 'secret'), `${secret}\n`);
    const port = await freePort();
    // No configuration file, no database, no TLS, no console; peers on loopback are what this test is about.
    const args = [
      ...['-n', '--no-tls', '--no-dtls', '--no-cli', '--allow-loopback-peers', '--fingerprint'],
      ...['--listening-ip=127.0.0.1', '--relay-ip=127.0.0.1', `--listening-port=${port}`],
      ...['--min-port=49200', '--max-port=49400', '--realm=peerloom.test', '--verbose'],
      ...['--use-auth-secret', `--static-auth-secret=${ownSecret}`],
      ...[`--userdb=${join(folder, 'turndb')}`, `--pidfile=${join(folder, 'pid')}`, '--log-file=stdout'],
    ];
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    return new Coturn(`turn:127.0.0.1:${port}?transport=udp`, folder, child);
  }

  /** How many relayed addresses it has given out. */
  get allocations(): number {
    return this.#said.match(/ALLOCATE processed, success/g)?.length ?? 0;
  }
  /** How often somebody came with credentials that did not fit. */
  get refusals(): number {
    return this.#said.match(/Cannot find credentials of user <[0-9]+:[0-9a-f]+>/g)?.length ?? 0;
  }

  async stop(): Promise<void> {
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      this.#process.kill('SIGKILL');
      await once(this.#process, 'exit');
    }
    await rm(this.#folder, { recursive: true, force: true });
  }
}
