import { describe, expect, test } from 'vitest';
import { toHex } from '../../base/bytes.ts';
import { counterMax } from '../../base/limits.ts';
import { SeededRandom } from '../../base/random.ts';
import { HybridLogicalClock } from '../../clocks/hybrid-logical-clock.ts';
import type { Context, OpId } from '../context.ts';
import { damageOps, damageState } from '../testing/damage.model.ts';
import { replicaIdOf } from '../testing/world.model.ts';
import { decodeTreeOps, encodeTreeOps } from './codec.ts';
import type { TreeOp } from './messages.ts';
import { decodeTree, encodeTree } from './state-codec.ts';
import { Tree } from './tree.ts';
import { checkTree, editTree, treeKind, viewTree } from './tree.model.ts';

const alice = replicaIdOf('a');
const bob = replicaIdOf('b');

function contextOf(name: string, next = 0): Context {
  const clock = new HybridLogicalClock();
  return { replicaId: replicaIdOf(name), counter: { next }, stamp: over => clock.stampOver(over, 1000) };
}

/** A small history that uses every form: `ops` are alice's from counter 100 on, on top of `base`. */
function example(): { base: readonly TreeOp[]; ops: TreeOp[]; tree: Tree } {
  const ofBob = new Tree(contextOf('b', 7));
  const first = ofBob.localCreate({ parent: 'root', index: 0 }, { title: 'one' });
  const second = ofBob.localCreate({ parent: 'root', index: 1 });
  const b1 = first[0].id;
  const b2 = second[0].id;
  const base = [...first, ...second, ...ofBob.localMove(b2, { parent: b1, index: 0 })];
  const tree = new Tree(contextOf('a', 100));
  tree.apply(base);
  const made = tree.localCreate({ parent: b1, index: 1 }, { title: 'two', count: 2 });
  const a1 = made[0].id;
  const inner = tree.localCreate({ parent: a1, index: 0 });
  const ops = [
    ...made,
    ...inner,
    ...tree.localMove(b2, { parent: a1, index: 1 }),
    ...tree.localMove(a1, { parent: 'root', index: 0 }),
    ...tree.localMove(b1, { parent: inner[0].id, index: 0 }),
    ...tree.localDelete(b2),
    ...tree.localSet(b1, 'title'),
    ...tree.localSet(a1, 'title', 'three'),
  ];
  return { base, ops, tree };
}

