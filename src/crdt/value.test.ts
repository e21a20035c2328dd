import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decode, Writer } from '../base/codec.ts';
import { readValue, storable, valueKey, writeValue, type Value } from './value.ts';

const values: fc.Arbitrary<Value> = fc.letrec<{ value: Value }>(tie => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constant(null),
    fc.boolean(),
    fc.integer(),
    fc.double(),
    fc.string({ unit: 'binary' }),
    fc.uint8Array(),
    fc.array(tie('value')),
    fc.dictionary(fc.string(), tie('value')),
  ),
})).value;

function bytesOf(value: Value): Uint8Array {
  const writer = new Writer();
  writeValue(writer, value);
  return writer.finish();
}

test('a value is read back as it was written, and equal values have equal bytes', () => {
  fc.assert(
    fc.property(values, value => {
      const copy = storable(value);
      expect(storable(copy)).toStrictEqual(copy);
      expect(valueKey(copy)).toBe(valueKey(value));
      expect(valueKey(value)).toBe(Buffer.from(bytesOf(value)).toString('latin1'));
    }),
  );
});

test('a key is the bytes, one character each, also where it is made without them', () => {
  for (const value of ['', 'a', 'a'.repeat(127), 'a'.repeat(128), '\u007f', '\u0080', 'é', 'a\ud800'])
    expect(valueKey(value)).toBe(Buffer.from(bytesOf(value)).toString('latin1'));
});

test('a key called __proto__ is a key like any other', () => {
  const value = storable(JSON.parse('{"__proto__": {"admin": true}}') as Value) as Record<string, Value>;
  expect(Object.keys(value)).toEqual(['__proto__']);
  expect((value as { admin?: boolean }).admin).toBeUndefined();
});

test('whatever the bytes, a value or a reason, and one encoding a value', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), bytes => {
      const read = decode(bytes, reader => readValue(reader));
      if (!read.ok) return;
      const writer = new Writer();
      writeValue(writer, read.value);
      expect(writer.finish()).toEqual(bytes);
      expect(valueKey(storable(read.value))).toBe(valueKey(read.value));
    }),
    { numRuns: 2_000 },
  );
});
