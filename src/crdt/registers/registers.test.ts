import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ReplicaId } from '../../base/ids.ts';
import { clockDriftMaxMs, counterMax, stampLogicalMax, stampWallMsMax } from '../../base/limits.ts';
import { lastHybridTime, type HybridTime } from '../../clocks/hybrid-logical-clock.ts';
import type { OpId } from '../context.ts';
import { contextOf, replicaIdOf } from '../testing/world.model.ts';
import type { Value } from '../value.ts';
import { decodeMVRegister, encodeLWWRegister, encodeMVRegister } from './codec.ts';
import { LWWRegister } from './lww-register.ts';
import type { LWWSetOp, MVSetOp } from './messages.ts';
import { MVRegister } from './mv-register.ts';
import { registerLaws } from './registers.model.ts';

const alice = replicaIdOf('a');
const bob = replicaIdOf('b');
const carol = replicaIdOf('c');
const nowMs = 1_800_000_000_000;
const at = (counter: number, replicaId: ReplicaId = bob): OpId => ({ replicaId, counter });
const stamped = (wallMs: number, logical = 0): HybridTime => ({ wallMs, logical });
const lww = (id: OpId, stamp: HybridTime, value: Value, ...overwrites: readonly OpId[]): LWWSetOp => ({
  type: 'set',
  id,
  stamp,
  value,
  overwrites,
});
const mv = (id: OpId, value: Value, ...overwrites: readonly OpId[]): MVSetOp => ({
  type: 'set',
  id,
  value,
  overwrites,
});

test.each(registerLaws)(
  '[REG1] [REG7] [REG11] $name: replicas that know the same show the same, and what the model says',
  ({ property }) => {
    fc.assert(property, { numRuns: 100 });
  },
  60_000,
);

describe('the LWW-Register', () => {
  test('[REG2] the highest stamp is shown, then the highest id, in whatever order they come', () => {
    const writes = [
      lww(at(9), stamped(5, 1), 'later in the millisecond'),
      lww(at(3, carol), stamped(5, 1), 'higher id'),
      lww(at(4, carol), stamped(5, 1), 'higher counter'),
      lww(at(5, carol), stamped(5, 0), 'earlier'),
      lww(at(8, alice), stamped(4, 7), 'earlier still'),
    ];
    fc.assert(
      fc.property(fc.shuffledSubarray(writes, { minLength: writes.length }), shuffled => {
        const register = new LWWRegister(contextOf(alice));
        for (const write of shuffled) expect(register.apply([write]).ok).toBe(true);
        expect(register.value).toBe('higher counter');
      }),
    );
  });

  test('[REG3] a write over a stamp from the future is one step later', () => {
    const context = contextOf(alice, 0, nowMs);
    const register = new LWWRegister(context);
    expect(register.value).toBeUndefined();
    for (const [future, next] of [
      [stamped(nowMs + 10 * clockDriftMaxMs, 7), stamped(nowMs + 10 * clockDriftMaxMs, 8)],
      [stamped(2 ** 46, stampLogicalMax), stamped(2 ** 46 + 1, 0)],
    ] as const) {
      register.apply([lww(at(0), future, 'far')]);
      expect(register.localSet('near')).toMatchObject([{ stamp: next, overwrites: [] }]);
      expect(register.value).toBe('near');
    }
  });

  test('[REG4] it moves nobody’s clock', () => {
    const context = contextOf(alice, 0, nowMs);
    const register = new LWWRegister(context);
    register.apply([lww(at(0), stamped(2 ** 46), 'far')]);
    register.localSet('near');
    expect(context.stamp().wallMs).toBe(nowMs);
  });

  test('[REG5] whoever sees a write with the last stamp can replace it, and it stays replaced', () => {
    const top = lww(at(0, carol), lastHybridTime, 'for ever');
    const [one, two] = [new LWWRegister(contextOf(alice)), new LWWRegister(contextOf(bob))];
    for (const register of [one, two])
      expect(register.apply([top])).toEqual({ ok: true, changes: [{ value: 'for ever' }] });
    const over = one.localSet('not so');
    expect(over).toEqual([lww(at(0, alice), lastHybridTime, 'not so', at(0, carol))]);
    expect(one.value).toBe('not so');
    expect(two.apply(over)).toEqual({ ok: true, changes: [{ value: 'not so' }] });
    for (const register of [one, two]) {
      expect(register.apply([top])).toEqual({ ok: true, changes: [] });
      expect(register.apply([lww(at(5, carol), stamped(stampWallMsMax), 'lower')])).toEqual({
        ok: true,
        changes: [],
      });
      expect(register.value).toBe('not so');
    }
    expect(two.localSet('nor so')).toEqual([lww(at(0, bob), lastHybridTime, 'nor so', at(0, alice))]);
    // Two that replace it at the same time: the higher id is shown, and both can be replaced.
    const both = one.localSet('at the same time');
    expect(both).toEqual([lww(at(1, alice), lastHybridTime, 'at the same time')]);
    two.apply(both);
    expect(two.value).toBe('nor so');
    expect(two.localSet('done')).toEqual([lww(at(1, bob), lastHybridTime, 'done', at(1, alice))]);
    expect(two.state).toMatchObject({
      context: new Map([
        [carol, 1],
        [alice, 2],
        [bob, 2],
      ]),
    });
  });

  test.each<[string, readonly LWWSetOp[]]>([
    ['stamp out of range', [lww(at(9), stamped(stampWallMsMax + 1), 'x')]],
    ['stamp out of range', [lww(at(9), stamped(5, stampLogicalMax + 1), 'x')]],
    ['stamp out of range', [lww(at(9), stamped(-1), 'x')]],
    ['stamp out of range', [lww(at(9), stamped(0.5), 'x')]],
    ['stamp out of range', [lww(at(9), stamped(5, Number.NaN), 'x')]],
    ['overwrites without the last stamp', [lww(at(9), stamped(5), 'x', at(1))]],
    ['unknown write', [lww(at(9), lastHybridTime, 'x', at(9))]],
    ['unknown write', [lww(at(9), lastHybridTime, 'x', at(1))]],
    ['unknown write', [lww(at(8), lastHybridTime, 'x'), lww(at(9), lastHybridTime, 'x', at(9))]],
    ['counter out of range', [lww(at(counterMax), stamped(5), 'x')]],
    ['malformed replica id', [lww(at(9, '' as ReplicaId), stamped(5), 'x')]],
  ])('[REG6] %s: refused whole, whatever else the list brings', (reason, bad) => {
    for (const first of [stamped(3), lastHybridTime]) {
      const register = new LWWRegister(contextOf(alice));
      register.apply([lww(at(0, carol), first, 'before')]);
      const before = encodeLWWRegister(register);
      expect(register.apply([lww(at(7, carol), stamped(4), 'good'), ...bad])).toEqual({ ok: false, reason });
      expect(encodeLWWRegister(register)).toEqual(before);
    }
  });

  test('[REG3] a context whose stamps do not beat what they overwrite is a programmer’s error and uses no counter', () => {
    const context = { ...contextOf(alice), stamp: () => stamped(1) };
    const register = new LWWRegister(context);
    register.localSet('a');
    expect(() => register.localSet('b')).toThrow('later than the one it overwrites');
    expect(context.counter.next).toBe(1);
  });
});

