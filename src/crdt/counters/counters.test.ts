import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toHex } from '../../base/bytes.ts';
import { Writer } from '../../base/codec.ts';
import { counterMax } from '../../base/limits.ts';
import type { ReplicaId } from '../../base/ids.ts';
import { damageOps, damageState } from '../testing/damage.model.ts';
import { contextOf, replicaIdOf } from '../testing/world.model.ts';
import {
  decodeGCounter,
  decodeGCounterOps,
  decodePNCounter,
  decodePNCounterOps,
  encodeCounterOps,
  encodePNCounter,
} from './codec.ts';
import { counterLaws, gCounterKind, pnCounterKind } from './counters.model.ts';
import { GCounter } from './g-counter.ts';
import type { PNCounterOp } from './messages.ts';
import { PNCounter } from './pn-counter.ts';

const alice = replicaIdOf('a');
const bob = replicaIdOf('b');
const most = Number.MAX_SAFE_INTEGER;
const up = (counter: number, amount: number, replicaId: ReplicaId = bob): PNCounterOp => ({
  type: 'increment',
  id: { replicaId, counter },
  amount,
});
const down = (counter: number, amount: number): PNCounterOp => ({
  ...up(counter, amount),
  type: 'decrement',
});

describe('counting', () => {
  test.each(counterLaws)(
    '[CNT1] [CNT2] [CNT6] $name: replicas that know the same show the same, and what the model says',
    ({ property }) => {
      fc.assert(property, { numRuns: 100 });
    },
    60_000,
  );

  test('[CNT2] a sum beyond the safe integers is shown as the end of their range, and comes back exact', () => {
    const counter = new PNCounter(contextOf(alice));
    counter.localIncrement(most);
    expect(counter.apply([up(0, most)])).toEqual({ ok: true, changes: [] });
    expect(counter.value).toBe(most);
    counter.localDecrement(most - 1);
    expect(counter.value).toBe(most);
    expect(counter.apply([down(1, 2)])).toEqual({ ok: true, changes: [{ value: most - 1 }] });
  });

  test('[CNT4] what one replica counts stays in the safe range; what others did leaves it its room', () => {
    const counter = new GCounter(contextOf(alice));
    counter.apply([{ type: 'increment', id: { replicaId: bob, counter: 0 }, amount: most }]);
    expect(counter.room).toBe(most);
    counter.localIncrement(most - 2);
    expect(counter.room).toBe(2);
    expect(() => counter.localIncrement(3)).toThrow('room');
    for (const amount of [0, -1, 0.5, Number.NaN])
      expect(() => counter.localIncrement(amount)).toThrow('room');
    expect(counter.localIncrement(2)).toHaveLength(1);
    expect(new PNCounter(contextOf(alice)).room).toEqual({ increments: most, decrements: most });
  });

  test('[CNT3] the counter must be past what our own log has counted here', () => {
    const counter = new GCounter(contextOf(alice, 3));
    counter.apply([{ type: 'increment', id: { replicaId: alice, counter: 3 }, amount: 1 }]);
    expect(() => counter.localIncrement()).toThrow('past every id');
  });

  test.each<[string, readonly PNCounterOp[]]>([
    ['amount out of range', [up(5, 0)]],
    ['amount out of range', [up(5, -1)]],
    ['amount out of range', [up(5, 1.5)]],
    ['amount out of range', [up(5, most + 1)]],
    ['counter out of range', [up(-1, 1)]],
    ['counter out of range', [up(0.5, 1)]],
    ['counter out of range', [up(counterMax, 1)]],
    ['malformed replica id', [up(0, 1, 'bob' as ReplicaId)]],
    ['counted out of range', [up(5, most), up(6, 1)]],
    ['counted out of range', [up(5, most)]],
    ['counted out of range', [down(5, most), down(6, 1)]],
  ])('[CNT5] %s: refused whole, whatever else the list brings', (reason, bad) => {
    const counter = new PNCounter(contextOf(alice));
    counter.apply([up(0, 7)]);
    const before = encodePNCounter(counter);
    expect(counter.apply([up(1, 1), up(9, 1, alice), ...bad])).toEqual({ ok: false, reason });
    expect(encodePNCounter(counter)).toEqual(before);
    expect(counter.value).toBe(7);
  });
});

