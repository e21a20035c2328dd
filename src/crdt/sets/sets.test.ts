import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ReplicaId } from '../../base/ids.ts';
import { counterMax } from '../../base/limits.ts';
import type { OpId } from '../context.ts';
import { contextOf, replicaIdOf } from '../testing/world.model.ts';
import type { Value } from '../value.ts';
import { GSet } from './g-set.ts';
import type { ORSetOp } from './messages.ts';
import { ORSet } from './or-set.ts';
import { setLaws } from './sets.model.ts';
import { decodeORSet, encodeORSet } from './state-codec.ts';
import { TwoPhaseSet } from './two-phase-set.ts';

const alice = replicaIdOf('a');
const bob = replicaIdOf('b');
const carol = replicaIdOf('c');
const at = (counter: number, replicaId: ReplicaId = bob): OpId => ({ replicaId, counter });
const add = (id: OpId, value: Value): ORSetOp => ({ type: 'add', id, value });
const remove = (id: OpId, ...dots: readonly OpId[]): ORSetOp => ({ type: 'remove', id, dots });

test.each(setLaws)(
  '[SET1] [SET10] $name: replicas that know the same hold the same, and what the model says',
  ({ property }) => {
    fc.assert(property, { numRuns: 100 });
  },
  60_000,
);

describe('values', () => {
  test('[SET2] equal values are one, whatever objects hold them, and are read in the order of their bytes', () => {
    const set = new GSet(contextOf(alice));
    const record = { b: [1], a: null };
    for (const value of ['b', 'aa', 'a', 1, record, -0, { a: null, b: [1] }, 0, Number.NaN, Number.NaN])
      set.localAdd(value);
    expect(set.size).toBe(7);
    expect(set.values()).toEqual([0, 1, Number.NaN, 'a', 'b', 'aa', record]);
    record.b.push(2);
    expect(set.has({ a: null, b: [1] })).toBe(true);
    expect(set.has(record)).toBe(false);
  });

  test('[SET3] [SET8] adding what is here makes no operation and takes no counter', () => {
    const context = contextOf(alice);
    const set = new GSet(context);
    expect(set.localAdd('a')).toEqual([{ type: 'add', id: at(0, alice), value: 'a' }]);
    expect(set.localAdd('a')).toEqual([]);
    expect(context.counter.next).toBe(1);
  });

  test('[SET8] a value that cannot be stored takes no counter', () => {
    const context = contextOf(alice);
    let deep: Value = null;
    for (let depth = 0; depth < 40; depth++) deep = [deep];
    for (const set of [new GSet(context), new TwoPhaseSet(context), new ORSet(context)])
      expect(() => set.localAdd(deep)).toThrow('nested');
    expect(context.counter.next).toBe(0);
  });
});

describe('the 2P-Set', () => {
  test('[SET4] what was removed stays out, whatever comes and in whatever order', () => {
    const set = new TwoPhaseSet(contextOf(alice));
    const [added] = set.localAdd('a');
    const [removed] = set.localRemove('a');
    expect(set.localAdd('a')).toEqual([]);
    expect(set.localRemove('a')).toEqual([]);
    expect([set.has('a'), set.wasRemoved('a'), set.size]).toEqual([false, true, 0]);
    const other = new TwoPhaseSet(contextOf(bob));
    expect(other.apply([removed!])).toEqual({ ok: true, changes: [] });
    expect(other.apply([added!])).toEqual({ ok: true, changes: [] });
    expect(other.wasRemoved('a')).toBe(true);
  });
});

