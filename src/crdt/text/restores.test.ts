import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compareOpIds } from '../context.ts';
import type { OpId } from '../context.ts';
import type { RestoreOp, TextOp } from './messages.ts';
import { Restores } from './restores.ts';
import { Text } from './text.ts';
import { replicaId } from './text.model.ts';

const alice = replicaId('a');
const bob = replicaId('b');
const at = (counter: number, who = alice): OpId => ({ replicaId: who, counter });
const restore = (id: OpId, ...ranges: [OpId, number][]): RestoreOp => ({
  type: 'restore',
  id,
  ranges: ranges.map(([target, length]) => ({ target, length })),
});
const key = (id: OpId) => `${id.replicaId}.${String(id.counter)}`;

describe('what restored characters are now', () => {
  const targets = fc.array(fc.tuple(fc.nat(40), fc.integer({ min: 1, max: 8 })), {
    minLength: 1,
    maxLength: 3,
  });

  test('[RESTORE2] [RESTORE3] pieces that overlap, in any order, are followed as one character at a time would be', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.boolean(), targets), { maxLength: 12 }),
        fc.infiniteStream(fc.nat()),
        (plan, picks) => {
          let next = 50;
          // Each brings back some of the oldest characters, or of those that the one before brought back.
          const ops = plan.map(([again, ranges], i) => {
            const total = ranges.reduce((sum, [, length]) => sum + length, 0);
            const base = again ? Math.max(0, next - 40) : 0;
            const who = again ? (i % 2 === 0 ? bob : alice) : replicaId('0');
            next += total + 1;
            const id = at(next - 1, i % 2 === 0 ? alice : bob);
            return restore(
              id,
              ...ranges.map(([from, length]): [OpId, number] => [at(base + from, who), length]),
            );
          });
          const model = new Map<string, OpId>();
          for (const { id, ranges } of ops) {
            let counter = id.counter - ranges.reduce((sum, { length }) => sum + length, 0);
            for (const { target, length } of ranges)
              for (let i = 0; i < length; i++, counter++) {
                const from = key(at(target.counter + i, target.replicaId));
                const to = at(counter, id.replicaId);
                const known = model.get(from);
                if (known === undefined || compareOpIds(to, known) < 0) model.set(from, to);
              }
          }
          const end = (id: OpId, passed: readonly string[] = []): OpId | undefined => {
            const to = model.get(key(id));
            if (to === undefined) return id;
            // The obvious way has no answer for a circle, which honest replicas cannot make.
            return passed.includes(key(id)) ? undefined : end(to, [...passed, key(id)]);
          };
          const shuffled = [...ops].sort(() => (picks.next().value % 3) - 1);
          const [one, two] = [new Restores(), new Restores()];
          for (const op of ops) one.add(op);
          for (const op of shuffled) two.add(op);
          for (const op of ops) expect(two.add(op)).toBe(false);
          expect([...two.all()]).toEqual([...one.all()]);
          for (const who of [replicaId('0'), alice, bob]) {
            for (let counter = 0; counter < next; counter++) {
              const wanted = end(at(counter, who));
              const found = one.current(at(counter, who));
              if (wanted !== undefined) expect(found).toEqual(wanted);
              expect(two.current(at(counter, who))).toEqual(found);
            }
            const resolved = one.resolve({ target: at(0, who), length: next });
            const units = resolved.flatMap(({ target, length }) =>
              [...Array(length).keys()].map(i => at(target.counter + i, target.replicaId)),
            );
            expect(units).toEqual([...Array(next).keys()].map(counter => one.current(at(counter, who))));
          }
        },
      ),
      { numRuns: 40 },
    );
  }, 60_000);

  test('[RESTORE2] a circle, which only replicas that break the rules together can make, ends at its first id', () => {
    const restores = new Restores();
    restores.add(restore(at(11), [at(5, bob), 1]));
    restores.add(restore(at(6, bob), [at(10), 1]));
    restores.add(restore(at(21), [at(3, bob), 1], [at(10), 0]));
    expect(restores.current(at(5, bob))).toEqual(at(10));
    expect(restores.current(at(10))).toEqual(at(10));
    expect(restores.resolve({ target: at(5, bob), length: 1 })).toEqual([{ target: at(10), length: 1 }]);
  });

  test('[RESTORE2] a chain of a hundred thousand is walked once', () => {
    const restores = new Restores();
    for (let i = 0; i < 100_000; i++)
      restores.add(restore(at(2 * i + 2), [at(2 * i - 1 < 0 ? 0 : 2 * i - 1), 1]));
    let steps = 0;
    for (let i = 1; i < 100_000; i++) if (restores.current(at(2 * i - 1)).counter === 199_999) steps++;
    expect(steps).toBe(99_999);
  });
});