describe('bytes', () => {
  const ops = [up(100, 1, alice), { ...down(101, 127), id: up(101, 1, alice).id }, up(102, 128, alice)];

  test('[CNT8] the released bytes of version 1 stay what they are', () => {
    expect(toHex(encodeCounterOps(ops, alice, 100))).toBe('0102ff008001');
    expect(decodePNCounterOps(encodeCounterOps(ops, alice, 100), alice, 100)).toEqual({
      ok: true,
      value: ops,
    });
    const counter = new PNCounter(contextOf(alice));
    counter.apply([up(2, 300), ...ops]);
    expect(toHex(encodePNCounter(counter))).toBe(`0102${alice}6781017f${bob}03ac0200`);
    const growing = new GCounter(contextOf(alice));
    growing.localIncrement(5);
    expect(toHex(gCounterKind.encode(growing))).toBe(`0101${alice}0105`);
  });

  test('[CNT7] a G-Counter does not go down', () => {
    const decoded = decodeGCounterOps(encodeCounterOps(ops, alice, 100), alice, 100);
    expect(decoded).toEqual({ ok: false, reason: 'unknown operation' });
  });

  test('[CNT8] what is not in its one form is refused', () => {
    const wrong: [string, number[]][] = [
      ['short', []],
      ['unknown version', [2]],
      ['amount not in its one form', [1, 0, 127]],
      ['amount not in its one form', [1, 1, 0]],
      ['short', [1, 0, 0x80]],
    ];
    for (const [reason, bytes] of wrong)
      expect(decodePNCounterOps(Uint8Array.from(bytes), alice, 0)).toEqual({ ok: false, reason });
    expect(decodePNCounterOps(Uint8Array.of(1, 2, 2), alice, counterMax - 1)).toEqual({
      ok: false,
      reason: 'counter out of range',
    });
    const state = (...entries: readonly [string, number, number, number][]) => {
      const writer = new Writer().byte(1).varUint(entries.length);
      for (const [name, ...numbers] of entries) {
        writer.bytes(Uint8Array.from(Buffer.from(replicaIdOf(name), 'hex')));
        for (const number of numbers) writer.varUint(number);
      }
      return decodePNCounter(writer.finish(), contextOf(alice));
    };
    expect(state(['a', 1, 1, 1], ['b', 1, 0, 1]).ok).toBe(true);
    expect(state(['b', 1, 1, 1], ['a', 1, 1, 1])).toEqual({ ok: false, reason: 'replicas not sorted' });
    expect(state(['a', 1, 1, 1], ['a', 1, 1, 1])).toEqual({ ok: false, reason: 'replicas not sorted' });
    expect(state(['a', 0, 1, 1])).toEqual({ ok: false, reason: 'empty entry' });
    expect(state(['a', 1, 0, 0])).toEqual({ ok: false, reason: 'empty entry' });
    expect(state(['a', counterMax + 1, 1, 1])).toEqual({ ok: false, reason: 'number too large' });
    const many = new Writer()
      .byte(1)
      .varUint(2 ** 40)
      .finish();
    expect(decodeGCounter(many, contextOf(alice))).toEqual({ ok: false, reason: 'number too large' });
  });

  test('[CNT8] a hundred thousand damaged inputs throw nothing, and what is refused changes nothing', () => {
    const own = [1, 2, 127, 128, most - 2000, 9, 1].map((amount, at) => up(100 + at, amount, alice));
    const both = own.map((op, at): PNCounterOp => (at % 2 === 0 ? op : { ...op, type: 'decrement' }));
    const reader = <X>(make: (context: ReturnType<typeof contextOf>) => X) => {
      const context = contextOf(bob, 50);
      return { x: make(context), context };
    };
    const author = { replicaId: alice, first: 100 };
    const growing = () => {
      const r = reader(context => new GCounter(context));
      r.x.apply([{ type: 'increment', id: { replicaId: alice, counter: 9 }, amount: 1000 }]);
      return r;
    };
    const swinging = () => {
      const r = reader(context => new PNCounter(context));
      r.x.apply([up(9, 1000, alice), down(7, 5)]);
      return r;
    };
    const outcomes = [
      damageOps(gCounterKind, encodeCounterOps(own, alice, 100), author, growing, 25_000),
      damageOps(pnCounterKind, encodeCounterOps(both, alice, 100), author, swinging, 25_000),
      damageState(gCounterKind, gCounterKind.encode(growing().x), contextOf(bob), 25_000),
      damageState(pnCounterKind, pnCounterKind.encode(swinging().x), contextOf(bob), 25_000),
    ];
    // The damage must be small enough to reach what it is meant to test.
    for (const { refused, taken } of outcomes) {
      expect(refused).toBeGreaterThan(1000);
      expect(taken).toBeGreaterThan(1000);
    }
    expect(outcomes[0]?.refusedByState).toBeGreaterThan(100);
  }, 60_000);
});
