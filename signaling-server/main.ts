/**
 * The server's command line: `npm start`, which comes here after installing and building what is missing.
 * Options stand in options.mjs.
 */
import { networkInterfaces } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { listenFailure, readOptions, usage, type ServerOptions } from './options.mjs';
import { createSignalingServer, type SignalingServer } from './server.ts';

const distDir = join(dirname(dirname(fileURLToPath(import.meta.url))), 'dist');

const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};
const fail = (line: string): void => {
  process.stderr.write(`${line}\n`);
  process.exitCode = 1;
};

async function main(): Promise<void> {
  const read = readOptions(process.argv.slice(2), process.env);
  if (!read.ok) {
    fail(read.reason);
    return;
  }
  if (read.value.help) {
    say(usage);
    return;
  }
  const { port, host, tls, origins, trustedHops, withoutStun, stun, turn, also, limits } = read.value;
  let server: SignalingServer;
  try {
    server = await createSignalingServer({
      distDir,
      port,
      origins,
      trustedHops,
      withoutStun,
      ice: { stun, turn },
      also,
      limits,
      ...(host ? { host } : {}),
      ...(tls ? { tls } : {}),
    });
  } catch (error) {
    fail(listenFailure(error, read.value));
    return;
  }
  for (const line of greeting(server, read.value)) say(line);
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => {
      // Once: whoever asks a second time does not want to wait for peers to go.
      void server.close().then(() => {
        process.exit(0);
      });
    });
}

function greeting(server: SignalingServer, { host }: ServerOptions): string[] {
  const scheme = server.tls ? 'https' : 'http';
  const at = (address: string): string =>
    `${scheme}://${address.includes(':') ? `[${address}]` : address}:${String(server.port)}`;
  const everywhere = host === undefined || host === '0.0.0.0' || host === '::';
  const lines = ['Peerloom is ready.', '', `  On this computer:  ${at(everywhere ? 'localhost' : host)}`];
  if (everywhere) for (const address of lanAddresses()) lines.push(`  On this network:   ${at(address)}`);
  if (!server.tls && everywhere)
    lines.push(
      '',
      'Other devices need https, since browsers allow encryption and storage only there:',
      '  npm start -- --tls CERT KEY',
    );
  if (server.stunFailure !== undefined)
    lines.push('', `No STUN: UDP port ${server.port} could not be had (${server.stunFailure}).`);
  return [...lines, '', 'Stop it with Ctrl+C.'];
}

/** IPv4 only: an IPv6 address in a link is one that nobody types. */
function lanAddresses(): string[] {
  return Object.values(networkInterfaces())
    .flatMap(addresses => addresses ?? [])
    .filter(({ family, internal }) => family === 'IPv4' && !internal)
    .map(({ address }) => address);
}

await main();
