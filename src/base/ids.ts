/**
 * The names things have. All are lower-case hex of a fixed length, so that they compare, sort and serve as
 * map keys everywhere; on the wire they are the bytes themselves.
 */
import { fromHex, toHex, utf8 } from './bytes.ts';
import type { Crypto } from './ports.ts';

declare const brand: unique symbol;
type Hex<Name extends string> = string & { readonly [brand]: Name };

/** 16 bytes: what a group shares. Derived from the space's secret, which it does not reveal. */
export type SpaceId = Hex<'space'>;
/** 16 bytes: one disk, the hash of its Ed25519 public key. */
export type DeviceId = Hex<'device'>;
/** 16 bytes: a space open in one tab or process, `hash(device key, space, slot, incarnation)`. */
export type ReplicaId = Hex<'replica'>;
/** 16 bytes: one document of a space. */
export type DocumentId = Hex<'document'>;
/** 32 bytes: SHA-256 of a batch's bytes before its signature. */
export type BatchId = Hex<'batch'>;

export const idBytes = 16;
export const batchIdBytes = 32;

const HEX_16 = /^[0-9a-f]{32}$/;
const HEX_32 = /^[0-9a-f]{64}$/;

export function isId(text: string): boolean {
  return HEX_16.test(text);
}
export function isBatchId(text: string): text is BatchId {
  return HEX_32.test(text);
}

/** The hash of `parts`, each preceded by its length so that no two lists collide, cut to an id's length. */
function hashedId(crypto: Crypto, label: string, parts: readonly Uint8Array[]): string {
  return toHex(crypto.hashParts(label, parts).subarray(0, idBytes));
}

export function deviceIdOf(crypto: Crypto, devicePublicKey: Uint8Array): DeviceId {
  return hashedId(crypto, 'peerloom/device', [devicePublicKey]) as DeviceId;
}

/**
 * `slot`: which of the device's tabs (0 is the first); `incarnation`: how often that slot had to begin a new
 * log after losing the end of the old one. Both are part of the name, so a log is never continued by mistake.
 */
export function replicaIdOf(
  crypto: Crypto,
  devicePublicKey: Uint8Array,
  spaceId: SpaceId,
  slot: number,
  incarnation: number,
): ReplicaId {
  const place = utf8(`${String(slot)}.${String(incarnation)}`);
  return hashedId(crypto, 'peerloom/replica', [devicePublicKey, fromHex(spaceId), place]) as ReplicaId;
}

/** Every space begins with the same first page, whoever opens it first, so that two founders share it. */
export function firstPageIdOf(crypto: Crypto, spaceId: SpaceId): DocumentId {
  return hashedId(crypto, 'peerloom/first-page', [fromHex(spaceId)]) as DocumentId;
}

/** What a space holds and what it is called: one document, whose name everybody in the space knows. */
export function catalogueIdOf(crypto: Crypto, spaceId: SpaceId): DocumentId {
  return hashedId(crypto, 'peerloom/catalogue', [fromHex(spaceId)]) as DocumentId;
}

/** `random`: 16 bytes. Two documents made at once are two, whoever made them. */
export function newDocumentId(random: Uint8Array): DocumentId {
  return toHex(random.subarray(0, idBytes)) as DocumentId;
}
