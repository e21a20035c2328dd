/**
 * What the server can be told on its command line and in its environment. Plain JavaScript, because
 * scripts/start.mjs reads it before anything is installed: a mistyped port should not cost a build first.
 */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { createSecureContext } from 'node:tls';
import { defaultLimits } from './limits.mjs';

export const usage = `npm start -- [options]

  PORT=8080 npm start     another port than 8080
  --host ADDRESS          listen on this address only (127.0.0.1: this computer alone)
  --tls CERT KEY          speak https with these two PEM files; other devices need it
  --origin ORIGIN         pages of this origin may use the relay, such as https://loom.example.org; may be
                          repeated; without it pages of the server's own host may
  --trusted-hops N        N proxies of yours stand in front and append to X-Forwarded-For
  --no-stun               answer no STUN requests on the UDP port of the same number
  --stun URL              tell peers of this STUN server as well, stun:HOST:PORT; may be repeated
  --turn URL SECRETFILE   tell peers of this TURN server, turn:HOST:PORT?transport=udp, with credentials made
                          from the secret that it shares with this server; may be repeated
  --also ADDRESS          tell pages of this signaling server as well, such as wss://loom.example.net, which must
                          let pages of this one in (--origin there); all are used at once; up to three
  --limit NAME=NUMBER     another bound than the one of signaling-server/limits.mjs; may be repeated`;

const DEFAULT_PORT = 8080;

/** A name or an address, as `listen` takes it: no scheme, no port, no brackets. */
const HOST = /^[a-z0-9][a-z0-9.-]*$|^[0-9a-f:.]*:[0-9a-f:.%a-z0-9]*$/i;

/** Each costs every page another socket. */
const alsoMax = 3;
/** An origin for WebSockets. It goes into a header and a page, so it is checked strictly. */
const ALSO = /^wss?:\/\/(?:[a-z0-9](?:[a-z0-9.-]{0,252})|\[[0-9a-f:.]{2,45}\])(?::[0-9]{1,5})?$/;

