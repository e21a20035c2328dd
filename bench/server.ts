/** Servers that are measured, each in a process of its own on a free port of this machine. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { ROOT } from './report.ts';

/** How long a page, a server or a connection may take before the run counts as failed. */
export const patienceMs = 60_000;

export interface RunningServer {
  readonly pid: number;
  /** It ended by itself, as one does that an error has brought down. */
  hasEnded(): boolean;
  close(): Promise<void>;
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Starts a Node program that listens on `port`; resolves when it does. What it says is shown only if it ends early. */
export async function startServer(args: readonly string[], port: number): Promise<RunningServer> {
  const child = spawn(process.execPath, args, {
    cwd: ROOT,
    env: { ...process.env, PORT: String(port) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      said = (said + chunk).slice(-2000);
    });
  }
  const ended = once(child, 'exit');
  const close = async (): Promise<void> => {
    child.kill('SIGTERM');
    const inTime = await Promise.race([ended.then(() => true), wait(3000, false)]);
    if (!inTime) child.kill('SIGKILL');
    await ended;
  };
  const giveUpAt = Date.now() + patienceMs;
  while (!(await isListening(port))) {
    if (child.exitCode !== null) throw new Error(`${args.join(' ')} ended at once: ${said.trim()}`);
    if (Date.now() > giveUpAt) {
      await close();
      throw new Error(`${args.join(' ')} does not listen on port ${port}`);
    }
    await wait(50);
  }
  return { pid: child.pid ?? 0, hasEnded: () => child.exitCode !== null || child.signalCode !== null, close };
}

async function isListening(port: number): Promise<boolean> {
  const socket = connect({ port, host: '127.0.0.1' });
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
