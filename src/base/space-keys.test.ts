import { hkdfSync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nobleCrypto } from '../sync/crypto.ts';
import { concatBytes, fromHex, toBase64Url, toHex } from './bytes.ts';
import { deviceIdOf, firstPageIdOf, replicaIdOf } from './ids.ts';
import { decodeLinkFragment, encodeLinkFragment, secretBytes, spaceKeysOf } from './space-keys.ts';

/** 00 01 02 … 1f. */
const secret = Uint8Array.from({ length: secretBytes }, (_, i) => i);
const link = 'AQEAAQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHw';

describe('keys', () => {
  test('what a secret yields is pinned: another version must find the same space', () => {
    const keys = spaceKeysOf(nobleCrypto, secret);
    expect(keys.spaceId).toBe('76cc38db5b2e36978c81b011deeba074');
    expect(keys.topic).toBe('771f203f78f17298a9eb64da774dba878584c0178f58454c153a3cbd835681fc');
    expect(toHex(keys.signaling)).toBe('7792e18f82f9daf533a1e5eba110e2c099866446a42bba3aa3016cfe40e959a4');
    expect(toHex(keys.membership)).toBe('5813f7083aa169f68e04ea1c91a148411e31a9d2e26ed27846ac647c20cf4a51');
    expect(toHex(keys.authentication)).toBe(
      '302e91093c1704883d3f95c869cb0b3ba1e0dc5b3ca42c4051e639ac25eafff1',
    );
    expect(toHex(keys.storage)).toBe('1c4c5827858e8cf39ce8781260f4759cade40397bc22edc2130a41d63c082d90');
  });

  test('the names that hang on it are pinned', () => {
    const { spaceId } = spaceKeysOf(nobleCrypto, secret);
    const deviceKey = new Uint8Array(32).fill(0x11);
    expect(firstPageIdOf(nobleCrypto, spaceId)).toBe('87c509d08f71e3e856214e69254ca09c');
    expect(deviceIdOf(nobleCrypto, deviceKey)).toBe('39d8593a6d95bf9d665ddfdbc6f61de8');
    expect(replicaIdOf(nobleCrypto, deviceKey, spaceId, 0, 0)).toBe('b1b96e49b62500e9abf8e2234963a676');
  });

  test('they are HKDF-SHA-256, as Node computes it', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), bytes => {
        const keys = spaceKeysOf(nobleCrypto, bytes);
        const derived = (label: string) =>
          toHex(new Uint8Array(hkdfSync('sha256', bytes, 'peerloom/v1', label, 32)));
        expect(keys.spaceId).toBe(derived('space').slice(0, 32));
        expect(keys.topic).toBe(derived('topic'));
        expect(toHex(keys.signaling)).toBe(derived('signaling'));
        for (const label of ['membership', 'authentication', 'storage'] as const)
          expect(toHex(keys[label])).toBe(derived(label));
      }),
      { numRuns: 20 },
    );
  });

  test('slot and incarnation do not run into each other', () => {
    const { spaceId } = spaceKeysOf(nobleCrypto, secret);
    const key = new Uint8Array(32);
    const places = [0, 1, 11, 111].flatMap(slot => [0, 1, 11, 111].map(n => [slot, n] as const));
    const ids = places.map(([slot, incarnation]) =>
      replicaIdOf(nobleCrypto, key, spaceId, slot, incarnation),
    );
    expect(new Set(ids).size).toBe(places.length);
  });
});

describe('the fragment of an invitation', () => {
  test('is pinned', () => {
    expect(encodeLinkFragment(secret)).toBe(link);
    expect(decodeLinkFragment(link)).toEqual({ ok: true, secret });
  });

  test('gives back every secret', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: secretBytes, maxLength: secretBytes }), bytes => {
        expect(decodeLinkFragment(encodeLinkFragment(bytes))).toEqual({ ok: true, secret: bytes });
      }),
    );
  });

  test.each([
    ['nothing', '', 'malformed'],
    ['one byte', 'AQ', 'malformed'],
    ['what is no base64url', `${link.slice(0, -1)}!`, 'malformed'],
    ['base64 of the other alphabet', `${link.slice(0, -2)}+/`, 'malformed'],
    ['padding', `${link}==`, 'malformed'],
    ['a secret cut short', link.slice(0, -4), 'malformed'],
    ['a secret too long', `${link}AAAA`, 'malformed'],
    ['a very long text', 'A'.repeat(1_000_000), 'malformed'],
    ['bits that belong to no byte', `${link.slice(0, -1)}x`, 'malformed'],
    ['version 0', toBase64Url(concatBytes(Uint8Array.of(0, 1), secret)), 'newer-version'],
    ['version 2', toBase64Url(concatBytes(Uint8Array.of(2, 1), secret)), 'newer-version'],
    ['reading, which is reserved', toBase64Url(concatBytes(Uint8Array.of(1, 2), secret)), 'unknown-kind'],
  ])('refuses %s', (_, fragment, reason) => {
    expect(decodeLinkFragment(fragment)).toEqual({ ok: false, reason });
  });

  test('whatever text stands there, it is refused or has one spelling', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^AQ[A-Za-z0-9_-]{44}$/)), fragment => {
        const decoded = decodeLinkFragment(fragment);
        if (decoded.ok) expect(encodeLinkFragment(decoded.secret)).toBe(fragment);
      }),
    );
  });
});

test('hex gives back what it was given', () => {
  expect(toHex(fromHex('00ff10'))).toBe('00ff10');
});
