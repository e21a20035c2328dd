import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toHex } from '../../base/bytes.ts';
import { counterMax } from '../../base/limits.ts';
import { decodeTextOps, encodeTextOps } from './codec.ts';
import type { OpId } from '../context.ts';
import type { TextOp } from './messages.ts';
import { countersOf } from './op-log.ts';
import { Text } from './text.ts';
import { replicaId } from './text.model.ts';
import { checkTree } from './tree-check.model.ts';

const alice = replicaId('a');
const bob = replicaId('b');
const carol = replicaId('c');

/** A small history that uses every form: `ops` are alice's from counter 100 on. */
function example(): { ops: TextOp[]; base: TextOp[] } {
  const base = [
    ...new Text(bob, { next: 7 }).localInsert(0, 'twenty'),
    ...new Text(carol, { next: 0 }).localInsert(0, 'ü😀'),
  ];
  const counter = { next: 100 };
  const text = new Text(alice, counter);
  text.apply(base);
  const ops = [
    ...text.localInsert(0, 'a'),
    ...text.localInsert(1, 'b'),
    ...text.localInsert(4, 'c😀'),
    ...text.localInsert(text.length, 'the last of sixteen and more'),
    ...text.localDelete(0, 4),
    ...text.localDelete(5, 20),
    ...text.localInsert(0, 'x'.repeat(80)),
    ...text.localDelete(0, 70),
  ];
  return { ops, base };
}

const id = fc.record({ replicaId: fc.constantFrom(bob, carol), counter: fc.nat(counterMax) });
const shape = fc.oneof(
  fc.record({
    type: fc.constant('insert' as const),
    parent: fc.oneof(fc.constant(null), id, fc.integer({ min: 1, max: 60 })),
    left: fc.boolean(),
    text: fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }),
  }),
  fc.record({
    type: fc.constant('delete' as const),
    target: fc.oneof(id, fc.integer({ min: 1, max: 60 })),
    length: fc.integer({ min: 1, max: 2 ** 40 }),
  }),
);

