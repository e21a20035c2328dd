import { expect, test } from 'vitest';
import { fromHex, toHex } from '../../base/bytes.ts';
import { counterMax, stampLogicalMax, stampWallMsMax } from '../../base/limits.ts';
import { lastHybridTime } from '../../clocks/hybrid-logical-clock.ts';
import type { OpId } from '../context.ts';
import { damageOps, damageState } from '../testing/damage.model.ts';
import { contextOf, replicaIdOf } from '../testing/world.model.ts';
import type { Value } from '../value.ts';
import {
  decodeLWWOps,
  decodeLWWRegister,
  decodeMVOps,
  decodeMVRegister,
  encodeLWWOps,
  encodeLWWRegister,
  encodeMVOps,
  encodeMVRegister,
} from './codec.ts';
import { LWWRegister } from './lww-register.ts';
import type { LWWSetOp, MVSetOp } from './messages.ts';
import { MVRegister } from './mv-register.ts';
import { lwwRegisterKind, mvRegisterKind } from './registers.model.ts';

const alice = replicaIdOf('a');
const bob = replicaIdOf('b');
const carol = replicaIdOf('c');
const own = (counter: number): OpId => ({ replicaId: alice, counter });
const bobs = (counter: number): OpId => ({ replicaId: bob, counter });

const lwwOps: readonly LWWSetOp[] = [
  { type: 'set', id: own(100), stamp: { wallMs: 1_800_000_000_000, logical: 2 }, value: 'a', overwrites: [] },
  { type: 'set', id: own(101), stamp: lastHybridTime, value: 5, overwrites: [bobs(7)] },
];
const mvOps: readonly MVSetOp[] = [
  { type: 'set', id: own(100), value: 'a', overwrites: [] },
  { type: 'set', id: own(101), value: 5, overwrites: [bobs(7)] },
];
const lastStamp = 'ffffffffffff3f' + '8080808010';

test('[REG13] the released bytes of version 1 stay what they are', () => {
  const lwwBytes = encodeLWWOps(lwwOps, alice, 100);
  expect(toHex(lwwBytes)).toBe('01' + '80a0f1c2b13402060161' + `${lastStamp}01${bob}070305`);
  expect(decodeLWWOps(lwwBytes, alice, 100)).toEqual({ ok: true, value: lwwOps });
  const mvBytes = encodeMVOps(mvOps, alice, 100);
  expect(toHex(mvBytes)).toBe(`0101${bob}00060161` + '0101070305');
  expect(decodeMVOps(mvBytes, alice, 100)).toEqual({ ok: true, value: mvOps });

  const lww = new LWWRegister(contextOf(carol));
  expect(toHex(encodeLWWRegister(lww))).toBe('0100');
  lww.apply(lwwOps.slice(0, 1));
  expect(toHex(encodeLWWRegister(lww))).toBe(`010180a0f1c2b13402${alice}64060161`);
  lww.apply([{ ...lwwOps[1]!, id: bobs(7), overwrites: [] }, lwwOps[1]!]);
  expect(toHex(encodeLWWRegister(lww))).toBe(`010202${alice}66010305${bob}0800`);
  const mv = new MVRegister(contextOf(carol));
  expect(toHex(encodeMVRegister(mv))).toBe('0100');
  mv.apply([{ ...mvOps[0]!, id: bobs(7) }, ...mvOps, { ...mvOps[0]!, id: bobs(9) }]);
  expect(toHex(encodeMVRegister(mv))).toBe(`0102${alice}66010305${bob}0a01060161`);
});