describe('tree operations as bytes', () => {
  test('[TREE11] the released bytes of version 1 stay what they are', () => {
    const { ops, tree } = example();
    const bytes = encodeTreeOps(ops, alice, 100);
    expect(decodeTreeOps(bytes, alice, 100)).toEqual({ ok: true, value: ops });
    expect(toHex(bytes)).toMatchInlineSnapshot(
      `"0101b00000000000000000000000000000006c000a00070a01d00f00057469746c65060374776f0a02000105636f756e740302480303c104000900021d0007050003d9020300070004ad0009000900050600070006057469746c650a090007057469746c6506057468726565"`,
    );
    expect(toHex(encodeTree(tree))).toMatchInlineSnapshot(
      `"0102a0000000000000000000000000000000b0000000000000000000000000000000056401030a020201640001040700010268000103090307010001010307000104090468000000010ad00f050103640367020300006901006a00006b02000205636f756e740066d00f01010302057469746c65006d000701060574687265650101057469746c65006c00060001030004070064010101070001010905d00f01010a010904070002006801090364000300690064010004006a010703670005006b010902"`,
    );
    expect(encodeTree(tree).length).toBeGreaterThan(encodeTree(tree, false).length);
  });

  test('[TREE11] the example of docs/protocols/tree.md is right', () => {
    const ofBob = new Tree(contextOf('b', 7));
    const tree = new Tree(contextOf('a', 100));
    const [made] = ofBob.localCreate({ parent: 'root', index: 0 });
    tree.apply([made]);
    const ops = [
      ...tree.localCreate({ parent: made.id, index: 0 }, { title: 'x' }),
      ...tree.localDelete(made.id),
    ];
    expect(toHex(encodeTreeOps(ops, alice, 100))).toBe(
      `0101${bob}` + '6c00070007' + '0a01d00f00' + '057469746c65' + '060178' + 'a90200070001',
    );
  });

  test('[TREE12] a length from outside is checked before anything is allocated or counted up to', () => {
    const wrong: [string, number[]][] = [
      ['short', []],
      ['unknown version', [2, 0]],
      ['number too large', [1, 200, 1]],
      ['replica named twice', [1, 1, 0xa0, ...Array<number>(15).fill(0)]],
      ['unknown operation', [1, 0, 3]],
      ['malformed header', [1, 0, 0x10]],
      ['malformed header', [1, 0, 0x14]],
      ['malformed header', [1, 0, 0x24]],
      ['malformed header', [1, 0, 0x84]],
      ['malformed header', [1, 0, 0x12]],
      ['counter out of range', [1, 0, 0x08, 0]],
      ['counter out of range', [1, 0, 0x08, 100]],
      ['unknown replica', [1, 0, 0x64, 0, 0]],
      ['stamp out of range', [1, 0, 0x02, 1, 1, 0, 0]],
      ['number too large', [1, 0, 0x02, 1, 0, 0, 9, 97]],
      ['ill-formed UTF-8', [1, 0, 0x02, 1, 0, 0, 1, 0x80]],
      ['unknown kind of value', [1, 0, 0x0a, 1, 0, 0, 1, 97, 99]],
    ];
    for (const [reason, bytes] of wrong)
      expect(decodeTreeOps(Uint8Array.from(bytes), alice, 50), bytes.join()).toEqual({ ok: false, reason });
    expect(decodeTreeOps(Uint8Array.from([1, 0, 0x04]), alice, counterMax).ok).toBe(false);
  });

  test('[TREE12] twenty thousand damaged lists of operations throw nothing, and what is refused changes nothing', () => {
    const { base, ops } = example();
    const reader = () => {
      const context = contextOf('c');
      const x = new Tree(context);
      x.apply(base);
      return { x, context };
    };
    const good = encodeTreeOps(ops, alice, 100);
    const outcomes = damageOps(treeKind, good, { replicaId: alice, first: 100 }, reader, 20_000);
    // The damage must be small enough to reach what it is meant to test.
    for (const count of Object.values(outcomes)) expect(count).toBeGreaterThan(500);
  }, 60_000);
});