describe('refusing', () => {
  const base: TextOp[] = [
    { type: 'insert', id: at(0, bob), parent: null, side: 'right', text: 'abc😀' },
    { type: 'insert', id: at(0), parent: null, side: 'right', text: 'xyz😀' },
  ];
  const mark = (parts: object): TextOp => ({
    ...{ type: 'mark', id: at(5), name: 'bold', value: true, stamp: { wallMs: 1, logical: 0 } },
    ...{ start: { id: at(0), assoc: 1 }, end: { id: at(1, bob), assoc: -1 } },
    ...parts,
  });
  const bad: [string, TextOp][] = [
    ['unknown target', restore(at(5), [at(5, bob), 1])],
    ['unknown target', restore(at(5), [at(0, replicaId('c')), 1])],
    ['unknown target', restore(at(6), [at(0, bob), 1])],
    ['unknown target', restore(at(5, replicaId('c')), [at(0, bob), 1])],
    ['target is not older', restore(at(5), [at(3), 2])],
    ['target out of range', restore(at(5), [at(0), 2 ** 40])],
    ['target out of range', restore(at(5), [at(0, bob), 2 ** 40])],
    ['target out of range', restore(at(5), [at(0, bob), 0])],
    ['target out of range', restore(at(5), [at(0, bob), 6])],
    ['splits a surrogate pair', restore(at(5), [at(3, bob), 1])],
    ['splits a surrogate pair', restore(at(5), [at(2, bob), 1])],
    ['empty restore', restore(at(5))],
    ['counter out of range', restore(at(-1), [at(0, bob), 1])],
    ['malformed replica id', restore({ replicaId: 'x' as typeof bob, counter: 5 }, [at(0, bob), 1])],
    ['mark without a name', mark({ name: '' })],
    ['name too long', mark({ name: 'x'.repeat(257) })],
    ['name too long', mark({ name: 'ü'.repeat(129) })],
    ['lone surrogate', mark({ name: 'x\ud83d' })],
    ['stamp out of range', mark({ stamp: { wallMs: -1, logical: 0 } })],
    ['stamp out of range', mark({ stamp: { wallMs: 1, logical: 0.5 } })],
    ['mark of nothing', mark({ start: { id: null, assoc: 1 } })],
    ['mark of nothing', mark({ end: { id: null, assoc: -1 } })],
    ['unknown target', mark({ end: { id: at(5, bob), assoc: -1 } })],
    ['target out of range', mark({ end: { id: at(-1, bob), assoc: -1 } })],
    ['target is not older', mark({ start: { id: at(5), assoc: 1 } })],
    ['splits a surrogate pair', mark({ start: { id: at(4), assoc: 1 } })],
    ['splits a surrogate pair', mark({ end: { id: at(3, bob), assoc: -1 } })],
    ['counter out of range', mark({ id: at(-1) })],
    ['counter out of range', { type: 'unknown', id: at(5), kind: 9, counters: 0, bytes: new Uint8Array() }],
  ];

  test('[TEXT6] [MARK1] [RESTORE1] what breaks a rule is refused with the whole list and leaves no trace', () => {
    for (const [reason, op] of bad) {
      const text = new Text(replicaId('f'), { next: 0 });
      text.apply(base);
      const good: TextOp = { type: 'delete', id: at(7, bob), target: at(0), length: 1 };
      expect(text.apply([good, op])).toEqual({ ok: false, reason });
      expect(text.apply([op])).toEqual({ ok: false, reason });
      expect(text.toString()).toBe('xyz😀abc😀');
      expect(text.extras).toBeUndefined();
    }
  });

  test('[MARK1] [RESTORE1] operations may build on others of the same list', () => {
    const text = new Text(replicaId('f'), { next: 0 });
    const ops: TextOp[] = [
      ...base,
      mark({}),
      { type: 'delete', id: at(6), target: at(0), length: 1 },
      { type: 'insert', id: at(7), parent: at(0), side: 'left', text: 'X' },
      restore(at(8), [at(0), 1]),
    ];
    expect(text.apply(ops)).toEqual({
      ok: true,
      changes: [
        { from: 0, to: 0, insert: 'abc😀' },
        { from: 0, to: 0, insert: 'xyz😀' },
        { from: 0, to: 1, insert: 'X' },
      ],
      marks: [{ from: 0, to: 7 }],
    });
    expect(text.spans().map(({ from, to }) => [from, to])).toEqual([
      [0, 7],
      [7, 10],
    ]);
    expect(text.apply(ops)).toEqual({ ok: true, changes: [] });
  });

  test('[MARK1] a mark whose end is not behind its start covers nothing', () => {
    const text = new Text(replicaId('f'), { next: 0 });
    const inverted = mark({ start: { id: at(1, bob), assoc: 1 }, end: { id: at(0), assoc: -1 } });
    expect(text.apply([...base, inverted])).toMatchObject({ ok: true });
    expect(text.spans()).toHaveLength(1);
    expect(text.spans()[0]?.marks.size).toBe(0);
  });
});
