import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toHex } from '../../base/bytes.ts';
import { counterMax, stampLogicalMax, stampWallMsMax } from '../../base/limits.ts';
import type { OpId } from '../context.ts';
import type { Value } from '../value.ts';
import { decodeTextOps, encodeTextOps } from './codec.ts';
import type { RelativePosition, TextOp } from './messages.ts';
import { countersOf, mergeOps } from './op-log.ts';
import { Text } from './text.ts';
import { replicaId } from './text.model.ts';

const alice = replicaId('a');
const bob = replicaId('b');
const carol = replicaId('c');

const anyId = fc.oneof(
  fc.record({ replicaId: fc.constantFrom(bob, carol), counter: fc.nat(counterMax - 1) }),
  fc.record({ replicaId: fc.constant(alice), counter: fc.nat(59) }),
);
const place = (limit: -1 | 1): fc.Arbitrary<RelativePosition> =>
  fc.oneof(
    fc.constant({ id: null, assoc: limit }),
    fc.record({ id: anyId, assoc: fc.constantFrom(-1 as const, 1 as const) }),
  );
const value = fc.constantFrom<Value>(
  null,
  true,
  'url',
  3,
  { size: 2, tags: ['x', null] },
  new Uint8Array([1]),
);
const shape = fc.oneof(
  fc.record({
    type: fc.constant('mark' as const),
    start: place(-1),
    end: place(1),
    name: fc.string({ minLength: 1, maxLength: 40, unit: 'grapheme' }),
    value,
    stamp: fc.record({ wallMs: fc.nat(stampWallMsMax), logical: fc.nat(stampLogicalMax) }),
  }),
  fc.record({
    type: fc.constant('restore' as const),
    ranges: fc.array(fc.record({ target: anyId, length: fc.nat(2 ** 40) }), { maxLength: 6 }),
  }),
  fc.record({
    type: fc.constant('unknown' as const),
    kind: fc.constantFrom(0, 3, 77, 2 ** 40),
    counters: fc.integer({ min: 1, max: 300 }),
    bytes: fc.uint8Array({ maxLength: 30 }),
  }),
  fc.record({
    type: fc.constant('delete' as const),
    target: anyId,
    length: fc.integer({ min: 1, max: 200 }),
  }),
);
const section = fc.array(shape, { maxLength: 12 }).map(shapes => {
  let counter = 60;
  return shapes.map((each): TextOp => {
    const op = { ...each, id: { replicaId: alice, counter } };
    counter += countersOf([op]);
    return op;
  });
});

/** What the example of the protocol's document does. */
function example(): TextOp[] {
  const text = new Text(alice, { next: 0 }, { stamp: () => ({ wallMs: 12, logical: 0 }) });
  text.localInsert(0, 'abcd');
  return [
    ...text.localMark(1, 3, 'bold', true),
    ...text.localDelete(1, 2),
    ...text.localRestore([{ id: { replicaId: alice, counter: 1 }, text: 'bc' }]),
  ];
}