describe('text operations as bytes', () => {
  test('[TEXT11] decoding gives back what was encoded', () => {
    fc.assert(
      fc.property(fc.array(shape, { maxLength: 30 }), shapes => {
        let counter = 60;
        const ops = shapes.map((each): TextOp => {
          const own: OpId = { replicaId: alice, counter };
          const resolve = (reference: OpId | number) =>
            typeof reference === 'number' ? { replicaId: alice, counter: counter - reference } : reference;
          let op: TextOp;
          if (each.type === 'delete')
            op = { type: 'delete', id: own, target: resolve(each.target), length: each.length };
          else {
            const parent = each.parent === null ? null : resolve(each.parent);
            op = {
              type: 'insert',
              id: own,
              parent,
              side: parent !== null && each.left ? 'left' : 'right',
              text: each.text,
            };
          }
          counter += countersOf([op]);
          return op;
        });
        expect(decodeTextOps(encodeTextOps(ops, alice, 60), alice, 60)).toEqual({ ok: true, value: ops });
      }),
      { numRuns: 300 },
    );
  });

  test('[TEXT11] the released bytes of version 1 stay what they are', () => {
    const { ops } = example();
    const bytes = encodeTextOps(ops, alice, 100);
    expect(decodeTextOps(bytes, alice, 100)).toEqual({ ok: true, value: ops });
    expect(toHex(bytes)).toMatchInlineSnapshot(
      `"0102b0000000000000000000000000000000c00000000000000000000000000000001e00076110625e000963f09f98800601021c746865206c617374206f66207369787465656e20616e64206d6f726509210b00070b000b0f01003d250c39507878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878014650"`,
    );
  });

  test('[TEXT11] the example of docs/protocols/text-operations.md is right', () => {
    const text = new Text(alice, { next: 100 });
    text.apply(new Text(bob, { next: 7 }).localInsert(0, 'twenty'));
    const ops = [...text.localInsert(0, 'a'), ...text.localInsert(1, 'b'), ...text.localDelete(1, 1)];
    expect(toHex(encodeTextOps(ops, alice, 100))).toBe(`0101${bob}1e00076110620501`);
  });

  test('[TEXT11] one keystroke after one’s own last character takes four bytes', () => {
    const text = new Text(alice, { next: 0 });
    text.localInsert(0, 'hell');
    expect(encodeTextOps(text.localInsert(4, 'o'), alice, 4)).toHaveLength(4);
  });

  test('[TEXT12] a length from outside is checked before anything is allocated or counted up to', () => {
    const endless = encodeTextOps(
      [
        {
          type: 'delete',
          id: { replicaId: alice, counter: 1 },
          target: { replicaId: alice, counter: 0 },
          length: 2 ** 40,
        },
      ],
      alice,
      1,
    );
    const decoded = decodeTextOps(endless, alice, 1);
    expect(decoded.ok).toBe(true);
    if (decoded.ok) expect(new Text(bob, { next: 0 }).apply(decoded.value)).toMatchObject({ ok: false });
    const wrong: [string, number[]][] = [
      ['short', []],
      ['unknown version', [2, 0]],
      ['short', [1]],
      ['number too large', [1, 200, 1]],
      ['number too large', [1, 255, 255, 255, 255, 7]],
      ['number too large', [1, 0, 0, 255, 255, 255, 255, 7]],
      ['empty text', [1, 0, 2, 0]],
      ['ill-formed UTF-8', [1, 0, 0x12, 0x80]],
      ['ill-formed UTF-8', [1, 0, 0x32, 0xed, 0xa0, 0x80]],
      ['malformed header', [1, 0, 0x18, 97]],
      ['malformed header', [1, 0, 0x1a, 97]],
      ['empty delete', [1, 0, 3, 0, 1]],
      ['counter out of range', [1, 0, 5, 0]],
      ['counter out of range', [1, 0, 5, 100]],
      ['unknown replica', [1, 0, 7, 0, 0]],
      ['replica named twice', [1, 1, 0xa0, ...Array<number>(15).fill(0)]],
    ];
    for (const [reason, bytes] of wrong)
      expect(decodeTextOps(Uint8Array.from(bytes), alice, 50)).toEqual({ ok: false, reason });
    expect(decodeTextOps(Uint8Array.from([1, 0, 0x12, 97]), alice, counterMax)).toMatchObject({ ok: false });
  });

  test('[TEXT12] twenty thousand damaged inputs throw nothing, and what is refused changes nothing', () => {
    const { ops, base } = example();
    const good = encodeTextOps(ops, alice, 100);
    const reader = (): Text => {
      const text = new Text(carol, { next: 1000 });
      text.apply(base);
      return text;
    };
    let text = reader();
    let decodedCount = 0;
    let appliedCount = 0;
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }),
        fc.oneof({ weight: 4, arbitrary: fc.constant(good.length) }, fc.nat(good.length)),
        (damage, length) => {
          const bytes = good.slice(0, length);
          for (const [place, byte] of damage) if (place < length) bytes[place] = byte;
          const decoded = decodeTextOps(bytes, alice, 100);
          if (!decoded.ok) return;
          decodedCount++;
          const before = text.toString();
          const runs = [...text.tree.blocks.all()].length;
          const applied = text.apply(decoded.value);
          if (applied.ok) {
            appliedCount++;
            checkTree(text.tree);
            text = reader();
          } else {
            expect(text.toString()).toBe(before);
            expect([...text.tree.blocks.all()].length).toBe(runs);
          }
        },
      ),
      { numRuns: 20_000 },
    );
    // The damage must be small enough to reach what it is meant to test.
    expect(decodedCount).toBeGreaterThan(1000);
    expect(appliedCount).toBeGreaterThan(100);
  }, 60_000);
});
