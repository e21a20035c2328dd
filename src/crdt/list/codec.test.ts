import { describe, expect, test } from 'vitest';
import { toHex } from '../../base/bytes.ts';
import { counterMax } from '../../base/limits.ts';
import { HybridLogicalClock } from '../../clocks/hybrid-logical-clock.ts';
import type { Context } from '../context.ts';
import { damageOps, damageState } from '../testing/damage.model.ts';
import { replicaIdOf } from '../testing/world.model.ts';
import { decodeListOps, encodeListOps } from './codec.ts';
import { List } from './list.ts';
import { listKind } from './list.model.ts';
import type { ListOp } from './messages.ts';
import { decodeList, encodeList } from './state-codec.ts';

const alice = replicaIdOf('a');
const bob = replicaIdOf('b');

function contextOf(name: string, next = 0): Context {
  const clock = new HybridLogicalClock();
  return { replicaId: replicaIdOf(name), counter: { next }, stamp: over => clock.stampOver(over, 1000) };
}

/** A small history that uses every form: `ops` are alice's from counter 100 on, on top of `base`. */
function example(): { base: readonly ListOp[]; ops: ListOp[]; list: List } {
  const ofBob = new List(contextOf('b', 7));
  const base = [...ofBob.localInsert(0, ['one', 2, null]), ...ofBob.localMove(0, 1)];
  const list = new List(contextOf('a', 100));
  list.apply(base);
  const ops = [
    ...list.localInsert(0, [true]),
    ...list.localInsert(1, [{ a: [0.5] }]),
    ...list.localInsert(
      2,
      Array.from({ length: 9 }, (_, i) => -i),
    ),
    ...list.localMove(0, 3),
    ...list.localMove(12, 0),
    ...list.localSet(0, 'set'),
    ...list.localSet(4, new Uint8Array([1, 2])),
    ...list.localDelete(2, 3),
    ...list.localDelete(0, 1),
    ...list.localInsert(0, Array<number>(40).fill(1)),
    ...list.localDelete(3, 33),
  ];
  return { base, ops, list };
}

describe('list operations as bytes', () => {
  test('[LIST9] the released bytes of version 1 stay what they are', () => {
    const { ops, list } = example();
    const bytes = encodeListOps(ops, alice, 100);
    expect(decodeListOps(bytes, alice, 100)).toEqual({ ok: true, value: ops });
    expect(toHex(bytes)).toMatchInlineSnapshot(
      `"0101b00000000000000000000000000000003c00070220090101610801053fe000000000000000090300040004010402040304040405040604071a070bd00f003a0c0007000107000700020603736574030e000307020102110d09110d00071828070301030103010301030103010301030103010301030103010301030103010301030103010301030103010301030103010301030103010301030103010301030103010301030103010301030103010301012125"`,
    );
    expect(toHex(encodeList(list))).toMatchInlineSnapshot(
      `"0102a0000000000000000000000000000000b000000000000000000000000000000004640b04070001026800010264062802700207030000010409026f00010a046501020708032104010802090101610801053fe0000000000000040104020403040404050406040703010301030103010301030103010302000000"`,
    );
  });

  test('[LIST9] the example of docs/protocols/list.md is right', () => {
    const ofBob = new List(contextOf('b', 7));
    const list = new List(contextOf('a', 100));
    list.apply(ofBob.localInsert(0, ['x']));
    const ops = [
      ...list.localInsert(0, [1]),
      ...list.localInsert(1, [2]),
      ...list.localMove(2, 0),
      ...list.localDelete(1, 1),
    ];
    expect(toHex(encodeListOps(ops, alice, 100))).toBe(`0101${bob}3c000703012003023a020007d00f000903`);
  });

  test('[LIST10] a length from outside is checked before anything is allocated or counted up to', () => {
    const wrong: [string, number[]][] = [
      ['short', []],
      ['unknown version', [2, 0]],
      ['number too large', [1, 200, 1]],
      ['number too large', [1, 255, 255, 255, 255, 7]],
      ['replica named twice', [1, 1, 0xa0, ...Array<number>(15).fill(0)]],
      ['number too large', [1, 0, 4, 255, 255, 255, 7]],
      ['no values', [1, 0, 4, 0]],
      ['malformed header', [1, 0, 0x30, 0, 0]],
      ['malformed header', [1, 0, 0x34, 0, 0]],
      ['malformed header', [1, 0, 0x42, 1, 0, 0]],
      ['malformed header', [1, 0, 0x0b, 1, 0, 0, 0]],
      ['empty delete', [1, 0, 1, 0, 1]],
      ['counter out of range', [1, 0, 9, 0]],
      ['counter out of range', [1, 0, 9, 100]],
      ['unknown replica', [1, 0, 13, 0, 0]],
      ['stamp out of range', [1, 0, 3, 1, 1, 0, 0]],
      ['unknown kind of value', [1, 0, 3, 1, 0, 0, 99]],
    ];
    for (const [reason, bytes] of wrong)
      expect(decodeListOps(Uint8Array.from(bytes), alice, 50), bytes.join()).toEqual({ ok: false, reason });
    expect(decodeListOps(Uint8Array.from([1, 0, 0x24, 0]), alice, counterMax)).toMatchObject({ ok: false });
    const endless: ListOp = {
      type: 'delete',
      id: { replicaId: alice, counter: 1 },
      target: { replicaId: bob, counter: 0 },
      length: 2 ** 40,
    };
    const decoded = decodeListOps(encodeListOps([endless], alice, 1), alice, 1);
    expect(decoded).toEqual({ ok: true, value: [endless] });
    const list = new List(contextOf('c'));
    list.apply(new List(contextOf('b')).localInsert(0, [1]));
    expect(list.apply([endless])).toEqual({ ok: false, reason: 'unknown element' });
  });

  test('[LIST10] ten thousand damaged lists of operations throw nothing, and what is refused changes nothing', () => {
    const { base, ops } = example();
    const good = encodeListOps(ops, alice, 100);
    const reader = () => {
      const context = contextOf('c');
      const x = new List(context);
      x.apply(base);
      return { x, context };
    };
    const outcomes = damageOps(listKind, good, { replicaId: alice, first: 100 }, reader, 10_000);
    // The damage must be small enough to reach what it is meant to test.
    for (const count of Object.values(outcomes)) expect(count).toBeGreaterThan(250);
  }, 60_000);
});