describe('other operations as bytes', () => {
  test('[TEXT11] [EXT1] decoding gives back what was encoded, joined or not', () => {
    fc.assert(
      fc.property(section, ops => {
        for (const each of [ops, mergeOps(ops)]) {
          const bytes = encodeTextOps(each, alice, 60);
          expect(decodeTextOps(bytes, alice, 60)).toEqual({ ok: true, value: each });
          expect(countersOf(each)).toBe(countersOf(ops));
        }
      }),
      { numRuns: 300 },
    );
  });

  test('[TEXT11] the example of docs/protocols/text-operations.md is right', () => {
    const bytes =
      '0100' + '010001010f0001000301000104626f6c640c0002' + '0904' + '2c066263' + '01000201050001000802';
    expect(toHex(encodeTextOps(example(), alice, 4))).toBe(bytes);
  });

  test('[TEXT11] the released bytes stay what they are, other replicas’ characters included', () => {
    const at = (replica: typeof bob, counter: number): OpId => ({ replicaId: replica, counter });
    const ops: TextOp[] = [
      {
        ...{ type: 'mark', id: at(alice, 300), name: 'comment:ü', value: { by: 'bob', at: -1.5 } },
        ...{ start: { id: at(bob, 1000), assoc: -1 }, end: { id: at(carol, 2), assoc: 1 } },
        stamp: { wallMs: 1_790_000_000_000, logical: 5 },
      },
      {
        ...{ type: 'restore', id: at(alice, 301) },
        ranges: [
          { target: at(carol, 9), length: 200 },
          { target: at(alice, 7), length: 1 },
        ],
      },
      { type: 'unknown', id: at(alice, 302), kind: 200, counters: 130, bytes: Uint8Array.of(1, 2, 3) },
    ];
    const bytes = encodeTextOps(ops, alice, 300);
    expect(decodeTextOps(bytes, alice, 300)).toEqual({ ok: true, value: ops });
    expect(toHex(bytes)).toMatchInlineSnapshot(
      `"0100010001015002b0000000000000000000000000000000c00000000000000000000000000000000201e8070102020a636f6d6d656e743ac3bc80d8c1a28c3405090202617405bff80000000000000262790603626f62010002011a01c0000000000000000000000000000000020109c80100a602010100c801820103010203"`,
    );
  });

  test('[EXT1] an unknown operation is kept, changes nothing, and goes on unharmed', () => {
    const bytes = Uint8Array.from([1, 0, 0x12, 97, 1, 0, 99, 7, 2, 255, 0, 0x10, 98]);
    const decoded = decodeTextOps(bytes, alice, 0);
    expect(decoded).toEqual({
      ok: true,
      value: [
        { type: 'insert', id: { replicaId: alice, counter: 0 }, parent: null, side: 'right', text: 'a' },
        {
          ...{ type: 'unknown', id: { replicaId: alice, counter: 1 }, kind: 99, counters: 7 },
          bytes: Uint8Array.of(255, 0),
        },
        {
          ...{ type: 'insert', id: { replicaId: alice, counter: 8 }, side: 'right', text: 'b' },
          parent: { replicaId: alice, counter: 7 },
        },
      ],
    });
    if (!decoded.ok) return;
    expect(encodeTextOps(mergeOps(decoded.value), alice, 0)).toEqual(bytes);
    const text = new Text(bob, { next: 0 });
    const known = decoded.value.slice(0, 2);
    expect(text.apply([...known, ...known])).toEqual({
      ok: true,
      changes: [{ from: 0, to: 0, insert: 'a' }],
    });
    expect(text.extras?.unknown()).toEqual([decoded.value[1]]);
    expect(text.toString()).toBe('a');
  });

  test('[TEXT12] a payload of a known type that is not to the letter is refused', () => {
    const wrong: [string, number[]][] = [
      ['no counters', [9, 0, 0]],
      ['counter out of range', [9, 255, 255, 255, 255, 255, 255, 63, 0]],
      ['number too large', [9, 1, 5, 0]],
      ['short', [9, 1]],
      ['number too large', [9, 255, 255, 255, 255, 255, 255, 255, 3, 0]],
      ['wrong number of counters', [1, 2, 8, 0, 0, 0, 1, 97, 1, 0, 2]],
      ['mark without a name', [1, 1, 7, 0, 0, 0, 0, 1, 0, 2]],
      ['trailing bytes', [1, 1, 9, 0, 0, 0, 1, 97, 1, 0, 2, 0]],
      ['number too large', [1, 1, 6, 0, 0, 0, 200, 9, 97]],
      ['unknown kind of value', [1, 1, 8, 0, 0, 0, 1, 97, 1, 0, 99]],
      ['malformed place', [1, 1, 9, 0, 3, 1, 0, 1, 97, 1, 0, 2]],
      ['number too large', [1, 1, 10, 0, 1, 1, 1, 0, 1, 97, 1, 0, 2]],
      ['reference is not older', [1, 1, 10, 0, 1, 0, 0, 0, 1, 97, 1, 0, 2]],
      ['number too large', [1, 1, 10, 0, 1, 0, 51, 0, 1, 97, 1, 0, 2]],
      ['number too large', [1, 1, 14, 0, 0, 0, 1, 97, 255, 255, 255, 255, 255, 255, 127, 0, 2]],
      ['number too large', [2, 1, 3, 0, 99, 0]],
      ['short', [2, 1, 3, 0, 1, 0]],
    ];
    for (const [reason, bytes] of wrong)
      expect(decodeTextOps(Uint8Array.from([1, 0, 1, 0, ...bytes]), alice, 50)).toEqual({
        ok: false,
        reason,
      });
  });

  test('[TEXT12] five thousand damaged inputs throw nothing, and what is refused leaves no trace', () => {
    const good = encodeTextOps(example(), alice, 4);
    let applied = 0;
    let refused = 0;
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { minLength: 1, maxLength: 3 }),
        damage => {
          const bytes = good.slice();
          for (const [at, byte] of damage) bytes[at] = byte;
          const ops = decodeTextOps(bytes, alice, 4);
          if (!ops.ok) return;
          expect(decodeTextOps(encodeTextOps(ops.value, alice, 4), alice, 4)).toEqual(ops);
          const text = new Text(bob, { next: 0 });
          text.apply(new Text(alice, { next: 0 }).localInsert(0, 'abcd'));
          const result = text.apply(ops.value);
          if (result.ok) {
            applied++;
            expect(text.spans().reduce((sum, { from, to }) => sum + to - from, 0)).toBe(text.length);
          } else {
            refused++;
            expect(text.toString()).toBe('abcd');
            expect(text.extras).toBeUndefined();
          }
        },
      ),
      { numRuns: 5_000 },
    );
    expect(applied).toBeGreaterThan(40);
    expect(refused).toBeGreaterThan(40);
  }, 60_000);
});
