/**
 * Who is calling? Behind a proxy the socket's address is the proxy's, and the caller's stands in
 * X-Forwarded-For, to which every proxy appends the address that it saw. The obvious way, taking the first entry,
 * believes what the caller wrote there itself. So the operator says how many proxies of their own stand in
 * front, and exactly that many entries from the right are believed.
 */
import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';

/**
 * The caller's address as a key for limits: IPv4 as it is, IPv6 by its first 64 bits, since whoever has one such
 * address has all of them.
 */
export function callerOf(request: IncomingMessage, trustedHops: number): string {
  return addressKey(forwardedAddress(request, trustedHops) ?? request.socket.remoteAddress ?? '');
}

function forwardedAddress(request: IncomingMessage, trustedHops: number): string | undefined {
  if (trustedHops === 0) return undefined;
  const header = request.headers['x-forwarded-for'];
  // Node joins several such headers with commas, in order.
  const entries = (Array.isArray(header) ? header.join(',') : (header ?? '')).split(',');
  const address = entries.at(-trustedHops)?.trim() ?? '';
  return isIP(address) === 0 ? undefined : address;
}

export function addressKey(address: string): string {
  const bytes = addressBytes(address);
  if (bytes?.length !== 16) return bytes === undefined ? 'unknown' : bytes.join('.');
  return `${Buffer.from(bytes.subarray(0, 8)).toString('hex')}/64`;
}

/** 4 or 16 bytes; an IPv4 address in an IPv6 one (`::ffff:192.0.2.1`) is the IPv4 address. Undefined: neither. */
export function addressBytes(text: string): Uint8Array | undefined {
  const [address = ''] = text.split('%', 1);
  const version = isIP(address);
  if (version === 0) return undefined;
  if (version === 4) return Uint8Array.from(address.split('.'), Number);
  const bytes = ipv6Bytes(address);
  const mapped = bytes.subarray(0, 12).every((byte, i) => byte === (i < 10 ? 0 : 255));
  return mapped ? bytes.subarray(12) : bytes;
}

/** Only for what `isIP` calls IPv6: the form is not checked again. */
function ipv6Bytes(address: string): Uint8Array {
  const dotted = /(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(address);
  const plain = dotted
    ? `${dotted[1] ?? ''}${word(dotted[2], dotted[3])}:${word(dotted[4], dotted[5])}`
    : address;
  const [before = [], after = []] = plain
    .split('::')
    .map(half => (half === '' ? [] : half.split(':').map(group => parseInt(group, 16))));
  const groups = [...before, ...Array<number>(8 - before.length - after.length).fill(0), ...after];
  return Uint8Array.from(groups.flatMap(group => [group >> 8, group & 255]));
}

const word = (high = '0', low = '0'): string => (Number(high) * 256 + Number(low)).toString(16);
