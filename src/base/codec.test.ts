import fc from 'fast-check';
import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';
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

  test("the bytes are lib0's", () => {
    const number = fc.oneof(
      fc.maxSafeNat(),
      fc.nat(300),
      fc.integer({ min: 0, max: 52 }).map(bit => 2 ** bit + 1),
      fc.integer({ min: 1, max: 53 }).map(bit => 2 ** bit - 1),
    );
    const text = fc.oneof(fc.string(), fc.string({ unit: 'grapheme', minLength: 40, maxLength: 60 }));
    fc.assert(
      fc.property(fc.array(fc.tuple(number, fc.uint8Array({ maxLength: 80 }), text)), rows => {
        const writer = new Writer();
        const other = encoding.createEncoder();
        for (const [value, bytes, string] of rows) {
          writer.varUint(value).varBytes(bytes).varString(string).byte(7);
          encoding.writeVarUint(other, value);
          encoding.writeVarUint8Array(other, bytes);
          encoding.writeVarString(other, string);
          encoding.writeUint8(other, 7);
        }
        const { length } = writer;
        const written = writer.finish();
        expect(written.length).toBe(length);
        expect(written).toEqual(encoding.toUint8Array(other));
        const read = decode(written, reader => {
          for (const [value, bytes, string] of rows) {
            expect(reader.varUint()).toBe(value);
            expect(reader.varBytes(80)).toEqual(bytes);
            expect(reader.varString(1000)).toBe(string);
            reader.byte();
          }
        });
        expect(read.ok).toBe(true);
      }),
    );
  });

  test('any varint is read as lib0 reads it, and refused when it is not exact', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 11, min: 0x70 }), bytes => {
        let theirs: number | undefined;
        const decoder = decoding.createDecoder(bytes);
        try {
          theirs = decoding.readVarUint(decoder);
        } catch {
          // Short or out of range.
        }
        const read = decode(bytes, reader => {
          const value = reader.varUint();
          expect(reader.at).toBe(decoder.pos);
          reader.bytes(reader.left);
          return value;
        });
        expect(read.ok ? read.value : undefined).toBe(Number.isSafeInteger(theirs) ? theirs : undefined);
      }),
      { numRuns: 2000 },
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
