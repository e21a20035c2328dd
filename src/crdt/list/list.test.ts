import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HybridLogicalClock } from '../../clocks/hybrid-logical-clock.ts';
import type { Context } from '../context.ts';
import { replicaIdOf, World } from '../testing/world.model.ts';
import { List } from './list.ts';
import { checkList, listEdits, listKind, listLaws, ModelList, type ListEdit } from './list.model.ts';
import type { ListOp } from './messages.ts';

function contextOf(name: string): Context {
  const clock = new HybridLogicalClock();
  return { replicaId: replicaIdOf(name), counter: { next: 0 }, stamp: over => clock.stampOver(over, 1000) };
}
const listOf = (name: string, ...ops: (readonly ListOp[])[]): List => {
  const list = new List(contextOf(name));
  for (const each of ops) expect(list.apply(each)).toMatchObject({ ok: true });
  return list;
};

describe('list', () => {
  test.each(listLaws)(
    '[LIST1] [LIST4] [LIST8] $name: replicas end alike in any causal order, with repeats, saving and loading, and as the model says',
    ({ property }) => {
      fc.assert(property, { numRuns: 100 });
    },
  );

  test('[LIST1] the model and the engine agree on which element is where, not only on its value', () => {
    fc.assert(
      fc.property(fc.array(listEdits, { maxLength: 30 }), plan => {
        const list = new List(contextOf('a'));
        const model = new ModelList();
        for (const edit of plan) for (const op of listKind.edit(list, edit)) model.apply(op);
        const ids = Array.from({ length: list.length }, (_, index) => {
          const { replicaId, counter } = list.idAt(index);
          return `${replicaId}.${String(counter)}`;
        });
        expect(ids).toEqual(model.entries().map(({ id }) => id));
      }),
    );
  }, 60_000);

  test('[LIST2] values inserted at one place at once are not interleaved, forwards or backwards', () => {
    for (const forwards of [true, false]) {
      const [a, b] = [listOf('a'), listOf('b')];
      const type = (list: List, values: readonly string[]) =>
        values.flatMap((value, i) => list.localInsert(forwards ? i : 0, [value]));
      const ofA = type(a, ['a', 'a', 'a']);
      const ofB = type(b, ['b', 'b', 'b']);
      a.apply(ofB);
      b.apply(ofA);
      expect(a.toArray()).toEqual(b.toArray());
      expect(['aaabbb', 'bbbaaa']).toContain(a.toArray().map(String).join(''));
    }
  });

  test('[LIST4] two people who move one element at once have it once, where the later put it', () => {
    const a = listOf('a');
    const start = a.localInsert(0, ['x', 1, 2, 3]);
    const b = listOf('b', start);
    const ofA = a.localMove(0, 1);
    const ofB = b.localMove(0, 3);
    const again = b.localMove(3, 2);
    a.apply([...ofB, ...again]);
    b.apply(ofA);
    expect(a.toArray()).toEqual([1, 2, 'x', 3]);
    expect(b.toArray()).toEqual([1, 2, 'x', 3]);
  });

  test('[LIST4] a moved element keeps what others set meanwhile, and its id', () => {
    const a = listOf('a');
    const start = a.localInsert(0, ['old', 1, 2]);
    const b = listOf('b', start);
    const id = a.idAt(0);
    const ofA = a.localMove(0, 2);
    const ofB = b.localSet(0, 'new');
    a.apply(ofB);
    b.apply(ofA);
    expect(a.toArray()).toEqual([1, 2, 'new']);
    expect(b.toArray()).toEqual([1, 2, 'new']);
    expect([a.indexOf(id), b.indexOf(id)]).toEqual([2, 2]);
  });

  test('[LIST5] what is deleted stays deleted, whatever was moved or set at the same time', () => {
    const a = listOf('a');
    const start = a.localInsert(0, ['x', 'y']);
    const b = listOf('b', start);
    const ofA = a.localDelete(0, 1);
    const ofB = [...b.localMove(0, 1), ...b.localSet(1, 'z'), ...b.localInsert(2, ['after'])];
    a.apply(ofB);
    b.apply(ofA);
    expect(a.toArray()).toEqual(['y', 'after']);
    expect(b.toArray()).toEqual(['y', 'after']);
    expect(a.apply([...start, ...ofA, ...ofB])).toEqual({ ok: true, changes: [] });
  });

  test('[LIST6] one operation inserts many, and one deletes what one inserted', () => {
    const a = listOf('a');
    const values = Array.from({ length: 100_000 }, (_, i) => i);
    const inserted = a.localInsert(0, values);
    expect(inserted).toHaveLength(1);
    const b = listOf('b', inserted);
    expect(b.get(99_999)).toBe(99_999);
    const moved = b.localMove(50_000, 0);
    const deleted = b.localDelete(1, 99_999);
    expect(deleted).toHaveLength(2);
    a.apply([...moved, ...deleted]);
    expect(a.toArray()).toEqual([50_000]);
    checkList(a);
  }, 60_000);

  test('[LIST3] a write replaces what its writer saw, however wrong the clock that wrote that', () => {
    const a = listOf('a');
    const start = a.localInsert(0, ['x', 1, 2]);
    const wrong: Context = {
      ...contextOf('f'),
      stamp: () => ({ wallMs: 2 ** 47, logical: 5 }),
    };
    const f = new List(wrong);
    f.apply(start);
    a.apply([...f.localMove(0, 2), ...f.localSet(2, 'wrong')]);
    const ofA = [...a.localMove(2, 1), ...a.localSet(1, 'right')];
    f.apply(ofA);
    expect(f.toArray()).toEqual([1, 'right', 2]);
  });

  test('[LIST7] what breaks a rule is refused whole, with a reason, whatever was deleted meanwhile', () => {
    const id = (name: string, counter: number) => ({ replicaId: replicaIdOf(name), counter });
    const root = { parent: null, side: 'right' as const };
    const stamp = { wallMs: 1, logical: 0 };
    const make = () => {
      const a = listOf('a');
      // a0 and a1 are elements; a2 and a3 are slots of moves of a0, which is in a3.
      const ops = [...a.localInsert(0, ['x', 'y']), ...a.localMove(0, 1), ...a.localMove(1, 0)];
      return { a, ops };
    };
    const bad: [string, ListOp][] = [
      [
        'malformed replica id',
        { type: 'insert', id: { replicaId: 'b' as never, counter: 0 }, place: root, values: [1] },
      ],
      ['no values', { type: 'insert', id: id('b', 0), place: root, values: [] }],
      ['counter out of range', { type: 'insert', id: id('b', 2 ** 48 - 1), place: root, values: [1, 2] }],
      ['counter out of range', { type: 'insert', id: id('b', -1), place: root, values: [1] }],
      ['left of the root', { type: 'insert', id: id('b', 0), place: { ...root, side: 'left' }, values: [1] }],
      [
        'unknown parent',
        { type: 'insert', id: id('b', 0), place: { parent: id('c', 0), side: 'left' }, values: [1] },
      ],
      ['id already used', { type: 'insert', id: id('a', 1), place: root, values: [1] }],
      ['id already used', { type: 'insert', id: id('a', 2), place: root, values: [1] }],
      ['id already used', { type: 'move', id: id('a', 1), stamp, element: id('a', 0), place: root }],
      ['unknown element', { type: 'move', id: id('b', 0), stamp, element: id('a', 2), place: root }],
      ['unknown element', { type: 'move', id: id('b', 0), stamp, element: id('a', 3), place: root }],
      ['unknown element', { type: 'set', id: id('b', 0), stamp, element: id('a', 4), value: 1 }],
      ['unknown element', { type: 'set', id: id('b', 0), stamp, element: id('c', 4), value: 1 }],
      ['unknown element', { type: 'delete', id: id('b', 0), target: id('a', 1), length: 2 }],
      ['unknown element', { type: 'delete', id: id('b', 0), target: id('a', 0), length: 2 ** 40 }],
      ['element is not older', { type: 'delete', id: id('a', 1), target: id('a', 0), length: 2 }],
      ['element out of range', { type: 'delete', id: id('b', 0), target: id('a', 2 ** 48), length: 1 }],
      [
        'stamp out of range',
        { type: 'set', id: id('b', 0), stamp: { wallMs: 0.5, logical: 0 }, element: id('a', 0), value: 1 },
      ],
      [
        'stamp out of range',
        { type: 'move', id: id('b', 0), stamp: { wallMs: 1, logical: -1 }, element: id('a', 0), place: root },
      ],
    ];
    for (const [reason, op] of bad) {
      for (const empty of [false, true]) {
        const { a, ops } = make();
        if (empty) a.localDelete(0, 2);
        const before = a.toArray();
        const good: ListOp = { type: 'insert', id: id('e', 0), place: root, values: ['good'] };
        expect(a.apply([good, op]), JSON.stringify(op)).toEqual({ ok: false, reason });
        expect(a.toArray()).toEqual(before);
        // In one list with what it builds on, the verdict is the same.
        if (!empty)
          expect(new List(contextOf('9')).apply([...ops, op]), JSON.stringify(op)).toEqual({
            ok: false,
            reason,
          });
      }
    }
  }, 60_000);

  test('[LIST1] a world of five with hundreds of edits ends alike', () => {
    const world = new World(listKind, 5);
    const types = ['insert', 'move', 'set', 'move', 'delete', 'insert'] as const;
    let seed = 7;
    const next = (below: number) => (seed = (seed * 48_271) % 2_147_483_647) % below;
    for (let i = 0; i < 160; i++) {
      const edit: ListEdit = {
        type: types[next(6)] ?? 'insert',
        at: next(500),
        to: next(500),
        values: [i, i + 0.5],
      };
      world.step({ type: 'edit', peer: next(5), edits: [edit], gap: next(2) });
      if (next(3) === 0) world.step({ type: 'sync', peer: next(5), other: next(5), limit: 20 });
    }
    world.settle();
  }, 60_000);
});
