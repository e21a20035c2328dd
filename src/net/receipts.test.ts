import fc from 'fast-check';
import { expect, test } from 'vitest';
import { counterMax } from '../base/limits.ts';
import { encodeFrames, Reassembler } from './frames.ts';
import {
  decodeReceipt,
  encodeReceipt,
  isReceipt,
  receiptEveryBytes,
  receiptEveryMs,
  Receipts,
} from './receipts.ts';

test('[NET113] a receipt says its total, and is no frame of a message', () => {
  fc.assert(
    fc.property(
      fc.maxSafeNat().filter(total => total <= counterMax),
      total => {
        const receipt = encodeReceipt(total);
        expect(isReceipt(receipt)).toBe(true);
        expect(decodeReceipt(receipt)).toEqual({ ok: true, value: total });
      },
    ),
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40_000 }), bytes => {
      expect(encodeFrames(bytes, 1).some(isReceipt)).toBe(false);
    }),
  );
});

test('[NET113] golden bytes: 5 MiB', () => {
  expect(encodeReceipt(5 * 1024 * 1024)).toEqual(Uint8Array.from([0x20, 0x80, 0x80, 0xc0, 0x02]));
});

test('[NET113] an end of frame version 1 refuses a receipt as a frame of an unknown version', () => {
  expect(new Reassembler().push(encodeReceipt(7), 0)).toEqual({
    ok: false,
    reason: 'unknown-version',
    malformed: true,
  });
});

test('[NET113] whatever follows the header, decoding never throws, and takes nothing but a total', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 24 }), bytes => {
      const decoded = decodeReceipt(Uint8Array.from([0x20, ...bytes]));
      if (decoded.ok) expect(encodeReceipt(decoded.value).length).toBeLessThanOrEqual(1 + bytes.length);
    }),
    { numRuns: 100_000 },
  );
});

test('[NET113] told at most every so often while little comes, at once after much, and in the end', () => {
  const receipts = new Receipts();
  expect(receipts.due(0, true)).toBeUndefined();
  receipts.came(10);
  expect(receipts.due(0)).toBe(10);
  receipts.came(10);
  expect(receipts.due(receiptEveryMs - 1)).toBeUndefined();
  expect(receipts.due(receiptEveryMs)).toBe(20);
  receipts.came(receiptEveryBytes);
  expect(receipts.due(receiptEveryMs)).toBe(20 + receiptEveryBytes);
  receipts.came(1);
  expect(receipts.due(receiptEveryMs)).toBeUndefined();
  expect(receipts.due(receiptEveryMs, true)).toBe(21 + receiptEveryBytes);
  expect(receipts.due(receiptEveryMs, true)).toBeUndefined();
});