describe('a list as bytes', () => {
  test('[LIST10] ten thousand damaged states throw nothing; what is taken is in its one form', () => {
    const { list } = example();
    const outcomes = damageState(listKind, encodeList(list), contextOf('c'), 10_000);
    expect(outcomes.refused).toBeGreaterThan(1000);
    expect(outcomes.taken).toBeGreaterThan(500);
  }, 60_000);

  test('[LIST10] deleted elements cost a reader nothing, however many the bytes claim', () => {
    // One replica, one stretch of 2^40 slots at the root, no moves, nothing alive, nothing set, nothing moved.
    const claimed = [0, 128, 128, 128, 128, 128, 32, 0];
    const bytes = Uint8Array.from([1, 1, 0xb0, ...Array<number>(15).fill(0), 1, ...claimed, 0, 0, 0, 0]);
    const decoded = decodeList(bytes, contextOf('c'));
    expect(decoded.ok).toBe(true);
    if (decoded.ok) expect(decoded.value.length).toBe(0);
    // The same all alive: as many values would have to follow.
    const alive = Uint8Array.from([
      1,
      1,
      0xb0,
      ...Array<number>(15).fill(0),
      1,
      ...claimed,
      0,
      1,
      ...claimed,
      0,
      0,
    ]);
    expect(decodeList(alive, contextOf('c'))).toEqual({ ok: false, reason: 'short' });
  });

  test('[LIST10] what no list can be is refused', () => {
    const head = [1, 1, 0xb0, ...Array<number>(15).fill(0)];
    const wrong: [string, number[]][] = [
      ['unknown version', [2]],
      ['number too large', [1, 9]],
      ['replicas not sorted', [1, 2, ...Array<number>(32).fill(0)]],
      ['counter out of range', [...head, 1, 0, 0, 0, 0, 0, 0, 0]],
      // A stretch that hangs on itself, and one that hangs on nothing.
      ['a slot hangs nowhere', [...head, 1, 0, 1, 1, 0, 0, 0, 0, 0]],
      ['a slot hangs nowhere', [...head, 1, 0, 1, 1, 9, 0, 0, 0, 0]],
      ['unknown replica', [...head, 1, 0, 1, 3, 0, 0, 0, 0, 0]],
      ['unknown slot', [...head, 1, 0, 1, 0, 1, 4, 0, 0, 0]],
      ['unknown slot', [...head, 1, 0, 1, 0, 0, 1, 0, 2, 0, 0, 0, 0]],
      ['slot of two kinds', [...head, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 0, 0]],
      // Two stretches where one would do, and a replica that is not needed.
      ['not the one encoding', [...head, 2, 0, 1, 0, 0, 1, 1, 0, 0, 0, 0, 0]],
      ['not the one encoding', [...head, 0, 0, 0, 0, 0]],
      ['trailing bytes', [1, 0, 0, 0, 0]],
    ];
    for (const [reason, bytes] of wrong)
      expect(decodeList(Uint8Array.from(bytes), contextOf('c')), bytes.join()).toEqual({ ok: false, reason });
    expect(decodeList(Uint8Array.from([1, 0, 0, 0]), contextOf('c')).ok).toBe(true);
  });
});
