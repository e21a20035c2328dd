/**
 * Everything a space's secret yields. The secret stands in the invitation's fragment and never leaves the
 * members' devices; the signaling server sees only the topic. HKDF-SHA-256 (RFC 5869), one label a purpose,
 * so that knowing one key says nothing of another.
 */
import { concatBytes, fromBase64Url, toBase64Url, toHex, utf8 } from './bytes.ts';
import { idBytes, type SpaceId } from './ids.ts';
import type { Crypto } from './ports.ts';

export const secretBytes = 32;

export interface SpaceKeys {
  readonly spaceId: SpaceId;
  /** 64 hex digits: the room's name at the signaling server. */
  readonly topic: string;
  /** 32 bytes, AES-256-GCM: seals signals, so the server can neither read nor alter an SDP. */
  readonly signaling: Uint8Array;
  /** 32 bytes, HMAC: proves in a replica's certificate that its device knew the secret. */
  readonly membership: Uint8Array;
  /** 32 bytes, HMAC: proves on a link that its other end knows the secret (net/handshake). */
  readonly authentication: Uint8Array;
  /** 32 bytes: what leaves the device as a file is sealed with keys made from it (sync/backup). */
  readonly storage: Uint8Array;
}

export function spaceKeysOf(crypto: Crypto, secret: Uint8Array): SpaceKeys {
  const pseudoRandomKey = crypto.hmacSha256(utf8('peerloom/v1'), secret);
  // One block of HKDF-Expand is all a 32-byte key needs.
  const expand = (label: string) =>
    crypto.hmacSha256(pseudoRandomKey, concatBytes(utf8(label), Uint8Array.of(1)));
  return {
    spaceId: toHex(expand('space').subarray(0, idBytes)) as SpaceId,
    topic: toHex(expand('topic')),
    signaling: expand('signaling'),
    membership: expand('membership'),
    authentication: expand('authentication'),
    storage: expand('storage'),
  };
}

/** Counts the secrets a space has had: a removal will begin the next. There is the first one only, so far. */
export const firstKeyEpoch = 0;

const linkVersion = 1;
/** What a link allows. Only editing exists today; reading is reserved. */
export const linkKinds = { edit: 1 } as const;

/** `base64url(version, kind, secret)`: what follows `#` in an invitation. */
export function encodeLinkFragment(secret: Uint8Array): string {
  return toBase64Url(concatBytes(Uint8Array.of(linkVersion, linkKinds.edit), secret));
}

export type LinkFragment =
  | { readonly ok: true; readonly secret: Uint8Array<ArrayBuffer> }
  | { readonly ok: false; readonly reason: 'malformed' | 'newer-version' | 'unknown-kind' };

export function decodeLinkFragment(fragment: string): LinkFragment {
  const bytes = fragment.length > 100 ? undefined : fromBase64Url(fragment);
  if (bytes === undefined || bytes.length < 2) return { ok: false, reason: 'malformed' };
  if (bytes[0] !== linkVersion) return { ok: false, reason: 'newer-version' };
  if (bytes[1] !== linkKinds.edit) return { ok: false, reason: 'unknown-kind' };
  if (bytes.length !== 2 + secretBytes) return { ok: false, reason: 'malformed' };
  return { ok: true, secret: bytes.slice(2) };
}