describe('a tree as bytes', () => {
  test('[TREE12] twenty thousand damaged states throw nothing; what is taken is in its one form', () => {
    const { tree } = example();
    for (const log of [true, false]) {
      const kind = {
        ...treeKind,
        encode: (x: Tree) => encodeTree(x, log),
        decode: (bytes: Uint8Array, context: Context) => {
          const decoded = decodeTree(bytes, context);
          if (decoded.ok) checkTree(decoded.value);
          return decoded;
        },
      };
      // Some of the damage makes one form the other.
      const same = { ...kind, encode: (x: Tree) => encodeTree(x, x.log.moves.length > 0 || log) };
      const outcomes = damageState(same, encodeTree(tree, log), contextOf('c'), 10_000);
      expect(outcomes.refused).toBeGreaterThan(1000);
      expect(outcomes.taken).toBeGreaterThan(100);
    }
  }, 60_000);

  test('[TREE12] what no tree can be is refused', () => {
    const head = [1, 1, 0xb0, ...Array<number>(15).fill(0)];
    // After the head: one stretch of slots at the root, slots of moves, and what the case is about.
    const one = [1, 0, 1, 0, 0];
    const two = [1, 0, 2, 0, 0];
    const moved = [1, 0, 2, 0, 1, 1];
    const stamp = [0, 0];
    const wrong: [string, number[]][] = [
      ['unknown version', [2]],
      ['unknown parent', [...head, ...one, 0, 0, 0, 0]],
      ['unknown node', [...head, ...one, 3, 9, 0, 0, 0]],
      ['unknown replica', [...head, ...one, 4, 0, 0, 0, 0]],
      ['a ring of nodes', [...head, ...one, 3, 0, 0, 0, 0]],
      ['a ring of nodes', [...head, ...two, 3, 1, 3, 0, 0, 0, 0]],
      ['short', [...head, 1, 0, 128, 128, 128, 128, 32, 0, 0, 1, 0, 0, 0]],
      ['unknown slot', [...head, 1, 0, 1, 0, 1, 5, ...stamp, 1, 0, 0, 0]],
      ['moved to no slot of a move', [...head, ...two, 1, 0, 1, 0, 0, 1, 0, 0]],
      ['unknown node', [...head, ...moved, ...stamp, 1, 1, 7, 0, 1, 0, 0]],
      ['malformed log', [...head, ...one, 1, 0, 0, 3]],
      ['no values', [...head, ...one, 1, 0, 1, 0, 0, 0]],
      // A log that says otherwise than the tree before it, that is not sorted, or later than the last stamp.
      ['not the one encoding', [...head, ...moved, ...stamp, 1, 0, 0, 1, 0, 1, 0, 0, 0, 1, 0, 0, 2]],
      ['stamp out of range', [...head, ...moved, ...stamp, 1, 0, 0, 1, 0, 1, 2, 0, 0, 1, 0, 0, 2]],
      ['log is settled', [...head, ...moved, ...stamp, 1, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 2]],
      ['not the one encoding', [...head, 0, 0, 0, 0, 0]],
    ];
    for (const [reason, bytes] of wrong)
      expect(decodeTree(Uint8Array.from(bytes), contextOf('c')), bytes.join()).toEqual({ ok: false, reason });
    expect(decodeTree(Uint8Array.from([...head, ...one, 1, 0, 0, 0]), contextOf('c')).ok).toBe(true);
  });

  test('[TREE8] [TREE11] a tree that settled, was saved and loaded takes late moves as if it had not been', () => {
    for (let seed = 0; seed < 60; seed++) {
      const random = new SeededRandom(seed);
      const types = ['create', 'move', 'move', 'move', 'delete', 'set'] as const;
      const edit = (tree: Tree, count: number) =>
        Array.from({ length: count }, () => {
          const [node, parent, index] = [random.below(99), random.below(99), random.below(9)];
          return editTree(tree, {
            type: types[random.below(6)] ?? 'move',
            node,
            parent,
            index,
            value: index,
          });
        }).flat();
      const [a, b] = [new Tree(contextOf('a')), new Tree(contextOf('b'))];
      b.apply(edit(a, 30));
      a.apply(edit(b, 30));
      const { last } = a.log;
      if (last !== undefined) for (const tree of [a, b]) tree.stable(last);
      const [ofA, ofB] = [edit(a, 20), edit(b, 20)];
      const loaded = decodeTree(encodeTree(a), contextOf('c'));
      if (!loaded.ok) throw new Error(loaded.reason);
      for (const tree of [a, loaded.value]) expect(tree.apply(ofB)).toMatchObject({ ok: true });
      b.apply(ofA);
      for (const tree of [a, b, loaded.value]) checkTree(tree);
      expect(viewTree(loaded.value)).toEqual(viewTree(b));
      for (const tree of [b, loaded.value]) expect(encodeTree(tree)).toEqual(encodeTree(a));
    }
  });

  test('[TREE8] [TREE11] a node that a late move sends back to its settled place is there for those who add behind it', () => {
    const a = new Tree(contextOf('a'));
    const made = ['x', 'q', 'y'].map((title, index) => a.localCreate({ parent: 'root', index }, { title }));
    const [x, q, y] = made.map(([{ id }]) => id) as [OpId, OpId, OpId];
    const base = [...made.flat(), ...a.localMove(x, { parent: 'root', index: 2 })];
    const b = new Tree(contextOf('b'));
    b.apply(base);
    const { last } = a.log;
    if (last === undefined) throw new Error('something was moved');
    a.stable(last);
    a.localMove(y, { parent: 'root', index: 0 });
    a.localMove(x, { parent: q, index: 0 });
    const loaded = decodeTree(encodeTree(a), contextOf('c'));
    if (!loaded.ok) throw new Error(loaded.reason);
    // Earlier than x's move into q, which now does nothing: x stays where it was settled, and z comes behind it.
    const late = b.localMove(q, { parent: x, index: 0 });
    const z = b.localCreate({ parent: 'root', index: 2 });
    for (const tree of [a, loaded.value]) {
      for (const ops of [late, z]) expect(tree.apply(ops)).toMatchObject({ ok: true });
      expect(tree.children('root')).toEqual([y, x, z[0].id]);
      checkTree(tree);
    }
  });
});
