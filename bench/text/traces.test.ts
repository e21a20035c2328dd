import { describe, expect, test } from 'vitest';
import { CharacterIndex } from './character-index.ts';
import { planOf } from './plan.ts';
import { prepare, repeated } from './traces.ts';

describe('traces', () => {
  test('a sequential trace is one replica, with positions as they are', () => {
    const trace = prepare('t', {
      endContent: 'abc',
      txns: [{ patches: [[0, 0, 'ac']] }, { patches: [[1, 0, 'b']] }],
    });
    expect(trace).toMatchObject({ concurrent: false, replicas: 1, patches: 2, start: '' });
    expect(trace.inCharacters).toBeUndefined();
    expect(trace.transactions[1]).toEqual({ replica: 0, fetch: [], patches: [[1, 0, 'b']] });
  });

  test('positions in characters become positions in code units, also behind the start content', () => {
    const trace = prepare('t', {
      startContent: 'a😀b',
      endContent: 'a🚀c',
      txns: [
        {
          patches: [
            [3, 0, 'c'],
            [1, 2, '🚀'],
          ],
        },
      ],
    });
    expect(trace.transactions[0]?.patches).toEqual([
      [4, 0, 'c'],
      [1, 3, '🚀'],
    ]);
    expect(trace.inCharacters?.[0]?.patches).toEqual([
      [3, 0, 'c'],
      [1, 2, '🚀'],
    ]);
  });

  test('positions of a concurrent trace are relative to what its parents say', () => {
    const trace = prepare('t', {
      kind: 'concurrent',
      endContent: '😀x😀y',
      txns: [
        { parents: [], agent: 0, patches: [[0, 0, '😀😀']] },
        { parents: [0], agent: 0, patches: [[1, 0, 'x']] },
        { parents: [0], agent: 1, patches: [[2, 0, 'y']] },
      ],
    });
    expect(trace.transactions.map(({ patches }) => patches[0]?.[0])).toEqual([0, 2, 4]);
  });

  test('a trace that does not end as it says is refused', () => {
    expect(() => prepare('t', { endContent: '😀', txns: [{ patches: [[0, 0, '😀!']] }] })).toThrow(
      /end as recorded/,
    );
  });

  test('ten times over, each time before what is there', () => {
    const trace = prepare('t', { endContent: 'ab', txns: [{ patches: [[0, 0, 'ab']] }] });
    expect(repeated(trace, 3)).toMatchObject({ end: 'ababab', patches: 3 });
  });
});

describe('plans', () => {
  test('a merge of several parents fetches everything that is not known yet, the older first', () => {
    const plan = planOf([
      { parents: [], agent: 0 },
      { parents: [0], agent: 1 },
      { parents: [0], agent: 2 },
      { parents: [2], agent: 2 },
      { parents: [1, 3], agent: 0 },
    ]);
    expect(plan.steps[4]).toEqual({ replica: 0, fetch: [1, 2, 3] });
    expect(plan.fetchLast).toEqual([[], [2, 3, 4], [1, 4]]);
  });

  test('an agent that is concurrent with itself becomes two replicas', () => {
    const plan = planOf([
      { parents: [], agent: 0 },
      { parents: [0], agent: 0 },
      { parents: [0], agent: 0 },
      { parents: [1], agent: 0 },
    ]);
    expect(plan.replicas).toBe(2);
    expect(plan.steps.map(({ replica }) => replica)).toEqual([0, 0, 1, 0]);
    expect(plan.steps[2]?.fetch).toEqual([0]);
  });

  test('a parent that is not older is refused', () => {
    expect(() => planOf([{ parents: [1] }, { parents: [0] }])).toThrow(/not before it/);
  });
});

test('a character index agrees with counting from the start', () => {
  const index = new CharacterIndex('x😀'.repeat(2000));
  let text = 'x😀'.repeat(2000);
  for (let i = 0; i < 300; i++) {
    const characters = Array.from(text);
    const position = (i * 7919) % characters.length;
    const deleted = i % 3 === 0 ? Math.min(i, characters.length - position) : 0;
    const inserted = '🚀y'.repeat(i % 50);
    const from = characters.slice(0, position).join('').length;
    const length = characters.slice(position, position + deleted).join('').length;
    expect(index.unitsBefore(position)).toBe(from);
    index.splice(from, length, inserted);
    text = text.slice(0, from) + inserted + text.slice(from + length);
    expect(index.toString() === text).toBe(true);
  }
});
