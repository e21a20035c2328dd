import { expect, test } from 'vitest';
import * as fc from 'fast-check';
import { utf8 } from '../base/bytes.ts';
import { crc32c } from './crc32c.ts';

/** Bit by bit, as the polynomial says. */
function obvious(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  }
  return ~crc >>> 0;
}

test('the sums that RFC 3720 gives', () => {
  expect(crc32c(utf8('123456789'))).toBe(0xe3069283);
  expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
  expect(crc32c(new Uint8Array(32).fill(0xff))).toBe(0x62a8ab43);
  expect(crc32c(Uint8Array.from({ length: 32 }, (_, n) => n))).toBe(0x46dd794e);
});

test('eight bytes a step give what bit by bit gives, in one piece and in parts', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat(100), (bytes, cut) => {
      expect(crc32c(bytes)).toBe(obvious(bytes));
      expect(crc32c(bytes.subarray(cut), crc32c(bytes.subarray(0, cut)))).toBe(obvious(bytes));
    }),
  );
});
