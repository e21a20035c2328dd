import { expect, test } from 'vitest';
import * as fc from 'fast-check';
import { toHex } from '../base/bytes.ts';
import type { ReplicaId, SpaceId } from '../base/ids.ts';
import {
  chunkBytes,
  chunksOf,
  decodeBackup,
  decodeFile,
  encodeBackup,
  encodeFileHeader,
  fileKeyOf,
  headerBytes,
  type Backup,
} from './backup.ts';
import { nobleCrypto } from './crypto.ts';

const storageKey = Uint8Array.from({ length: 32 }, (_, n) => n);
const salt = new Uint8Array(32).fill(5);
const clock = (count: number) => new Map([['a'.repeat(32) as ReplicaId, count]]);
const backup: Backup = {
  spaceId: 'd'.repeat(32) as SpaceId,
  since: new Map(),
  clock: clock(2),
  batches: [Uint8Array.of(1, 2), Uint8Array.of(3)],
};

test('[SYNC42] golden bytes of version 1', () => {
  const golden = `${'dd'.repeat(16)}0001${'aa'.repeat(16)}02020201020103`;
  expect(toHex(encodeBackup(backup))).toBe(golden);
  expect(decodeBackup(encodeBackup(backup))).toEqual({ ok: true, value: backup });
  expect(toHex(encodeFileHeader(nobleCrypto, storageKey, salt))).toBe(
    `706565726c6f6f6d2d6261636b75700a01282b7a4bf0040d49c7ef3f0336d8d020${'05'.repeat(32)}`,
  );
  expect(toHex(fileKeyOf(nobleCrypto, storageKey, salt))).toBe(
    'c29034a8990ea949eab803175b9dacee6837976f1c1cb178e2d022f44ee76949',
  );
});

test('[SYNC42] whatever bytes arrive, nothing throws and nothing is made of what is not there', () => {
  const whole = encodeBackup(backup);
  for (let length = 0; length < whole.length; length++)
    expect(decodeBackup(whole.subarray(0, length)).ok).toBe(false);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), bytes => {
      decodeBackup(bytes);
      decodeFile(nobleCrypto, storageKey, bytes);
    }),
  );
  // A count of millions in a file of some bytes is refused before anything is allocated.
  const many = Uint8Array.of(...new Uint8Array(16), 0, 0, 0xff, 0xff, 0xff, 0x01, 0);
  expect(decodeBackup(many)).toEqual({ ok: false, reason: 'short' });
});

test('[SYNC43] a file says what it is: another thing, a later version, another space, cut off', () => {
  const header = encodeFileHeader(nobleCrypto, storageKey, salt);
  const file = Uint8Array.of(...header, ...new Uint8Array(20));
  const reason = (bytes: Uint8Array, key = storageKey) => {
    const decoded = decodeFile(nobleCrypto, key, bytes);
    return decoded.ok ? 'ok' : decoded.reason;
  };
  expect(reason(file)).toBe('ok');
  expect(reason(file.subarray(1))).toBe('not-a-backup');
  expect(reason(new Uint8Array())).toBe('not-a-backup');
  expect(reason(file.with(16, 2))).toBe('newer-version');
  expect(reason(file, new Uint8Array(32))).toBe('another-space');
  expect(reason(file.subarray(0, headerBytes + 15))).toBe('short');
});

test('[SYNC43] every chunk has a nonce of its own, and the last one says that it is', () => {
  for (const [length, count] of [
    [0, 1],
    [1, 1],
    [chunkBytes, 1],
    [chunkBytes + 1, 2],
    [3 * chunkBytes, 3],
  ] as const) {
    const chunks = chunksOf(new Uint8Array(length));
    expect(chunks.length).toBe(count);
    expect(new Set(chunks.map(({ nonce }) => toHex(nonce))).size).toBe(count);
    expect(chunks.map(({ nonce }) => nonce[11])).toEqual([...new Array<number>(count - 1).fill(0), 1]);
    expect(chunks.reduce((sum, { bytes }) => sum + bytes.length, 0)).toBe(length);
  }
});
