import { expect, test } from 'vitest';
import { fromHex, toHex } from '../../base/bytes.ts';
import { counterMax } from '../../base/limits.ts';
import type { OpId } from '../context.ts';
import { damageOps, damageState } from '../testing/damage.model.ts';
import { contextOf, replicaIdOf } from '../testing/world.model.ts';
import type { Value } from '../value.ts';
import {
  decodeGSetOps,
  decodeORSetOps,
  decodeTwoPhaseSetOps,
  encodeORSetOps,
  encodeSetOps,
} from './codec.ts';
import { GSet } from './g-set.ts';
import type { ORSetOp, TwoPhaseSetOp } from './messages.ts';
import { ORSet } from './or-set.ts';
import { gSetKind, orSetKind, twoPhaseSetKind } from './sets.model.ts';
import {
  decodeGSet,
  decodeORSet,
  decodeTwoPhaseSet,
  encodeGSet,
  encodeORSet,
  encodeTwoPhaseSet,
} from './state-codec.ts';
import { TwoPhaseSet } from './two-phase-set.ts';

const alice = replicaIdOf('a');
const bob = replicaIdOf('b');
const own = (counter: number): OpId => ({ replicaId: alice, counter });
const bobs = (counter: number): OpId => ({ replicaId: bob, counter });

const twoPhaseOps: readonly TwoPhaseSetOp[] = [
  { type: 'add', id: own(100), value: 'a' },
  { type: 'remove', id: own(101), value: 5 },
];
const orOps: readonly ORSetOp[] = [
  { type: 'add', id: own(100), value: 'a' },
  { type: 'remove', id: own(101), dots: [own(100), bobs(7)] },
  { type: 'add', id: own(102), value: 5 },
];

test('[SET11] the released bytes of version 1 stay what they are', () => {
  const bytes = encodeSetOps(twoPhaseOps, alice, 100);
  expect(toHex(bytes)).toBe('010006016101' + '0305');
  expect(decodeTwoPhaseSetOps(bytes, alice, 100)).toEqual({ ok: true, value: twoPhaseOps });
  const orBytes = encodeORSetOps(orOps, alice, 100);
  expect(toHex(orBytes)).toBe(`0101${bob}000601610102000101070003` + '05');
  expect(decodeORSetOps(orBytes, alice, 100)).toEqual({ ok: true, value: orOps });

  const twoPhase = new TwoPhaseSet(contextOf(alice));
  twoPhase.apply(twoPhaseOps);
  expect(toHex(encodeTwoPhaseSet(twoPhase))).toBe('0101060161010305');
  const growing = new GSet(contextOf(alice));
  for (const value of ['b', 'a', null]) growing.localAdd(value);
  expect(toHex(encodeGSet(growing))).toBe('010300060161060162');
  const set = new ORSet(contextOf(alice, 200));
  set.apply([{ type: 'add', id: bobs(7), value: 'b' }, ...orOps]);
  set.localAdd('z');
  set.apply([{ type: 'add', id: bobs(8), value: 'z' }]);
  expect(toHex(encodeORSet(set))).toBe(
    `0102${alice}c901${bob}09` + '02' + '0305010066' + '06017a0200c8010108',
  );
});

