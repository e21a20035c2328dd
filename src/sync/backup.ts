/**
 * A space, or some changes of it, as one file: to put away, or to carry to somebody by hand. What is in it is the signed batches
 * as they travel, so whoever reads it checks each as if a peer had sent it, and merges: nothing is ever overwritten.
 *
 * Sealed with a key of its own in chunks of one size, after STREAM (Hoang, Reyhanitabar, Rogaway and Vizár 2015): each chunk's nonce
 * says which one it is and whether it is the last, so that none can be left out, moved or cut off. This file is the pure half, the
 * bytes and what may be in them; docs/protocols/backup.md describes both.
 */
import { concatBytes, utf8 } from '../base/bytes.ts';
import { decode, Writer, type Decoded, type Reader } from '../base/codec.ts';
import { idBytes, type SpaceId } from '../base/ids.ts';
import { backupBatchesMax, messageBytesMax } from '../base/limits.ts';
import type { Crypto } from '../base/ports.ts';
import { readClock, writeClock, type ReadonlyVectorClock } from '../clocks/vector-clock.ts';

const magic = utf8('peerloom-backup\n');
const fileVersion = 1;
const keyIdBytes = 16;
export const saltBytes = 32;
export const headerBytes = magic.length + 1 + keyIdBytes + saltBytes;
/** Plain bytes of every chunk but the last. */
export const chunkBytes = 64 * 1024;
const tagBytes = 16;

export interface Backup {
  readonly spaceId: SpaceId;
  /** What one has to have for all in it to be delivered: empty for a whole space. */
  readonly since: ReadonlyVectorClock;
  /** What one has then. */
  readonly clock: ReadonlyVectorClock;
  /** Signed, in an order that meets every dependency. */
  readonly batches: readonly Uint8Array[];
}

// ── What is sealed ──────────────────────────────────────────────────────────────────────────────────────────

export function encodeBackup({ spaceId, since, clock, batches }: Backup): Uint8Array<ArrayBuffer> {
  const writer = new Writer().id(spaceId);
  writeClock(writer, since);
  writeClock(writer, clock);
  writer.varUint(batches.length);
  for (const batch of batches) writer.varBytes(batch);
  return writer.finish();
}

/** The batches are views into `bytes`, not looked into. */
export function decodeBackup(bytes: Uint8Array): Decoded<Backup> {
  return decode(bytes, (reader: Reader): Backup => {
    const spaceId = reader.id(idBytes) as SpaceId;
    const since = readClock(reader);
    const clock = readClock(reader);
    const count = reader.varUint(backupBatchesMax);
    // Each has a byte of length at least.
    if (count > reader.left) reader.fail('short');
    const batches: Uint8Array[] = [];
    for (let n = 0; n < count; n++) batches.push(reader.varBytes(messageBytesMax));
    return { spaceId, since, clock, batches };
  });
}

// ── The sealed file ─────────────────────────────────────────────────────────────────────────────────────────

/** `storageKey`: of the space (`base/space-keys.ts`). Its id says which key a file wants; none is tried. */
function keyIdOf(crypto: Crypto, storageKey: Uint8Array): Uint8Array {
  return crypto.hashParts('peerloom/backup-key', [storageKey]).subarray(0, keyIdBytes);
}

/** AES-256-GCM, for one file: its salt is drawn anew, so that no nonce is ever used twice under one key. */
export function fileKeyOf(crypto: Crypto, storageKey: Uint8Array, salt: Uint8Array): Uint8Array {
  return crypto.hmacSha256(storageKey, concatBytes(utf8('peerloom/backup/v1'), salt));
}

export function encodeFileHeader(
  crypto: Crypto,
  storageKey: Uint8Array,
  salt: Uint8Array,
): Uint8Array<ArrayBuffer> {
  return concatBytes(magic, Uint8Array.of(fileVersion), keyIdOf(crypto, storageKey), salt);
}

export interface SealedChunk {
  readonly nonce: Uint8Array<ArrayBuffer>;
  readonly bytes: Uint8Array;
}

export interface SealedFile {
  /** The chunks' additional data. */
  readonly header: Uint8Array;
  readonly salt: Uint8Array;
  readonly chunks: readonly SealedChunk[];
}

/** `another-space`: sealed with a key that is not this space's. */
export type FileRefusal = 'not-a-backup' | 'newer-version' | 'another-space' | 'short';

export type DecodedFile =
  { readonly ok: true; readonly value: SealedFile } | { readonly ok: false; readonly reason: FileRefusal };

export function decodeFile(crypto: Crypto, storageKey: Uint8Array, file: Uint8Array): DecodedFile {
  if (magic.some((byte, at) => file[at] !== byte)) return { ok: false, reason: 'not-a-backup' };
  if (file[magic.length] !== fileVersion) return { ok: false, reason: 'newer-version' };
  if (file.length < headerBytes + tagBytes) return { ok: false, reason: 'short' };
  const keyId = keyIdOf(crypto, storageKey);
  if (keyId.some((byte, at) => file[magic.length + 1 + at] !== byte))
    return { ok: false, reason: 'another-space' };
  const header = file.subarray(0, headerBytes);
  const sealed = chunkBytes + tagBytes;
  const count = Math.ceil((file.length - headerBytes) / sealed);
  const chunks = Array.from({ length: count }, (_, n): SealedChunk => {
    const bytes = file.subarray(headerBytes + n * sealed, headerBytes + (n + 1) * sealed);
    return { nonce: chunkNonce(n, n === count - 1), bytes };
  });
  return { ok: true, value: { header, salt: file.subarray(headerBytes - saltBytes, headerBytes), chunks } };
}

/** Of the n-th chunk: 7 zero bytes, its number, 1 if it is the last. */
function chunkNonce(n: number, last: boolean): Uint8Array<ArrayBuffer> {
  const nonce = new Uint8Array(12);
  new DataView(nonce.buffer).setUint32(7, n);
  nonce[11] = last ? 1 : 0;
  return nonce;
}

/** Plain chunks with their nonces: one at least, the last of them perhaps empty. */
export function chunksOf(plain: Uint8Array): SealedChunk[] {
  const count = Math.max(1, Math.ceil(plain.length / chunkBytes));
  return Array.from({ length: count }, (_, n) => {
    return {
      nonce: chunkNonce(n, n === count - 1),
      bytes: plain.subarray(n * chunkBytes, (n + 1) * chunkBytes),
    };
  });
}
