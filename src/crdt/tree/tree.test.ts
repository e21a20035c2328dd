import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HybridLogicalClock } from '../../clocks/hybrid-logical-clock.ts';
import type { Context, OpId } from '../context.ts';
import { SeededRandom } from '../../base/random.ts';
import { plans } from '../testing/plan.model.ts';
import { replicaIdOf, World } from '../testing/world.model.ts';
import type { Parent, TreeOp } from './messages.ts';
import { encodeTree } from './state-codec.ts';
import { Tree } from './tree.ts';
import { checkTree, editTree, treeEdits, treeKind, treeLaws, viewTree } from './tree.model.ts';

function contextOf(name: string): Context {
  const clock = new HybridLogicalClock();
  let now = 1000;
  return { replicaId: replicaIdOf(name), counter: { next: 0 }, stamp: over => clock.stampOver(over, now++) };
}
function treeOf(name: string, ...ops: (readonly TreeOp[])[]): Tree {
  const tree = new Tree(contextOf(name));
  for (const each of ops) expect(tree.apply(each)).toMatchObject({ ok: true });
  return tree;
}

/** An outline as text: titles, children in brackets. */
function outline(tree: Tree, parent: Parent = 'root'): string {
  return tree
    .children(parent)
    .map(id => {
      const title = tree.get(id, 'title');
      const inner = outline(tree, id);
      return `${typeof title === 'string' ? title : '?'}${inner === '' ? '' : `(${inner})`}`;
    })
    .join(' ');
}

/** Makes `titles` in the root of `tree`; returns their ids and the operations. */
function make(tree: Tree, titles: string): { ids: OpId[]; ops: TreeOp[] } {
  const ids: OpId[] = [];
  const ops: TreeOp[] = [];
  for (const title of titles) {
    const made = tree.localCreate({ parent: 'root', index: tree.countIn('root') }, { title });
    ids.push(made[0].id);
    ops.push(...made);
  }
  return { ids, ops };
}