/** What peers will take (src/net/ice.ts), as far as one can mistype it. */
const STUN = /^stun:(?:[a-z0-9.-]+|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?$/i;
const TURN = /^turns?:(?:[a-z0-9.-]+|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?(?:\?transport=(?:udp|tcp))?$/i;

/**
 * @param {readonly string[]} args
 * @param {Readonly<Record<string, string | undefined>>} env
 */
export function readOptions(args, env) {
  const refuse = reason => ({ ok: false, reason });
  const portText = env['PORT'] ?? '';
  const port = portText === '' ? DEFAULT_PORT : Number(portText);
  if (!/^[0-9]*$/.test(portText) || port > 65535)
    return refuse(`PORT must be a number from 0 to 65535, not "${portText}".`);
  const value = {
    port,
    origins: [],
    trustedHops: 0,
    withoutStun: false,
    stun: [],
    turn: [],
    also: [],
    limits: {},
  };

  const left = [...args];
  for (let flag = left.shift(); flag !== undefined; flag = left.shift()) {
    if (flag === '--host') {
      const host = left.shift();
      if (host === undefined || !HOST.test(host))
        return refuse('--host needs an address or a name, such as 127.0.0.1.');
      value.host = host;
    } else if (flag === '--tls') {
      const [certFile, keyFile] = [left.shift(), left.shift()];
      if (
        certFile === undefined ||
        keyFile === undefined ||
        certFile.startsWith('--') ||
        keyFile.startsWith('--')
      )
        return refuse('--tls needs two files: the certificate and its key, both PEM.');
      const cert = readPem(certFile, /-----BEGIN (?:TRUSTED )?CERTIFICATE-----/);
      if (cert === undefined) return refuse(`--tls: ${certFile} is not a readable PEM certificate.`);
      const key = readPem(keyFile, /-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----/);
      if (key === undefined)
        return refuse(`--tls: ${keyFile} is not a readable PEM key without a passphrase.`);
      const unfit = whyUnfit({ cert, key });
      if (unfit) return refuse(`--tls: ${certFile} and ${keyFile} do not work together: ${unfit}`);
      value.tls = { cert, key };
    } else if (flag === '--origin') {
      const origin = left.shift() ?? '';
      if (!URL.canParse(origin) || new URL(origin).origin !== origin)
        return refuse('--origin needs an origin as browsers send it, such as https://loom.example.org.');
      value.origins.push(origin);
    } else if (flag === '--trusted-hops') {
      const hops = left.shift() ?? '';
      if (!/^[0-9]$/.test(hops)) return refuse('--trusted-hops needs a number from 0 to 9.');
      value.trustedHops = Number(hops);
    } else if (flag === '--no-stun') {
      value.withoutStun = true;
    } else if (flag === '--stun') {
      const url = left.shift() ?? '';
      if (!STUN.test(url)) return refuse('--stun needs stun:HOST:PORT.');
      value.stun.push(url);
    } else if (flag === '--turn') {
      const [url = '', file = ''] = [left.shift(), left.shift()];
      if (!TURN.test(url)) return refuse('--turn needs turn:HOST:PORT?transport=udp or such, and a file.');
      const secret = readSecret(file);
      if (secret === undefined) return refuse(`--turn: ${file || 'no file'} holds no secret of one line.`);
      value.turn.push({ url, secret });
    } else if (flag === '--also') {
      const address = left.shift() ?? '';
      if (!ALSO.test(address)) return refuse('--also needs an address such as wss://loom.example.net.');
      if (value.also.push(address) > alsoMax) return refuse(`--also may be given ${alsoMax} times.`);
    } else if (flag === '--limit') {
      const [name = '', number = ''] = (left.shift() ?? '').split('=', 2);
      if (!Object.hasOwn(defaultLimits, name) || !/^[1-9][0-9]{0,8}$/.test(number))
        return refuse(`--limit needs NAME=NUMBER; the names are ${Object.keys(defaultLimits).join(', ')}.`);
      value.limits[name] = Number(number);
    } else if (flag === '--help' || flag === '-h') {
      value.help = true;
    } else {
      return refuse(`"${flag}" is not an option. Usage:\n\n${usage}`);
    }
  }
  return { ok: true, value };
}

/** Not on the command line, where every user of the machine could read it. */
function readSecret(file) {
  try {
    const secret = readFileSync(file, 'utf8').trim();
    return secret === '' || secret.includes('\n') ? undefined : secret;
  } catch {
    return undefined;
  }
}

function readPem(file, mark) {
  try {
    const text = readFileSync(file, 'utf8');
    return mark.test(text) ? text : undefined;
  } catch {
    return undefined;
  }
}

/** What TLS itself has against the pair, such as a key of another certificate or one with a passphrase. */
function whyUnfit(tls) {
  try {
    createSecureContext(tls);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/**
 * Why `listen` failed, as a sentence for whoever typed the command.
 * @param {unknown} error
 * @param {{ port: number, host?: string }} options
 */
export function listenFailure(error, { port, host }) {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  switch (code) {
    case 'EADDRINUSE':
      return `Port ${port} is taken by another program. Try another one: PORT=${port < 65535 ? port + 1 : 8080} npm start`;
    case 'EACCES':
      return `Port ${port} needs more rights than this user has. Try one above 1023: PORT=8080 npm start`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `This computer has no address "${host ?? ''}" to listen on.`;
    default:
      return `Could not listen on port ${port}: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/**
 * Tries the address once and lets go of it again. Resolves with a sentence when it cannot be had.
 * @param {{ port: number, host?: string }} options
 * @returns {Promise<string | undefined>}
 */
export function probeAddress(options) {
  return new Promise(resolve => {
    const probe = createServer();
    probe.once('error', error => resolve(listenFailure(error, options)));
    probe.listen({ port: options.port, host: options.host }, () => probe.close(() => resolve(undefined)));
  });
}
