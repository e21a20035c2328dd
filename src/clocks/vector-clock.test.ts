import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromHex, toHex } from '../base/bytes.ts';
import { decode, Writer } from '../base/codec.ts';
import type { ReplicaId } from '../base/ids.ts';
import { clockEntriesMax, counterMax } from '../base/limits.ts';
import { nobleCrypto } from '../sync/crypto.ts';
import {
  countAhead,
  covers,
  mergeInto,
  readClock,
  stateHash,
  writeClock,
  type VectorClock,
} from './vector-clock.ts';

const root = new Uint8Array(32);
const replica = (digit: string) => digit.repeat(32) as ReplicaId;
const clocks = fc
  .dictionary(fc.constantFrom(...'abcdef0'), fc.nat(5))
  .map(entries => new Map(Object.entries(entries).map(([digit, count]) => [replica(digit), count])));

const merged = (...all: readonly VectorClock[]): VectorClock => {
  const clock: VectorClock = new Map();
  for (const other of all) mergeInto(clock, other);
  return clock;
};
/** An entry of 0 says the same as none. */
const plain = (clock: VectorClock) => new Map([...clock].filter(([, count]) => count > 0).sort());
const encoded = (clock: VectorClock): Uint8Array => {
  const writer = new Writer();
  writeClock(writer, clock);
  return writer.finish();
};

describe('laws', () => {
  test('merging is commutative, associative and idempotent', () => {
    fc.assert(
      fc.property(clocks, clocks, clocks, (a, b, c) => {
        expect(plain(merged(a, b))).toEqual(plain(merged(b, a)));
        expect(plain(merged(merged(a, b), c))).toEqual(plain(merged(a, merged(b, c))));
        expect(plain(merged(a, a))).toEqual(plain(a));
      }),
    );
  });

  test('covers is a partial order, and the merge its least upper bound', () => {
    fc.assert(
      fc.property(clocks, clocks, clocks, (a, b, c) => {
        expect(covers(a, a)).toBe(true);
        if (covers(a, b) && covers(b, c)) expect(covers(a, c)).toBe(true);
        if (covers(a, b) && covers(b, a)) expect(plain(a)).toEqual(plain(b));
        const both = merged(a, b);
        expect(covers(both, a) && covers(both, b)).toBe(true);
        if (covers(c, a) && covers(c, b)) expect(covers(c, both)).toBe(true);
      }),
    );
  });

  test('what one is ahead of another is what merging adds, and nothing exactly when it is covered', () => {
    const size = (clock: VectorClock) => [...clock.values()].reduce((sum, count) => sum + count, 0);
    fc.assert(
      fc.property(clocks, clocks, (a, b) => {
        expect(countAhead(a, b)).toBe(size(merged(a, b)) - size(b));
        expect(countAhead(a, b) === 0).toBe(covers(b, a));
      }),
    );
  });

  test('hashes are equal exactly when clocks and roots are', () => {
    fc.assert(
      fc.property(clocks, clocks, (a, b) => {
        const same = covers(a, b) && covers(b, a);
        const other = Uint8Array.of(...root.subarray(1), 1);
        expect(stateHash(nobleCrypto, a, other)).not.toEqual(stateHash(nobleCrypto, a, root));
        expect(toHex(stateHash(nobleCrypto, a, root)) === toHex(stateHash(nobleCrypto, b, root))).toBe(same);
      }),
    );
    expect(toHex(stateHash(nobleCrypto, new Map([[replica('c0'.slice(0, 1)), 1]]), root))).toHaveLength(16);
  });
});

describe('bytes', () => {
  test('a clock has one encoding, whatever the order of its entries', () => {
    fc.assert(
      fc.property(clocks, clock => {
        const bytes = encoded(clock);
        expect(encoded(new Map([...clock].reverse()))).toEqual(bytes);
        const decoded = decode(bytes, readClock);
        expect(decoded).toEqual({ ok: true, value: plain(clock) });
        for (let cut = 0; cut < bytes.length; cut++)
          expect(decode(bytes.subarray(0, cut), readClock).ok).toBe(false);
      }),
    );
  });

  test('[SYNC9] entries that do not rise, are empty or too many are refused', () => {
    const entries = (...all: readonly [string, number][]) => {
      const writer = new Writer().varUint(all.length);
      for (const [digit, count] of all) writer.bytes(fromHex(replica(digit))).varUint(count);
      return decode(writer.finish(), readClock);
    };
    expect(entries(['a', 1], ['b', 1]).ok).toBe(true);
    expect(entries(['b', 1], ['a', 1])).toEqual({ ok: false, reason: 'clock not sorted' });
    expect(entries(['a', 1], ['a', 2])).toEqual({ ok: false, reason: 'clock not sorted' });
    expect(entries(['a', 0])).toEqual({ ok: false, reason: 'empty clock entry' });
    expect(entries(['a', counterMax + 1])).toEqual({ ok: false, reason: 'number too large' });
    const many = new Writer().varUint(clockEntriesMax + 1).finish();
    expect(decode(many, readClock)).toEqual({ ok: false, reason: 'number too large' });
  });
});
