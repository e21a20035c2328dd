import { expect, test } from 'vitest';
import { weaveOf, wordsOf } from './fingerprint.ts';

const print = (...changed: readonly (readonly [at: number, byte: number])[]): Uint8Array => {
  const bytes = new Uint8Array(32);
  for (const [at, byte] of changed) bytes[at] = byte;
  return bytes;
};

test('each bit of the first eight bytes is one crossing', () => {
  expect(weaveOf(print())).toEqual(Array.from({ length: 64 }, () => false));
  for (let bit = 0; bit < 64; bit++) {
    const over = weaveOf(print([bit >> 3, 1 << (bit & 7)]));
    expect(over.indexOf(true)).toBe(bit);
    expect(over.lastIndexOf(true)).toBe(bit);
  }
});

test('each of 256 bytes is a word of its own', () => {
  const said = Array.from({ length: 256 }, (_, byte) => wordsOf(print([8, byte]))[0]);
  expect(new Set(said).size).toBe(256);
  for (const word of said) expect(word).toMatch(/^[a-z]{3,8}$/);
  const [, second, third, fourth] = wordsOf(print([9, 7], [10, 7], [11, 8]));
  expect(second).toBe(third);
  expect(third).not.toBe(fourth);
});