test('[REG13] what is not in its one form is refused', () => {
  const reasonOf = (decoded: { readonly ok: boolean }) => (decoded as { readonly reason?: string }).reason;
  const lwwOpsOf = (hex: string) => reasonOf(decodeLWWOps(fromHex(hex), alice, 5));
  expect(lwwOpsOf('')).toBe('short');
  expect(lwwOpsOf('00')).toBe('unknown version');
  expect(lwwOpsOf('010102')).toBe('short');
  expect(lwwOpsOf('01ffffffffffff7f0100')).toBe('number too large');
  expect(lwwOpsOf('0101' + '8180808010' + '00')).toBe('number too large');
  expect(lwwOpsOf(`01${lastStamp}7f00`)).toBe('number too large');
  expect(lwwOpsOf(`01${lastStamp}0000`)).toBeUndefined();
  expect(reasonOf(decodeLWWOps(fromHex('01000000'), alice, counterMax))).toBe('counter out of range');
  const mvOpsOf = (hex: string) => reasonOf(decodeMVOps(fromHex(hex), alice, 5));
  expect(mvOpsOf('0100010000' + '00')).toBe('reference is not older');
  expect(mvOpsOf('0100010006' + '00')).toBe('number too large');
  expect(mvOpsOf('0100010101' + '00')).toBe('number too large');

  const lww = (hex: string) => reasonOf(decodeLWWRegister(fromHex(hex), contextOf(carol)));
  expect(lww('0103')).toBe('unknown state');
  expect(lww('0200')).toBe('unknown version');
  expect(lww('010000')).toBe('trailing bytes');
  expect(lww(`0101${lastStamp}${alice}0000`)).toBe('last stamp without siblings');
  expect(lww('010200')).toBe('no value left');
  const mv = (hex: string) => reasonOf(decodeMVRegister(fromHex(hex), contextOf(carol)));
  expect(mv(`0101${alice}0100`)).toBe('no value left');
  expect(mv(`0101${alice}010200`)).toBe('malformed flag');
  expect(mv(`0101${alice}000100`)).toBe('empty entry');
  expect(mv(`0102${bob}010100${alice}010100`)).toBe('replicas not sorted');
  expect(mv('01ff7f')).toBe('number too large');
});

test('[REG13] a hundred thousand damaged inputs throw nothing, and what is refused changes nothing', () => {
  const values: readonly Value[] = ['a', 'bc', 5, -7, 0.5, null, ['x', 1], { k: 'v' }];
  const author = { replicaId: alice, first: 100 };
  const plainOps = values.map((value, i): LWWSetOp => {
    const stamp = { wallMs: 1_800_000_000_000 + i, logical: i };
    return { type: 'set', id: own(100 + i), stamp, value, overwrites: [] };
  });
  const lastOps = plainOps.map((op, i): LWWSetOp => {
    return { ...op, stamp: lastHybridTime, overwrites: i % 2 === 0 ? [] : [bobs(7), own(100)] };
  });
  const mvAll = lastOps.map(({ type, id, value, overwrites }): MVSetOp => ({ type, id, value, overwrites }));
  const lwwReader = (ops: readonly LWWSetOp[]) => () => {
    const context = contextOf(carol, 50);
    const x = new LWWRegister(context);
    x.apply(ops);
    return { x, context };
  };
  const plain = lwwReader([{ ...plainOps[0]!, id: bobs(3) }]);
  const last = lwwReader([
    { ...lastOps[0]!, id: bobs(7) },
    { ...lastOps[2]!, id: { replicaId: carol, counter: 3 } },
    { ...lastOps[4]!, id: own(4), overwrites: [bobs(7)] },
  ]);
  const many = () => {
    const context = contextOf(carol, 50);
    const x = new MVRegister(context);
    x.apply([
      { ...mvAll[0]!, id: bobs(7) },
      { ...mvAll[2]!, id: own(4) },
    ]);
    x.apply([{ ...mvAll[4]!, id: { replicaId: carol, counter: 9 }, overwrites: [own(4)] }]);
    return { x, context };
  };
  const outcomes = [
    damageOps(lwwRegisterKind, encodeLWWOps(plainOps, alice, 100), author, plain, 15_000),
    damageOps(lwwRegisterKind, encodeLWWOps(lastOps, alice, 100), author, last, 20_000),
    damageOps(mvRegisterKind, encodeMVOps(mvAll, alice, 100), author, many, 20_000),
    damageState(lwwRegisterKind, encodeLWWRegister(plain().x), contextOf(carol), 15_000),
    damageState(lwwRegisterKind, encodeLWWRegister(last().x), contextOf(carol), 15_000),
    damageState(mvRegisterKind, encodeMVRegister(many().x), contextOf(carol), 15_000),
  ];
  // The damage must be small enough to reach what it is meant to test.
  for (const { refused, taken } of outcomes) {
    expect(refused).toBeGreaterThan(500);
    expect(taken).toBeGreaterThan(500);
  }
  expect(outcomes[1]?.refusedByState).toBeGreaterThan(100);
  expect(outcomes[2]?.refusedByState).toBeGreaterThan(100);
  expect([stampWallMsMax, stampLogicalMax]).toEqual([2 ** 48 - 1, 2 ** 32]);
}, 60_000);
