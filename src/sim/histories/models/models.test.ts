import { describe, expect, test } from 'vitest';
import type { Model } from '../operation.ts';
import { appendModel, type AppendInput } from './append.ts';
import { casModel, type CasInput } from './compare-and-set.ts';
import { lockModel, type LockInput, type LockOutput } from './lock.ts';
import { queueModel } from './queue.ts';
import { registerModel, type RegisterInput } from './register.ts';

/** The state after the operations, one after the other, or which of them cannot have its answer. */
function after<State, Input, Output>(
  model: Model<State, Input, Output>,
  operations: readonly (readonly [Input, Output | undefined])[],
): State | string {
  let state = model.initial;
  for (const [place, [input, output]] of operations.entries()) {
    const next = model.step(state, input, output);
    if (next === undefined) return `not ${place}`;
    state = next;
  }
  return state;
}

const key = 'k';

describe('register', () => {
  const write = (value: number): RegisterInput => ({ type: 'write', key, value });
  test('a read gives what was written last, null before', () => {
    expect(
      after(registerModel, [
        [
          { type: 'read', key },
          { type: 'value', value: null },
        ],
      ]),
    ).toBe(null);
    const written = [
      [write(1), { type: 'written' }],
      [write(2), undefined],
    ] as const;
    expect(
      after(registerModel, [
        ...written,
        [
          { type: 'read', key },
          { type: 'value', value: 2 },
        ],
      ]),
    ).toBe(2);
    expect(
      after(registerModel, [
        ...written,
        [
          { type: 'read', key },
          { type: 'value', value: 1 },
        ],
      ]),
    ).toBe('not 2');
  });

  test('a number and its text, and null and its text, are different values', () => {
    const keys = [1, '1', null, 'null'].map(value => registerModel.stateKey(value));
    expect(new Set(keys).size).toBe(4);
  });
});

describe('compare-and-set', () => {
  const cas = (from: number, to: number): CasInput => ({ type: 'cas', key, from, to });
  const one = [{ type: 'write', key, value: 1 }, { type: 'written' }] as const;
  test('it swaps exactly where the value is the expected one', () => {
    expect(after(casModel, [one, [cas(1, 2), { type: 'swapped' }]])).toBe(2);
    expect(after(casModel, [one, [cas(1, 2), { type: 'refused' }]])).toBe('not 1');
    expect(after(casModel, [one, [cas(3, 2), { type: 'refused' }]])).toBe(1);
    expect(after(casModel, [one, [cas(3, 2), { type: 'swapped' }]])).toBe('not 1');
  });

  test('without an answer it does what it would have done', () => {
    expect(after(casModel, [one, [cas(1, 2), undefined]])).toBe(2);
    expect(after(casModel, [one, [cas(3, 2), undefined]])).toBe(1);
  });

  test('an answer of another kind is impossible', () => {
    expect(after(casModel, [[{ type: 'read', key }, { type: 'swapped' }]])).toBe('not 0');
    expect(after(casModel, [[cas(1, 2), { type: 'written' }]])).toBe('not 0');
  });
});

describe('key-value append', () => {
  const append = (value: string): AppendInput => ({ type: 'append', key, value });
  test('appends gather, a put replaces, a get gives all', () => {
    const text = [
      [append('a'), { type: 'done' }],
      [append('b'), undefined],
    ] as const;
    expect(after(appendModel, text)).toBe('ab');
    expect(
      after(appendModel, [
        ...text,
        [{ type: 'put', key, value: 'c' }, { type: 'done' }],
        [append('d'), { type: 'done' }],
      ]),
    ).toBe('cd');
    expect(
      after(appendModel, [
        ...text,
        [
          { type: 'get', key },
          { type: 'value', value: 'ba' },
        ],
      ]),
    ).toBe('not 2');
    expect(
      after(appendModel, [
        [
          { type: 'get', key },
          { type: 'value', value: '' },
        ],
      ]),
    ).toBe('');
  });
});

describe('lock with tokens', () => {
  const acquire: LockInput = { type: 'acquire', lock: key };
  const granted = (token: number): [LockInput, LockOutput] => [acquire, { type: 'granted', token }];
  const release = (token: number, type: 'released' | 'stale'): [LockInput, LockOutput] => [
    { type: 'release', lock: key, token },
    { type },
  ];
  const check = (token: number, type: 'held' | 'stale'): [LockInput, LockOutput] => [
    { type: 'check', lock: key, token },
    { type },
  ];

  test('one holds it at a time', () => {
    expect(after(lockModel, [granted(1), granted(2)])).toBe('not 1');
    expect(after(lockModel, [granted(1), [acquire, { type: 'refused' }]])).toMatchObject({ holder: 1 });
    expect(after(lockModel, [[acquire, { type: 'refused' }]])).toBe('not 0');
    expect(after(lockModel, [granted(1), release(1, 'released'), granted(2)])).toMatchObject({ holder: 2 });
  });

  test('tokens rise, with gaps or without', () => {
    expect(after(lockModel, [granted(4), release(4, 'released'), granted(4)])).toBe('not 2');
    expect(after(lockModel, [granted(4), release(4, 'released'), granted(3)])).toBe('not 2');
    expect(after(lockModel, [granted(4), release(4, 'released'), granted(9)])).toMatchObject({ holder: 9 });
  });

  test('an old token is stale, to release by as to ask about', () => {
    const second = [granted(1), release(1, 'released'), granted(2)];
    expect(
      after(lockModel, [...second, release(1, 'stale'), check(1, 'stale'), check(2, 'held')]),
    ).toMatchObject({ holder: 2 });
    expect(after(lockModel, [...second, release(1, 'released')])).toBe('not 3');
    expect(after(lockModel, [...second, check(1, 'held')])).toBe('not 3');
  });

  test('a token nobody was told of lies above the last, so the next lies above that', () => {
    const lost = [granted(1), release(1, 'released'), [acquire, undefined]] as const;
    expect(after(lockModel, [...lost, granted(5)])).toBe('not 3');
    expect(after(lockModel, [...lost, [acquire, { type: 'refused' }]])).toMatchObject({ holder: 'unknown' });
    expect(after(lockModel, [...lost, release(1, 'released')])).toBe('not 3');
    // Whoever ends its lease may name it.
    expect(after(lockModel, [...lost, release(2, 'released'), granted(2)])).toBe('not 4');
    expect(after(lockModel, [...lost, release(2, 'released'), granted(3)])).toMatchObject({ holder: 3 });
  });
});

describe('queue', () => {
  const enqueue = (value: number) => [{ type: 'enqueue', queue: key, value }, { type: 'enqueued' }] as const;
  const dequeue = (value: number) =>
    [
      { type: 'dequeue', queue: key },
      { type: 'dequeued', value },
    ] as const;
  test('first in, first out, and empty only when it is', () => {
    expect(after(queueModel, [enqueue(1), enqueue(2), dequeue(1)])).toEqual([2]);
    expect(after(queueModel, [enqueue(1), enqueue(2), dequeue(2)])).toBe('not 2');
    expect(after(queueModel, [dequeue(1)])).toBe('not 0');
    expect(after(queueModel, [enqueue(1), [{ type: 'dequeue', queue: key }, { type: 'empty' }]])).toBe(
      'not 1',
    );
    expect(after(queueModel, [[{ type: 'dequeue', queue: key }, { type: 'empty' }]])).toEqual([]);
  });

  test('a taken value nobody was told of is gone all the same', () => {
    expect(
      after(queueModel, [enqueue(1), enqueue(2), [{ type: 'dequeue', queue: key }, undefined], dequeue(2)]),
    ).toEqual([]);
  });
});