test('[SET11] what is not in its one form is refused', () => {
  const refused = (hex: string, decode: (bytes: Uint8Array) => { readonly ok: boolean }) =>
    decode(fromHex(hex)) as { readonly ok: boolean; readonly reason?: string };
  const twoPhase = (hex: string) => refused(hex, bytes => decodeTwoPhaseSetOps(bytes, alice, 5)).reason;
  const orOpsOf = (hex: string) => refused(hex, bytes => decodeORSetOps(bytes, alice, 5)).reason;
  expect(twoPhase('')).toBe('short');
  expect(twoPhase('02')).toBe('unknown version');
  expect(twoPhase('0102')).toBe('unknown operation');
  expect(refused('01010305', bytes => decodeGSetOps(bytes, alice, 5)).reason).toBe('unknown operation');
  expect(refused('01000305', bytes => decodeGSetOps(bytes, alice, counterMax)).reason).toBe(
    'counter out of range',
  );
  expect(orOpsOf('01000100')).toBe('empty removal');
  expect(orOpsOf('0100010100')).toBe('short');
  expect(orOpsOf('010001010000')).toBe('reference is not older');
  expect(orOpsOf('010001010006')).toBe('number too large');
  expect(orOpsOf('010001010100')).toBe('number too large');
  expect(orOpsOf('0100' + '01ffffffff0f')).toBe('number too large');
  expect(orOpsOf(`0101${alice}`)).toBe('replica named twice');
  expect(orOpsOf(`0102${bob}${bob}`)).toBe('replica named twice');
  expect(orOpsOf('01ff01')).toBe('number too large');

  const gSet = (hex: string) => refused(hex, bytes => decodeGSet(bytes, contextOf(alice))).reason;
  expect(gSet('0102060162060161')).toBe('values not sorted');
  expect(gSet('0102060161060161')).toBe('values not sorted');
  expect(gSet('01020305038500')).toBe('not the shortest form');
  expect(gSet('01ffff03')).toBe('number too large');
  expect(refused('010103050103' + '05', bytes => decodeTwoPhaseSet(bytes, contextOf(alice))).reason).toBe(
    'added and removed',
  );

  const orSet = (hex: string) => refused(hex, bytes => decodeORSet(bytes, contextOf(alice))).reason;
  const seen = `0102${alice}05${bob}05`;
  expect(orSet(`${seen}0100020004` + '0104')).toBe(undefined);
  expect(orSet(`${seen}010000`)).toBe('value without a dot');
  expect(orSet(`${seen}01000101` + '05')).toBe('dot not seen');
  expect(orSet(`${seen}0100010204`)).toBe('unknown replica');
  expect(orSet(`${seen}01000201040004`)).toBe('dots not sorted');
  expect(orSet(`${seen}01000200040003`)).toBe('dots not sorted');
  expect(orSet(`${seen}0200010004` + '01010004')).toBe('dot at two values');
  expect(orSet(`0101${alice}0000`)).toBe('empty entry');
  expect(orSet(`0102${bob}05${alice}0500`)).toBe('replicas not sorted');
});

test('[SET11] a hundred thousand damaged inputs throw nothing, and what is refused changes nothing', () => {
  const values: readonly Value[] = [
    'a',
    'bc',
    5,
    -7,
    0.5,
    null,
    true,
    ['x', 1],
    { k: 'v' },
    Uint8Array.of(1, 2),
  ];
  const author = { replicaId: alice, first: 100 };
  const reader =
    <X>(make: (context: ReturnType<typeof contextOf>) => X) =>
    () => {
      const context = contextOf(bob, 50);
      return { x: make(context), context };
    };
  const growing = reader(context => {
    const set = new GSet(context);
    for (const value of values.slice(3)) set.localAdd(value);
    return set;
  });
  const twoPhase = reader(context => {
    const set = new TwoPhaseSet(context);
    for (const value of values) set.localAdd(value);
    for (const value of values.slice(6)) set.localRemove(value);
    return set;
  });
  const comesAndGoes = reader(context => {
    const set = new ORSet(context);
    for (const value of values) set.localAdd(value);
    set.apply(values.slice(4).map((value, i) => ({ type: 'add', id: own(2 * i), value })));
    set.localRemove('bc');
    return set;
  });
  const adds = values.map((value, i): TwoPhaseSetOp & { type: 'add' } => ({
    type: 'add',
    id: own(100 + i),
    value,
  }));
  const mixed = adds.map((op, i): TwoPhaseSetOp => (i % 3 === 0 ? { ...op, type: 'remove' } : op));
  const observed = adds.map((op, i): ORSetOp =>
    i % 2 === 0 ? op : { type: 'remove', id: op.id, dots: [own(99 + i), bobs(50 + i), own(2)] },
  );
  const outcomes = [
    damageOps(gSetKind, encodeSetOps(adds, alice, 100), author, growing, 10_000),
    damageOps(twoPhaseSetKind, encodeSetOps(mixed, alice, 100), author, twoPhase, 10_000),
    damageOps(orSetKind, encodeORSetOps(observed, alice, 100), author, comesAndGoes, 20_000),
    damageState(gSetKind, encodeGSet(growing().x), contextOf(bob), 15_000),
    damageState(twoPhaseSetKind, encodeTwoPhaseSet(twoPhase().x), contextOf(bob), 15_000),
    damageState(orSetKind, encodeORSet(comesAndGoes().x), contextOf(bob), 30_000),
  ];
  // The damage must be small enough to reach what it is meant to test.
  for (const { refused, taken } of outcomes) {
    expect(refused).toBeGreaterThan(500);
    expect(taken).toBeGreaterThan(500);
  }
  expect(outcomes[2]?.refusedByState).toBeGreaterThan(100);
}, 60_000);
