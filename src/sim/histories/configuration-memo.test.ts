import { expect, test } from 'vitest';
import { SeededRandom } from '../../base/random.ts';
import { ConfigurationMemo } from './configuration-memo.ts';

/** Numbers 0 to 95 returned; 96 to 127 did not. All of the former may overlap. */
function memoOf() {
  const bits = new Int32Array(4);
  return { bits, memo: new ConfigurationMemo(bits, 3, new Int32Array(96).fill(95)) };
}

test('under one hash, configurations that differ in state, front or any operation are told apart', () => {
  const { bits, memo } = memoOf();
  const sameHash = 7;
  expect(memo.add(0, 0, sameHash)).toBe(true);
  expect(memo.add(0, 0, sameHash)).toBe(false);
  expect(memo.add(1, 0, sameHash)).toBe(true);
  expect(memo.add(0, 1, sameHash)).toBe(true);
  for (const number of [1, 31, 32, 63, 64, 95, 96, 127]) {
    bits[number >>> 5]! ^= 1 << (number & 31);
    expect(memo.add(0, 0, sameHash), String(number)).toBe(true);
    expect(memo.add(0, 0, sameHash), String(number)).toBe(false);
  }
});

test('what lies before the front is not looked at: it is placed', () => {
  const { bits, memo } = memoOf();
  bits[0] = -1;
  expect(memo.add(0, 32, 1)).toBe(true);
  bits[0] = 0;
  expect(memo.add(0, 32, 1)).toBe(false);
});

test('it has as many different ones as a set of texts has, however far it grows', () => {
  const { bits, memo } = memoOf();
  const random = new SeededRandom('memo');
  const seen = new Set<string>();
  for (let i = 0; i < 6_000; i++) {
    for (let word = 0; word < 4; word++) bits[word] = random.below(8) << random.below(3);
    const state = random.below(5);
    const key = `${state} ${bits.join()}`;
    // A hash that often collides.
    expect(memo.add(state, 0, bits[0]! + 64 * bits[1]! + 1024 * bits[2]!)).toBe(!seen.has(key));
    seen.add(key);
  }
});
