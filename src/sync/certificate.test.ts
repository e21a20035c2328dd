import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromHex } from '../base/bytes.ts';
import { replicaIdOf } from '../base/ids.ts';
import { spaceKeysOf } from '../base/space-keys.ts';
import { isWeakKey } from '../base/weak-keys.ts';
import { encodeUnsigned, withSignature, type BatchHeader, type Certificate } from './batch.ts';
import { certificateFor, certificateHolds } from './certificate.ts';
import { nobleCrypto } from './crypto.ts';

/** Chalkias, Garillot, Nikolaenko 2020, table 1: all encodings of points of small order, and their orders. */
const smallOrder: readonly (readonly [string, string])[] = [
  ['0100000000000000000000000000000000000000000000000000000000000000', '1'],
  ['ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f', '2'],
  ['0000000000000000000000000000000000000000000000000000000000000080', '4'],
  ['0000000000000000000000000000000000000000000000000000000000000000', '4'],
  ['c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa', '8'],
  ['c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a', '8'],
  ['26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85', '8'],
  ['26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05', '8'],
  ['0100000000000000000000000000000000000000000000000000000000000080', '1, not canonical'],
  ['ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff', '2, not canonical'],
  ['eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f', '1, not canonical'],
  ['eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff', '1, not canonical'],
  ['edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff', '4, not canonical'],
  ['edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f', '4, not canonical'],
];

describe('keys under which a signature proves nothing', () => {
  test.each(smallOrder)('[SYNC4] %s, of order %s', key => {
    expect(isWeakKey(fromHex(key))).toBe(true);
  });

  test('[SYNC4] every encoding with y ≥ p, of either sign', () => {
    for (let lowest = 0xed; lowest <= 0xff; lowest++) {
      for (const highest of [0x7f, 0xff]) {
        const key = new Uint8Array(32).fill(0xff);
        [key[0], key[31]] = [lowest, highest];
        expect(isWeakKey(key)).toBe(true);
      }
    }
  });

  test('[SYNC4] other keys are none: the base point, the neighbours of the weak ones, hashes', () => {
    const neighbours = [
      `58${'66'.repeat(31)}`,
      `02${'00'.repeat(31)}`,
      `eb${'ff'.repeat(30)}7f`,
      `${'00'.repeat(31)}01`,
      `${'ff'.repeat(31)}7e`,
      'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037b',
    ];
    for (const key of neighbours) expect(isWeakKey(fromHex(key))).toBe(false);
    for (let i = 0; i < 100; i++) expect(isWeakKey(nobleCrypto.sha256(Uint8Array.of(i)))).toBe(false);
  });
});

describe('a certificate', () => {
  const keys = spaceKeysOf(nobleCrypto, new Uint8Array(32).fill(1));
  const device = { deviceKey: new Uint8Array(32).fill(3), sealingKey: new Uint8Array(32).fill(4) };
  const header = (slot: number, incarnation: number): BatchHeader => ({
    spaceId: keys.spaceId,
    replicaId: replicaIdOf(nobleCrypto, device.deviceKey, keys.spaceId, slot, incarnation),
    incarnation,
    sequence: 0,
    previous: undefined,
    dependencies: [],
    stamp: { wallMs: 0, logical: 0 },
  });
  const holds = (of: BatchHeader, body: Certificate, under = keys) => {
    const { id, unsigned } = encodeUnsigned(nobleCrypto, of, body);
    return certificateHolds(nobleCrypto, under, withSignature(id, of, body, unsigned, new Uint8Array(64)));
  };

  test('[SYNC4] holds for what it says, and for nothing else', () => {
    fc.assert(
      fc.property(
        fc.nat(100),
        fc.nat(100),
        fc.nat(31),
        fc.integer({ min: 1, max: 255 }),
        (slot, incarnation, at, xor) => {
          const good = header(slot, incarnation);
          const body = certificateFor(nobleCrypto, keys, good.replicaId, device, slot);
          expect(holds(good, body)).toBe(true);
          const changed = (bytes: Uint8Array) => bytes.map((byte, i) => (i === at ? byte ^ xor : byte));
          expect(holds({ ...good, incarnation: incarnation + 1 }, body)).toBe(false);
          expect(holds(good, { ...body, slot: slot + 1 })).toBe(false);
          for (const field of ['deviceKey', 'sealingKey', 'proof'] as const) {
            expect(holds(good, { ...body, [field]: changed(body[field]) })).toBe(false);
          }
          expect(holds(good, body, spaceKeysOf(nobleCrypto, new Uint8Array(32).fill(2)))).toBe(false);
        },
      ),
      { numRuns: 50 },
    );
  });
});