describe('the OR-Set', () => {
  /** Two replicas that both hold `a`, added by alice. */
  const pair = () => {
    const [one, two] = [new ORSet(contextOf(alice)), new ORSet(contextOf(bob))];
    const [added] = one.localAdd('a');
    two.apply([added!]);
    return { one, two, added: added! };
  };

  test('[SET5] an addition made at the same time wins over a removal', () => {
    const { one, two } = pair();
    const added = two.localAdd('a');
    const removed = one.localRemove('a');
    expect(two.apply(removed)).toEqual({ ok: true, changes: [] });
    expect(one.apply(added)).toEqual({ ok: true, changes: [{ type: 'added', value: 'a' }] });
    expect([one.has('a'), two.has('a')]).toEqual([true, true]);
  });

  test('[SET5] a removal that has seen every addition wins', () => {
    const { one, two } = pair();
    one.apply(two.localAdd('a'));
    const removed = one.localRemove('a');
    expect(removed).toEqual([remove(at(1, alice), at(0, alice), at(0, bob))]);
    expect(two.apply(removed)).toEqual({ ok: true, changes: [{ type: 'removed', value: 'a' }] });
  });

  test('[SET6] adding again holds against a removal that had not seen it, and keeps one dot a replica', () => {
    const { one, two } = pair();
    const removed = two.localRemove('a');
    const again = one.localAdd('a');
    expect(again).toHaveLength(1);
    expect(one.elements.inOrder()[0]?.dots).toEqual([at(1, alice)]);
    one.apply(removed);
    two.apply(again);
    expect([one.has('a'), two.has('a')]).toEqual([true, true]);
    expect(encodeORSet(one)).toEqual(encodeORSet(two));
  });

  test('[SET7] a repeated addition does not bring back what was removed, also after loading', () => {
    const { one, two, added } = pair();
    two.apply(one.localRemove('a'));
    const loaded = decodeORSet(encodeORSet(two), contextOf(carol));
    if (!loaded.ok) throw new Error(loaded.reason);
    for (const set of [one, two, loaded.value]) {
      expect(set.apply([added])).toEqual({ ok: true, changes: [] });
      expect(set.has('a')).toBe(false);
    }
  });

  test('[SET7] a thousand values come and gone take no more room than one', () => {
    const context = contextOf(alice);
    const set = new ORSet(context);
    for (let i = 0; i < 1000; i++) {
      set.localAdd(`value ${i}`);
      if (i % 3 === 0) set.localClear();
    }
    set.localClear();
    expect(set.localClear()).toEqual([]);
    expect(encodeORSet(set).length).toBeLessThan(24);
  });

  test('[SET9] a removal of what is gone, or of no addition at all, is harmless', () => {
    const { one } = pair();
    const before = one.values();
    expect(one.apply([add(at(4), 'b'), remove(at(5), at(4), at(4), at(3), at(0))])).toMatchObject({
      ok: true,
    });
    expect(one.apply([remove(at(6), at(4), at(5))])).toEqual({ ok: true, changes: [] });
    expect(one.values()).toEqual(before);
  });

  test.each<[string, readonly ORSetOp[]]>([
    ['empty removal', [remove(at(9))]],
    ['unknown dot', [remove(at(9), at(9))]],
    ['unknown dot', [remove(at(9), at(10))]],
    ['unknown dot', [remove(at(9), at(6, carol))]],
    ['unknown dot', [remove(at(9), at(1, alice))]],
    ['unknown dot', [remove(at(9), at(Number.NaN, alice))]],
    ['counter out of range', [add(at(counterMax), 'x')]],
    ['counter out of range', [add(at(-1), 'x')]],
    ['malformed replica id', [add(at(9, 'b' as ReplicaId), 'x')]],
  ])('[SET9] %s: refused whole, whatever else the list brings', (reason, bad) => {
    const { two } = pair();
    const before = encodeORSet(two);
    const good = [add(at(5, carol), 'c'), add(at(7), 'd'), remove(at(8), at(0, alice), at(7))];
    expect(two.apply([...good, ...bad])).toEqual({ ok: false, reason });
    expect(encodeORSet(two)).toEqual(before);
    expect(two.apply(good)).toMatchObject({ ok: true });
    expect(two.values()).toEqual(['c']);
  });

  test('[SET9] the other sets refuse a bad id whole as well', () => {
    const good = { type: 'add', id: at(1), value: 'a' } as const;
    const bad = { type: 'add', id: at(0.5), value: 'b' } as const;
    for (const set of [new GSet(contextOf(alice)), new TwoPhaseSet(contextOf(alice))]) {
      expect(set.apply([good, bad])).toEqual({ ok: false, reason: 'counter out of range' });
      expect(set.size).toBe(0);
    }
  });
});
