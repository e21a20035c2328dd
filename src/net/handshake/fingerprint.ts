/**
 * The DTLS fingerprint in a session description (RFC 8122). The channel is checked against it, and the handshake proves
 * over it, so there has to be one and no doubt which: with several a browser accepts a certificate that matches any,
 * and whoever could add a line could add its own.
 */
import { fromHex } from '../../base/bytes.ts';

export type Fingerprint =
  | { readonly ok: true; readonly fingerprint: Uint8Array }
  | { readonly ok: false; readonly reason: 'no-fingerprint' | 'several-fingerprints' | 'bad-fingerprint' };

/** Whatever a lenient parser could take for such a line counts as one; only the exact form is read. */
const mentions = /^\s*a\s*=\s*fingerprint/i;
const exact = /^a=fingerprint:sha-256 ((?:[0-9A-Fa-f]{2}:){31}[0-9A-Fa-f]{2})$/;

/** The only fingerprint of `sdp`, SHA-256 over the certificate in DER. */
export function fingerprintOf(sdp: string): Fingerprint {
  const [line, ...more] = sdp.split(/[\r\n]+/).filter(text => mentions.test(text));
  if (line === undefined) return { ok: false, reason: 'no-fingerprint' };
  if (more.length > 0) return { ok: false, reason: 'several-fingerprints' };
  const digits = exact.exec(line)?.[1];
  if (digits === undefined) return { ok: false, reason: 'bad-fingerprint' };
  return { ok: true, fingerprint: fromHex(digits.replaceAll(':', '').toLowerCase()) };
}
