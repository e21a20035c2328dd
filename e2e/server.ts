/** The real server, in a process of its own, on a free port of this machine. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';

export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

export class AppServer {
  readonly port: number;
  readonly #args: readonly string[];
  #process: ChildProcess | undefined;

  private constructor(port: number, args: readonly string[]) {
    this.port = port;
    this.#args = args;
  }

  /** `args`: of the server's command line. `port`: a free one when absent. */
  static async start(args: readonly string[] = [], port?: number): Promise<AppServer> {
    const server = new AppServer(port ?? (await freePort()), args);
    await server.start();
    return server;
  }

  get url(): string {
    return `http://localhost:${String(this.port)}`;
  }

  async start(): Promise<void> {
    const child = spawn(process.execPath, ['--import', 'tsx', 'signaling-server/main.ts', ...this.#args], {
      env: { ...process.env, PORT: String(this.port) },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    this.#process = child;
    while (child.exitCode === null) {
      const up = await fetch(`${this.url}/healthz`).then(
        response => response.ok,
        () => false,
      );
      if (up) return;
      await new Promise(resolve => setTimeout(resolve, 100));
    }
    throw new Error('the server did not start');
  }

  /** Kills it as a power cut would: nothing is said to anybody. */
  async stop(): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (child?.exitCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
}
