/**
 * The device that a data folder is: its Ed25519 and X25519 keys, in `device.json`, readable by its user alone. Written whole or not at
 * all: beside its place, synced, then renamed. A device whose key is lost is a stranger in its own spaces.
 */
import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { fromBase64Url, toBase64Url } from '../src/base/bytes.ts';
import { nobodyThere, type Reach } from '../src/storage/failpoints.ts';

export interface Device {
  readonly deviceKey: Uint8Array;
  readonly sealingKey: Uint8Array;
  readonly signingKey: CryptoKey;
}

/** What stands in `device.json` is no device: it is left as it is. */
export class DeviceUnreadable extends Error {
  override readonly name = 'DeviceUnreadable';
}

/** PKCS #8 of the private halves and the raw public ones, in base64url. */
interface DeviceFile {
  readonly version: 1;
  readonly signing: KeyPair;
  readonly sealing: KeyPair;
}
interface KeyPair {
  readonly private: string;
  readonly public: string;
}

/** The folder's device, made and kept when there is none. */
export async function openDevice(folder: string, reach: Reach = nobodyThere): Promise<Device> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, 'device.json');
  await reach('device.read');
  const kept = await readFile(file, 'utf8').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (kept !== undefined) return deviceOf(kept, file);
  const text = JSON.stringify(await newDevice());
  await reach('device.made');
  await keep(folder, file, text, reach);
  return deviceOf(text, file);
}

async function keep(folder: string, file: string, text: string, reach: Reach): Promise<void> {
  const beside = `${file}.new`;
  const written = await open(beside, 'w', 0o600);
  try {
    await written.writeFile(text);
    await reach('device.written');
    await written.sync();
  } finally {
    await written.close();
  }
  await reach('device.synced');
  await rename(beside, file);
  await reach('device.renamed');
  // The name is in the folder, which is a file of its own.
  const directory = await open(folder, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
  await reach('device.kept');
}

async function newDevice(): Promise<DeviceFile> {
  const signing = await crypto.subtle.generateKey('Ed25519', true, ['sign', 'verify']);
  const sealing = await crypto.subtle.generateKey('X25519', true, ['deriveBits']);
  return { version: 1, signing: await exported(signing), sealing: await exported(sealing) };
}

async function exported({ privateKey, publicKey }: CryptoKeyPair): Promise<KeyPair> {
  return {
    private: toBase64Url(new Uint8Array(await crypto.subtle.exportKey('pkcs8', privateKey))),
    public: toBase64Url(new Uint8Array(await crypto.subtle.exportKey('raw', publicKey))),
  };
}

async function deviceOf(text: string, file: string): Promise<Device> {
  try {
    const { version, signing, sealing } = JSON.parse(text) as DeviceFile;
    if ((version as number) !== 1) throw new DeviceUnreadable(`${file} is of a later version`);
    const algorithm = 'Ed25519';
    const signingKey = await crypto.subtle.importKey('pkcs8', bytesOf(signing.private), algorithm, false, [
      'sign',
    ]);
    return { deviceKey: bytesOf(signing.public), sealingKey: bytesOf(sealing.public), signingKey };
  } catch (cause) {
    throw new DeviceUnreadable(`${file} holds no device`, { cause });
  }
}

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  const bytes = fromBase64Url(text);
  if (bytes === undefined) throw new DeviceUnreadable('not base64url');
  return bytes;
}
