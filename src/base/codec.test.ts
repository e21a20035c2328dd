import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { equalBytes, fromBase64Url, toBase64Url } from './bytes.ts';
import { decode, Writer, type Reader } from './codec.ts';

const refused = (bytes: readonly number[], read: (reader: Reader) => unknown) => {
  const result = decode(Uint8Array.from(bytes), read);
  return result.ok ? 'taken' : result.reason;
};

describe('reading what came from outside', () => {
  test('what a writer wrote is read back', () => {
    const value = fc.record({
      byte: fc.nat(255),
      number: fc.maxSafeNat(),
      bytes: fc.uint8Array(),
      text: fc.string({ unit: 'grapheme' }),
    });
    fc.assert(
      fc.property(value, ({ byte, number, bytes, text }) => {
        const written = new Writer().byte(byte).varUint(number).varBytes(bytes).varString(text).finish();
        const read = decode(written, reader => ({
          byte: reader.byte(),
          number: reader.varUint(),
          bytes: reader.varBytes(1000).slice(),
          text: reader.varString(1000),
        }));
        expect(read).toEqual({ ok: true, value: { byte, number, bytes, text } });
        for (let cut = 0; cut < written.length; cut++) {
          const short = decode(written.subarray(0, cut), reader => [
            reader.byte(),
            reader.varUint(),
            reader.varBytes(1000),
            reader.varString(1000),
          ]);
          expect(short.ok).toBe(false);
        }
      }),
      { numRuns: 50 },
    );
  });

  test.each([
    ['no byte', [], (reader: Reader) => reader.byte(), 'short'],
    ['a varint without an end', [0x80], (reader: Reader) => reader.varUint(), 'short'],
    [
      'a varint of ten bytes',
      Array<number>(10).fill(0xff),
      (reader: Reader) => reader.varUint(),
      'number too large',
    ],
    ['a number above its bound', [11], (reader: Reader) => reader.varUint(10), 'number too large'],
    [
      'a length above its bound',
      [5, 1, 2, 3, 4, 5],
      (reader: Reader) => reader.varBytes(4),
      'number too large',
    ],
    ['a length beyond the end', [200, 1], (reader: Reader) => reader.varBytes(1000), 'short'],
    ['text that is no UTF-8', [1, 0xff], (reader: Reader) => reader.varString(10), 'ill-formed UTF-8'],
    [
      'half a surrogate pair',
      [3, 0xed, 0xa0, 0x80],
      (reader: Reader) => reader.varString(10),
      'ill-formed UTF-8',
    ],
    ['bytes behind the end', [1, 2], (reader: Reader) => reader.byte(), 'trailing bytes'],
  ])('%s is refused', (_, bytes, read, reason) => {
    expect(refused(bytes, read)).toBe(reason);
  });

  test("a programmer's error is no malformed input", () => {
    const read = () => {
      throw new TypeError('a bug');
    };
    expect(() => decode(new Uint8Array(), read)).toThrow('a bug');
  });
});

test('base64url gives back its bytes, as Node writes it, and each has one spelling', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 50 }), bytes => {
      const text = toBase64Url(bytes);
      expect(text).toBe(Buffer.from(bytes).toString('base64url'));
      expect(equalBytes(fromBase64Url(text) ?? new Uint8Array(99), bytes)).toBe(true);
    }),
  );
  fc.assert(
    fc.property(fc.stringMatching(/^[A-Za-z0-9_-]{0,9}$/), text => {
      const bytes = fromBase64Url(text);
      if (bytes !== undefined) expect(toBase64Url(bytes)).toBe(text);
    }),
  );
});