describe('tree', () => {
  test.each(treeLaws)(
    '[TREE1] [TREE2] [TREE9] $name: replicas end alike in any causal order, with repeats, saving and loading, and as the model says',
    ({ property }) => {
      fc.assert(property, { numRuns: 80 });
    },
  );

  test('[TREE3] two people who move two nodes into each other lose neither: the earlier move stands', () => {
    const a = treeOf('a');
    const { ids, ops } = make(a, 'xy');
    const [x, y] = ids as [OpId, OpId];
    const b = treeOf('b', ops);
    const ofA = a.localMove(x, { parent: y, index: 0 });
    const ofB = b.localMove(y, { parent: x, index: 0 });
    a.apply(ofB);
    b.apply(ofA);
    expect(outline(a)).toBe(outline(b));
    expect(['x(y)', 'y(x)']).toContain(outline(a));
    checkTree(a);
  });

  test('[TREE3] a late move that makes a later one impossible undoes that, and the other way round', () => {
    const a = treeOf('a');
    const { ids, ops } = make(a, 'xyz');
    const [x, y, z] = ids as [OpId, OpId, OpId];
    const b = treeOf('b', ops);
    const early = b.localMove(x, { parent: y, index: 0 });
    // Made with stamps above the early one's, not knowing it.
    a.localMove(z, { parent: 'root', index: 0 });
    a.localMove(z, { parent: 'root', index: 2 });
    const late = a.localMove(y, { parent: x, index: 0 });
    expect(outline(a)).toBe('x(y) z');
    const applied = a.apply(early);
    expect(outline(a)).toBe('y(x) z');
    expect(applied).toMatchObject({ ok: true, changes: [{ type: 'place' }, { type: 'place' }] });
    b.apply(late);
    // The moves of z did not reach b yet; where y and x are does not hang on them.
    expect(outline(b)).toBe('y(x) z');
  });

  test('[TREE4] what is deleted is in the trash with all that was put into it meanwhile, and comes back by a move', () => {
    const a = treeOf('a');
    const { ids, ops } = make(a, 'xy');
    const [x] = ids as [OpId];
    const b = treeOf('b', ops);
    const inner = b.localCreate({ parent: x, index: 0 }, { title: 'z' });
    const gone = a.localDelete(x);
    a.apply(inner);
    b.apply(gone);
    for (const tree of [a, b]) {
      expect(outline(tree)).toBe('y');
      expect(outline(tree, 'trash')).toBe('x(z)');
      expect(tree.isDeleted(inner[0].id)).toBe(true);
    }
    b.apply(a.localMove(x, { parent: 'root', index: 1 }));
    expect(outline(b)).toBe('y x(z)');
    expect(b.isDeleted(inner[0].id)).toBe(false);
    expect(b.localDelete(x)).toHaveLength(1);
    expect(b.localDelete(x)).toEqual([]);
  });

  test('[TREE5] siblings that two people add at one place at once are not interleaved, forwards or backwards', () => {
    for (const forwards of [true, false]) {
      const [a, b] = [treeOf('a'), treeOf('b')];
      const { ids, ops } = make(a, 'p');
      const [p] = ids as [OpId];
      b.apply(ops);
      const add = (tree: Tree, title: string) =>
        [0, 1, 2].flatMap(i => {
          const made = tree.localCreate({ parent: p, index: forwards ? i : 0 }, { title });
          // Each with something in it, as in an outline.
          return [...made, ...tree.localCreate({ parent: made[0].id, index: 0 }, { title: '-' })];
        });
      const [ofA, ofB] = [add(a, 'a'), add(b, 'b')];
      a.apply(ofB);
      b.apply(ofA);
      expect(outline(a)).toBe(outline(b));
      expect(['a(-) a(-) a(-) b(-) b(-) b(-)', 'b(-) b(-) b(-) a(-) a(-) a(-)']).toContain(outline(a, p));
    }
  });

  test('[TREE5] an index says where a node will be, among its new siblings', () => {
    const tree = treeOf('a');
    const { ids } = make(tree, 'vwxyz');
    const [v, w, x] = ids as [OpId, OpId, OpId];
    tree.localMove(v, { parent: 'root', index: 3 });
    expect(outline(tree)).toBe('w x y v z');
    tree.localMove(v, { parent: 'root', index: 0 });
    expect(outline(tree)).toBe('v w x y z');
    tree.localMove(x, { parent: w, index: 0 });
    tree.localMove(v, { parent: w, index: 0 });
    expect(outline(tree)).toBe('w(v x) y z');
    expect([...tree.walk()].map(({ depth }) => depth)).toEqual([0, 1, 1, 0, 0]);
    expect(tree.canMove(w, v)).toBe(false);
    expect(() => tree.localMove(w, { parent: v, index: 0 })).toThrow('not moved into itself');
  });

  test('[TREE6] of two values set at once the later stays, and taking one away is a write like others', () => {
    const a = treeOf('a');
    const { ids, ops } = make(a, 'x');
    const [x] = ids as [OpId];
    const b = treeOf('b', ops);
    const ofA = a.localSet(x, 'title', 'of a');
    const ofB = [...b.localSet(x, 'title', 'of b'), ...b.localSet(x, 'title')];
    a.apply(ofB);
    b.apply(ofA);
    expect([a.get(x, 'title'), b.get(x, 'title')]).toEqual([undefined, undefined]);
    b.apply(a.localSet(x, '__proto__', 1));
    expect([...b.values(x)]).toEqual([['__proto__', 1]]);
  });

  test('[TREE7] a move by someone who saw all others takes effect, however wrong the clocks that stamped them', () => {
    const a = treeOf('a');
    const { ids, ops } = make(a, 'xy');
    const [x, y] = ids as [OpId, OpId];
    const wrong = new Tree({ ...contextOf('f'), stamp: () => ({ wallMs: 2 ** 47, logical: 9 }) });
    wrong.apply(ops);
    a.apply(wrong.localMove(x, { parent: y, index: 0 }));
    wrong.apply(a.localMove(x, { parent: 'root', index: 0 }));
    wrong.apply(a.localMove(y, { parent: x, index: 0 }));
    expect(outline(a)).toBe('x(y)');
    expect(outline(wrong)).toBe('x(y)');
  });

  test('[TREE8] what is settled is forgotten: a move as old is refused, a repeat is not, and the tree stays what it is', () => {
    const a = treeOf('a');
    const { ids, ops } = make(a, 'xyz');
    const [x, y, z] = ids as [OpId, OpId, OpId];
    const b = treeOf('b', ops);
    const unseen = b.localMove(z, { parent: x, index: 0 });
    const first = a.localMove(x, { parent: y, index: 0 });
    const second = a.localMove(x, { parent: 'root', index: 0 });
    const before = viewTree(a);
    a.stable((second[0] as { stamp: { wallMs: number; logical: number } }).stamp);
    expect(a.log.moves).toHaveLength(0);
    expect(viewTree(a)).toEqual(before);
    expect(a.apply([...ops, ...first, ...second])).toEqual({ ok: true, changes: [] });
    expect(a.apply(unseen)).toEqual({ ok: false, reason: 'older than what is settled' });
    // What is made here from now on is later than what is settled.
    expect(b.apply([...first, ...second, ...a.localMove(y, { parent: x, index: 0 })])).toMatchObject({
      ok: true,
    });
    expect(a.log.moves).toHaveLength(1);
    checkTree(a);
  });

  test('[TREE8] [TREE11] replicas that settle at different times show the same, and write the same once they settled the same', () => {
    fc.assert(
      fc.property(
        plans(treeEdits, { peersMax: 4, stepsMax: 25 }),
        plans(treeEdits, { peersMax: 4, stepsMax: 25 }),
        (plan, more) => {
          // Compared without their logs, which are as long as each likes; so none goes on from the bytes.
          const kind = { ...treeKind, encode: (tree: Tree) => encodeTree(tree, false) };
          const goesOn = ({ type }: { type: string }) => type !== 'adopt' && type !== 'reload';
          const world = new World(kind, plan.peerCount).play(plan.steps.filter(goesOn));
          world.settle();
          const { last } = world.at(0).log;
          if (last === undefined) return;
          world.at(0).stable(last);
          world.play(more.steps.filter(goesOn)).settle();
          for (let peer = 1; peer < plan.peerCount; peer++) {
            expect(encodeTree(world.at(peer))).not.toEqual(encodeTree(world.at(0)));
            world.at(peer).stable(last);
            expect(encodeTree(world.at(peer))).toEqual(encodeTree(world.at(0)));
          }
        },
      ),
      { numRuns: 40 },
    );
  }, 60_000);

  test('[TREE10] what breaks a rule is refused whole, with a reason, wherever nodes are meanwhile', () => {
    const id = (name: string, counter: number) => ({ replicaId: replicaIdOf(name), counter });
    const place = { parent: null, side: 'right' as const };
    const stamp = { wallMs: 1, logical: 0 };
    const own = id('b', 0);
    // a0 and a2 are nodes, a1 and a3 their titles, a4 is the slot of a move.
    const make2 = () => {
      const a = treeOf('a');
      const { ids, ops } = make(a, 'xy');
      return { a, ids, ops: [...ops, ...a.localMove(ids[0] as OpId, { parent: ids[1] as OpId, index: 0 })] };
    };
    const node = id('a', 0);
    const bad: [string, TreeOp][] = [
      [
        'malformed replica id',
        { type: 'create', id: { replicaId: 'A' as never, counter: 1 }, parent: 'root', place },
      ],
      ['counter out of range', { type: 'create', id: id('b', 2 ** 48), parent: 'root', place }],
      ['counter out of range', { type: 'create', id: id('b', 0.5), parent: 'root', place }],
      ['unknown parent', { type: 'create', id: own, parent: 'trash' as 'root', place }],
      ['unknown parent', { type: 'create', id: own, parent: id('a', 4), place }],
      ['unknown parent', { type: 'create', id: own, parent: id('c', 0), place }],
      [
        'unknown parent',
        { type: 'create', id: own, parent: 'root', place: { parent: id('c', 0), side: 'left' } },
      ],
      [
        'left of the root',
        { type: 'create', id: own, parent: 'root', place: { parent: null, side: 'left' } },
      ],
      ['parent is not older', { type: 'create', id: own, parent: id('b', 0), place }],
      ['id already used', { type: 'create', id: id('a', 4), parent: 'root', place }],
      ['id already used', { type: 'create', id: id('a', 2), parent: 'root', place }],
      ['id already used', { type: 'move', id: id('a', 2), stamp, node, parent: 'root', place }],
      [
        'id already used',
        {
          type: 'move',
          id: id('a', 4),
          stamp,
          node,
          parent: 'root',
          place: { parent: id('a', 2), side: 'left' },
        },
      ],
      ['unknown node', { type: 'move', id: own, stamp, node: id('a', 4), parent: 'root', place }],
      ['unknown node', { type: 'move', id: own, stamp, node: id('a', 1), parent: 'root', place }],
      ['unknown parent', { type: 'move', id: own, stamp, node, parent: id('a', 3), place }],
      ['node is not older', { type: 'move', id: id('a', 0), stamp, node, parent: 'root', place }],
      [
        'stamp out of range',
        { type: 'move', id: own, stamp: { wallMs: -1, logical: 0 }, node, parent: 'root', place },
      ],
      [
        'stamp out of range',
        { type: 'set', id: own, stamp: { wallMs: 1, logical: 2 ** 40 }, node, key: 'k' },
      ],
      ['unknown node', { type: 'set', id: own, stamp, node: id('c', 0), key: 'k' }],
      ['node is not older', { type: 'set', id: id('a', 0), stamp, node, key: 'k' }],
    ];
    const good: TreeOp = { type: 'create', id: id('e', 0), parent: 'root', place };
    for (const [reason, op] of bad)
      for (const deleted of [false, true]) {
        const { a, ids, ops } = make2();
        if (deleted) a.localDelete(ids[1] as OpId);
        const before = viewTree(a);
        expect(a.apply([good, op]), JSON.stringify(op)).toEqual({ ok: false, reason });
        expect(viewTree(a)).toEqual(before);
        // In one list with what it builds on, the verdict is the same.
        expect(new Tree(contextOf('9')).apply([...ops, op]), JSON.stringify(op)).toEqual({
          ok: false,
          reason,
        });
      }
  }, 60_000);

  test('[TREE3] however many moves come late, they end as if they had come in order', () => {
    const a = treeOf('a');
    let seed = 11;
    const next = (below: number) => (seed = (seed * 48_271) % 2_147_483_647) % below;
    const ops: TreeOp[] = [];
    for (let i = 0; i < 60; i++)
      ops.push(...editTree(a, { type: 'create', node: 0, parent: next(50), index: next(9), value: i }));
    const others = ['b', 'c', 'd', 'e'].map(name => treeOf(name, ops));
    const logs = others.map(tree =>
      Array.from({ length: 150 }, () =>
        editTree(tree, {
          type: next(9) === 0 ? 'delete' : 'move',
          node: next(99),
          parent: next(99),
          index: next(9),
          value: 0,
        }),
      ).flat(),
    );
    const orders = [logs, [...logs].reverse()].map((order, i) => treeOf(i === 0 ? '7' : '8', ops, ...order));
    const [first, second] = orders as [Tree, Tree];
    const atOnce = treeOf('6', ops, logs.flat());
    expect(viewTree(second)).toEqual(viewTree(first));
    expect(viewTree(atOnce)).toEqual(viewTree(first));
    expect(first.log.moves.some(({ before }) => before === undefined)).toBe(true);
    checkTree(first);
  }, 60_000);

  test('[TREE5] a thousand siblings keep their order, whoever adds, moves and deletes', () => {
    const random = new SeededRandom(3);
    const [a, b] = [treeOf('a'), treeOf('b')];
    const order: OpId[] = [];
    for (let i = 0; i < 1500; i++) {
      const kind = i < 600 ? 0 : random.below(3);
      const from = random.below(order.length + 1);
      const node = order[from];
      if (kind === 0 || node === undefined) {
        const index = random.below(3) === 0 ? order.length : random.below(order.length + 1);
        const made = a.localCreate({ parent: 'root', index });
        order.splice(index, 0, made[0].id);
        b.apply(made);
      } else if (kind === 1) {
        order.splice(from, 1);
        const index = random.below(order.length + 1);
        order.splice(index, 0, node);
        b.apply(a.localMove(node, { parent: 'root', index }));
      } else if (random.below(3) === 0) {
        order.splice(from, 1);
        b.apply(a.localDelete(node));
      }
    }
    for (const tree of [a, b]) {
      expect(tree.children('root')).toEqual(order);
      checkTree(tree);
    }
  }, 60_000);
});
