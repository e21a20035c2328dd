/**
 * The STUN and TURN servers that a signaling server names to its peers. A name reaches `RTCPeerConnection`,
 * whose constructor throws on what it does not like: so the form is checked here, before.
 */
import { iceServersMax, iceTextLengthMax, iceUrlsMax } from '../base/limits.ts';

export interface IceServer {
  /** RFC 7064 and 7065: `stun:HOST:PORT`, `turn:HOST:PORT?transport=udp`, `turns:…`. */
  readonly urls: readonly string[];
  /** TURN only, and always both. */
  readonly username?: string;
  readonly credential?: string;
}

const HOST = String.raw`(?:[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?|\[[0-9a-f:.]{2,45}\])`;
const URL_FORM = new RegExp(
  String.raw`^(?:stun:${HOST}(?::([0-9]{1,5}))?|turns?:${HOST}(?::([0-9]{1,5}))?(?:\?transport=(?:udp|tcp))?)$`,
  'i',
);

export function isIceUrl(value: unknown): value is string {
  if (typeof value !== 'string' || value.length > iceTextLengthMax) return false;
  const form = URL_FORM.exec(value);
  if (form === null) return false;
  const port = form[1] ?? form[2];
  return port === undefined || (Number(port) > 0 && Number(port) < 2 ** 16);
}

export function isTurnUrl(url: string): boolean {
  return /^turns?:/i.test(url);
}

const PRINTABLE = /^[\x21-\x7e]+$/;
function isWord(value: unknown): value is string {
  return typeof value === 'string' && value.length <= iceTextLengthMax && PRINTABLE.test(value);
}

/** The list as it was sent, fields in order, or undefined when any of it is not of this form. */
export function readIceServers(value: unknown): readonly IceServer[] | undefined {
  if (!Array.isArray(value) || value.length > iceServersMax) return undefined;
  const servers: IceServer[] = [];
  for (const item of value as readonly unknown[]) {
    const server = readIceServer(item);
    if (server === undefined) return undefined;
    servers.push(server);
  }
  return servers;
}

function readIceServer(value: unknown): IceServer | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const known = ['urls', 'username', 'credential'];
  if (!Object.keys(value).every(name => known.includes(name))) return undefined;
  const { urls, username, credential } = value as Partial<Record<string, unknown>>;
  if (!Array.isArray(urls) || urls.length === 0 || urls.length > iceUrlsMax) return undefined;
  const named: readonly unknown[] = urls;
  if (!named.every(isIceUrl)) return undefined;
  if (!named.some(isTurnUrl)) {
    return username === undefined && credential === undefined ? { urls: named } : undefined;
  }
  return isWord(username) && isWord(credential) ? { urls: named, username, credential } : undefined;
}