describe('the multi-value register', () => {
  const pair = () => [new MVRegister(contextOf(alice)), new MVRegister(contextOf(bob))] as const;

  test('[REG8] what is written at the same time is all kept until somebody who saw it decides', () => {
    const [one, two] = pair();
    const [a, b] = [one.localSet('a'), two.localSet('b')];
    expect(one.apply(b)).toEqual({ ok: true, changes: [{ values: ['a', 'b'] }] });
    expect(two.apply(a)).toEqual({ ok: true, changes: [{ values: ['a', 'b'] }] });
    const decided = two.localSet('c');
    expect(decided).toEqual([mv(at(1), 'c', at(0, alice))]);
    const late = one.localSet('d');
    expect(late).toEqual([mv(at(1, alice), 'd', at(0))]);
    one.apply(decided);
    two.apply(late);
    expect(one.values()).toEqual(['d', 'c']);
    expect(encodeMVRegister(one)).toEqual(encodeMVRegister(two));
  });

  test('[REG9] a repeat does not bring back what was overwritten, also after loading', () => {
    const [one, two] = pair();
    const first = one.localSet('a');
    const again = one.localSet('b');
    two.apply([...first, ...again]);
    two.localSet('c');
    const loaded = decodeMVRegister(encodeMVRegister(two), contextOf(carol));
    if (!loaded.ok) throw new Error(loaded.reason);
    for (const register of [two, loaded.value]) {
      expect(register.apply([...first, ...again])).toEqual({ ok: true, changes: [] });
      expect(register.values()).toEqual(['c']);
    }
  });

  test.each<[string, readonly MVSetOp[]]>([
    ['unknown write', [mv(at(9), 'x', at(9))]],
    ['unknown write', [mv(at(9), 'x', at(1, alice))]],
    ['unknown write', [mv(at(9), 'x', at(8, carol))]],
    ['counter out of range', [mv(at(-1), 'x')]],
    ['malformed replica id', [mv(at(9, alice.toUpperCase() as ReplicaId), 'x')]],
  ])('[REG10] %s: refused whole, whatever else the list brings', (reason, bad) => {
    const register = new MVRegister(contextOf(alice));
    register.localSet('before');
    const before = encodeMVRegister(register);
    expect(register.apply([mv(at(7, carol), 'good', at(0, alice)), ...bad])).toEqual({ ok: false, reason });
    expect(encodeMVRegister(register)).toEqual(before);
    expect(register.apply([mv(at(7, carol), 'good'), mv(at(9), 'x', at(7, carol))]).ok).toBe(true);
    expect(register.values()).toEqual(['before', 'x']);
  });

  test('[REG12] one counter an operation, and none for a value that cannot be stored', () => {
    let deep: Value = null;
    for (let depth = 0; depth < 40; depth++) deep = [deep];
    const context = contextOf(alice);
    for (const register of [new MVRegister(context), new LWWRegister(context)]) {
      expect(() => register.localSet(deep)).toThrow('nested');
      register.localSet('a');
    }
    expect(context.counter.next).toBe(2);
    context.counter.next = 0;
    const own = new MVRegister(context);
    own.apply([mv(at(0, alice), 'read back')]);
    expect(() => own.localSet('b')).toThrow('past every id');
  });
});
