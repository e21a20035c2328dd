/**
 * Which two certificates a connection is between: what the handshake proves over. From the descriptions as the browser
 * itself holds them, one fingerprint each, and compared with the certificate that the other end really showed, where
 * the browser tells it (Chromium and Safari do; Firefox and libdatachannel check the same inside).
 */
import { equalBytes } from '../../base/bytes.ts';
import type { Crypto } from '../../base/ports.ts';
import { fingerprintOf } from '../handshake/fingerprint.ts';

export type BindingRefusal =
  'no-fingerprint' | 'several-fingerprints' | 'bad-fingerprint' | 'other-certificate';

export type Binding =
  | { readonly ok: true; readonly local: Uint8Array; readonly remote: Uint8Array }
  | { readonly ok: false; readonly reason: BindingRefusal };

/** The part of an RTCPeerConnection that tells. */
export interface Described {
  readonly localDescription: { readonly sdp: string } | null;
  readonly remoteDescription: { readonly sdp: string } | null;
  readonly sctp?: { readonly transport: { getRemoteCertificates?(): ArrayBuffer[] } } | null;
}

/** Of a connection whose channels are open. */
export function bindingOf(connection: Described, crypto: Pick<Crypto, 'sha256'>): Binding {
  const local = fingerprintOf(connection.localDescription?.sdp ?? '');
  const remote = fingerprintOf(connection.remoteDescription?.sdp ?? '');
  if (!local.ok) return local;
  if (!remote.ok) return remote;
  const [shown] = connection.sctp?.transport.getRemoteCertificates?.() ?? [];
  // node-datachannel tells of an empty one, which stands for none: DTLS knows no empty certificate.
  if (
    shown !== undefined &&
    shown.byteLength > 0 &&
    !equalBytes(crypto.sha256(new Uint8Array(shown)), remote.fingerprint)
  )
    return { ok: false, reason: 'other-certificate' };
  return { ok: true, local: local.fingerprint, remote: remote.fingerprint };
}
