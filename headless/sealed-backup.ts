/** Seals and opens backups by WebCrypto. The bytes are those of `src/sync/backup.ts`. */
import { concatBytes } from '../src/base/bytes.ts';
import type { Crypto } from '../src/base/ports.ts';
import {
  chunksOf,
  decodeBackup,
  decodeFile,
  encodeBackup,
  encodeFileHeader,
  fileKeyOf,
  saltBytes,
  type Backup,
  type FileRefusal,
} from '../src/sync/backup.ts';

/** `seal`: a byte was changed, or chunks left out, moved or cut off. `form`: sealed by a member, and yet no backup. */
export type BackupRefusal = FileRefusal | 'seal' | 'form';

export type OpenedBackup =
  { readonly ok: true; readonly backup: Backup } | { readonly ok: false; readonly reason: BackupRefusal };

export async function sealBackup(
  port: Crypto,
  storageKey: Uint8Array,
  backup: Backup,
): Promise<Uint8Array<ArrayBuffer>> {
  const salt = crypto.getRandomValues(new Uint8Array(saltBytes));
  const additionalData = encodeFileHeader(port, storageKey, salt);
  const key = await importedKey(fileKeyOf(port, storageKey, salt), 'encrypt');
  const parts: Uint8Array[] = [additionalData];
  for (const { nonce: iv, bytes } of chunksOf(encodeBackup(backup))) {
    const sealed = await crypto.subtle.encrypt({ name: 'AES-GCM', iv, additionalData }, key, exact(bytes));
    parts.push(new Uint8Array(sealed));
  }
  return concatBytes(...parts);
}

/** All or nothing: what does not open whole is not looked into. */
export async function openBackup(
  port: Crypto,
  storageKey: Uint8Array,
  file: Uint8Array,
): Promise<OpenedBackup> {
  const decoded = decodeFile(port, storageKey, file);
  if (!decoded.ok) return decoded;
  const { header, salt, chunks } = decoded.value;
  const key = await importedKey(fileKeyOf(port, storageKey, salt), 'decrypt');
  const parts: Uint8Array[] = [];
  try {
    for (const { nonce: iv, bytes } of chunks) {
      const parameters = { name: 'AES-GCM', iv, additionalData: exact(header) };
      parts.push(new Uint8Array(await crypto.subtle.decrypt(parameters, key, exact(bytes))));
    }
  } catch {
    return { ok: false, reason: 'seal' };
  }
  const backup = decodeBackup(concatBytes(...parts));
  return backup.ok ? { ok: true, backup: backup.value } : { ok: false, reason: 'form' };
}

const importedKey = (key: Uint8Array, usage: 'encrypt' | 'decrypt') =>
  crypto.subtle.importKey('raw', exact(key), 'AES-GCM', false, [usage]);

/** None of ours stands in shared memory. */
const exact = (bytes: Uint8Array) => bytes as Uint8Array<ArrayBuffer>;
