import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SeededRandom } from '../../base/random.ts';
import { hasLinearization, isLegal } from './brute-force.model.ts';
import { check } from './check.ts';
import { appendModel, type AppendInput, type AppendOutput } from './models/append.ts';
import { casModel } from './models/compare-and-set.ts';
import { queueModel, type QueueInput, type QueueOutput } from './models/queue.ts';
import { registerModel, type RegisterInput, type RegisterOutput } from './models/register.ts';
import type { History, Model, Operation } from './operation.ts';
import { cases } from './subjects.model.ts';

type RegisterOperation = Operation<RegisterInput, RegisterOutput>;

function write(
  process: number,
  value: number,
  invokedAt: number,
  returnedAt?: number,
  key = '',
): RegisterOperation {
  const output = returnedAt === undefined ? undefined : ({ type: 'written' } as const);
  return { process, input: { type: 'write', key, value }, output, invokedAt, returnedAt };
}
function read(
  process: number,
  value: number | null,
  invokedAt: number,
  returnedAt: number,
  key = '',
): RegisterOperation {
  return { process, input: { type: 'read', key }, output: { type: 'value', value }, invokedAt, returnedAt };
}

describe('on a register', () => {
  test('a read that overlaps a write may see the value before it or the new one', () => {
    expect(check(registerModel, [write(0, 1, 0, 9), read(1, null, 1, 2)]).type).toBe('linearizable');
    expect(check(registerModel, [write(0, 1, 0, 9), read(1, 1, 1, 2)]).type).toBe('linearizable');
  });

  test('after one read saw a write, no later read sees what was before it', () => {
    const history = [write(0, 1, 0, 9), read(1, 1, 1, 2), read(2, null, 3, 4)];
    expect(check(registerModel, history)).toMatchObject({
      type: 'not-linearizable',
      prefix: [0, 1],
      blocked: 2,
    });
  });

  test('a write that never returned may take effect at any later time, or never', () => {
    expect(check(registerModel, [write(0, 1, 0), read(1, null, 1, 2), read(1, 1, 90, 91)]).type).toBe(
      'linearizable',
    );
    expect(check(registerModel, [write(0, 1, 0), read(1, null, 90, 91)]).type).toBe('linearizable');
    expect(check(registerModel, [write(0, 1, 5), read(1, 1, 1, 2)]).type).toBe('not-linearizable');
  });

  test('a write that never returned takes effect once', () => {
    const history = [write(0, 1, 0), read(1, 1, 1, 2), write(1, 2, 3, 4), read(1, 1, 5, 6)];
    expect(check(registerModel, history)).toMatchObject({ type: 'not-linearizable', blocked: 3 });
  });

  test('operations that end and begin at the same time overlap', () => {
    expect(check(registerModel, [write(0, 1, 0, 5), read(1, null, 5, 6)]).type).toBe('linearizable');
    expect(check(registerModel, [write(0, 1, 0, 5), read(1, null, 6, 7)]).type).toBe('not-linearizable');
  });

  test('an empty history is linearizable, in no steps', () => {
    expect(check(registerModel, [])).toEqual({ type: 'linearizable', order: [], steps: 0 });
  });

  test('the object on which it shows is named, and only its operations', () => {
    const history = [
      write(0, 1, 0, 1, 'a'),
      write(0, 1, 2, 3, 'b'),
      read(1, 1, 4, 5, 'a'),
      read(1, 2, 6, 7, 'b'),
    ];
    const verdict = check(registerModel, history);
    expect(verdict).toMatchObject({ type: 'not-linearizable', object: 'b', operations: [1, 3], blocked: 3 });
  });
});

test('a history that contradicts itself is the mistake of whoever wrote it', () => {
  expect(() => check(registerModel, [read(0, 1, 5, 4)])).toThrow('returns after its invocation');
  const answered = { ...read(0, 1, 5, 6), returnedAt: undefined };
  expect(() => check(registerModel, [answered])).toThrow('never returned has no answer');
});

function withoutForesight<State, Input, Output>(
  model: Model<State, Input, Output>,
): Model<State, Input, Output> {
  const { foresight: _, ...rest } = model;
  return rest;
}

describe.each(cases)('$model.name, beside every order there is', ({ model, histories }) => {
  test('the verdict is that of the definition, and a linearization shows it', () => {
    const met = { linearizable: 0, 'not-linearizable': 0, unknown: 0 };
    fc.assert(
      fc.property(histories({ ties: true }), history => {
        const verdict = check(model, history);
        met[verdict.type]++;
        expect(verdict.type).toBe(hasLinearization(model, history) ? 'linearizable' : 'not-linearizable');
        if (verdict.type !== 'linearizable') return;
        expect(isLegal(model, history, verdict.order)).toBe(true);
        const placed = new Set(verdict.order);
        for (const [index, { input, output, returnedAt }] of history.entries())
          if (returnedAt !== undefined)
            expect(placed.has(index), model.inputText(input) + JSON.stringify(output)).toBe(true);
      }),
      { numRuns: 2000 },
    );
    // Neither kind is rare, or the comparison would say little.
    expect(met['not-linearizable']).toBeGreaterThan(200);
    expect(met.linearizable).toBeGreaterThan(200);
  });

  test('what is blocked cannot be placed beside all that returned before it, which can', () => {
    fc.assert(
      fc.property(histories({ ties: false }), history => {
        const verdict = check(model, history);
        if (verdict.type !== 'not-linearizable') return;
        const { object, operations, prefix, blocked } = verdict;
        const end = history[blocked]!.returnedAt as number;
        const before = ({ input, returnedAt = Infinity }: Operation<unknown, unknown>) =>
          model.objectOf(input) === object && returnedAt < end;
        expect(operations).toEqual(
          [...history.keys()].filter(i => model.objectOf(history[i]!.input) === object),
        );
        expect(isLegal(model, history, prefix)).toBe(true);
        for (const [index, operation] of history.entries())
          if (before(operation)) expect(prefix).toContain(index);
        expect(prefix).not.toContain(blocked);
        expect(hasLinearization(model, history, o => before(o) || o.index === blocked)).toBe(false);
      }),
      { numRuns: 1000 },
    );
  });

  test('the shortcuts of the search change no verdict, only the steps', () => {
    let inputs = 0;
    const plain: typeof model = {
      ...withoutForesight(model),
      isReadOnly: () => false,
      // No two are twins.
      inputText: () => String(inputs++),
    };
    fc.assert(
      fc.property(histories({ ties: true, most: 14 }), history => {
        const [short, long] = [check(model, history), check(plain, history)];
        expect(short.type).toBe(long.type);
        if (short.type === 'not-linearizable')
          expect(short).toMatchObject({
            object: 'object' in long && long.object,
            blocked: 'blocked' in long && long.blocked,
          });
      }),
      { numRuns: 300 },
    );
    // Of the same histories every time: of some others a shortcut costs more than it saves.
    const steps = { short: 0, plain: 0 };
    for (const history of fc.sample(histories({ ties: true, most: 14 }), { seed: 1, numRuns: 1000 })) {
      steps.short += check(model, history).steps;
      steps.plain += check(plain, history).steps;
    }
    expect(steps.short).toBeLessThan(steps.plain);
  });

  test('a budget that runs out gives no verdict, never a wrong one', () => {
    const met = { linearizable: 0, 'not-linearizable': 0, unknown: 0 };
    fc.assert(
      fc.property(histories({ ties: true }), fc.integer({ min: 1, max: 20 }), (history, budget) => {
        const verdict = check(model, history, { budget });
        met[verdict.type]++;
        if (verdict.type === 'unknown') expect(verdict.objects.length).toBeGreaterThan(0);
        else expect(verdict.type).toBe(check(model, history).type);
      }),
      { numRuns: 1000 },
    );
    expect(met.unknown).toBeGreaterThan(30);
  });

  test('the same history gives the same verdict in the same steps', () => {
    fc.assert(
      fc.property(histories({ ties: true }), history => {
        expect(check(model, history)).toEqual(check(model, structuredClone(history)));
      }),
      { numRuns: 100 },
    );
  });
});

test('one hard object does not keep a violation on another from being found', () => {
  const hard: Operation<QueueInput, QueueOutput>[] = Array.from({ length: 24 }, (_, value) => ({
    process: value,
    input: { type: 'enqueue', queue: 'hard', value },
    output: { type: 'enqueued' },
    invokedAt: 0,
    returnedAt: 100,
  }));
  const taken = (queue: string, value: number, at: number): Operation<QueueInput, QueueOutput> => ({
    process: 99,
    input: { type: 'dequeue', queue },
    output: { type: 'dequeued', value },
    invokedAt: at,
    returnedAt: at + 1,
  });
  const budget = 20_000;
  const given = check(queueModel, [...hard, taken('hard', 77, 200)], { budget });
  expect(given).toMatchObject({ type: 'unknown', objects: ['hard'] });
  const both = check(queueModel, [...hard, taken('hard', 77, 200), taken('easy', 1, 300)], { budget });
  expect(both).toMatchObject({ type: 'not-linearizable', object: 'easy', blocked: 25 });
});

test('states that would fill the memory end the search like too many steps', () => {
  const long: Operation<AppendInput, AppendOutput>[] = Array.from({ length: 12 }, (_, n) => ({
    process: n,
    input: { type: 'append', key: '', value: String(n).repeat(200_000) },
    output: { type: 'done' },
    invokedAt: 0,
    returnedAt: 1,
  }));
  const never = {
    ...long[0]!,
    input: { type: 'get', key: '' },
    output: { type: 'value', value: '!' },
  } as const;
  const verdict = check(withoutForesight(appendModel), [...long, { ...never, invokedAt: 2, returnedAt: 3 }]);
  expect(verdict.type).toBe('unknown');
  expect(verdict.steps).toBeLessThan(10_000);
});

test('a long history with little overlap takes a few steps an operation', () => {
  const history = Array.from({ length: 20_000 }, (_, i) =>
    i % 2 === 0 ? write(i % 5, i, 2 * i, 2 * i + 5) : read(i % 5, i - 1, 2 * i, 2 * i + 1),
  );
  const verdict = check(registerModel, history);
  expect(verdict.type).toBe('linearizable');
  expect(verdict.steps).toBeLessThan(10 * history.length);
});

test('sixty writes without return and as many comparisons do not multiply', () => {
  const history: Operation<Parameters<typeof casModel.objectOf>[0], { type: 'value'; value: number }>[] = [];
  for (let i = 0; i < 60; i++) {
    history.push({
      process: 100 + i,
      input: { type: 'write', key: '', value: i % 2 },
      output: undefined,
      invokedAt: i,
      returnedAt: undefined,
    });
    history.push({
      process: 200 + i,
      input: { type: 'cas', key: '', from: 0, to: 1 },
      output: undefined,
      invokedAt: i,
      returnedAt: undefined,
    });
  }
  history.push({
    process: 0,
    input: { type: 'read', key: '' },
    output: { type: 'value', value: 7 },
    invokedAt: 70,
    returnedAt: 71,
  });
  expect(check(casModel, history)).toMatchObject({ type: 'not-linearizable', blocked: 120 });
});

/** Many clients that append to few keys at once and read them, as the store really was. */
function appends(seed: string, { stale }: { stale: boolean }): History<AppendInput, AppendOutput> {
  const random = new SeededRandom(seed);
  const store = new Map<string, string>();
  const plan = Array.from({ length: 3000 }, (_, n) => {
    const from = random.below(60_000);
    const [point, end] = [from + 1 + random.below(1000), from + 1001 + random.below(1000)];
    return { n, key: String(random.below(10)), from, point, end, type: random.below(20) };
  });
  const outputs = new Map<number, AppendOutput>();
  for (const { n, key, type } of plan.toSorted((a, b) => a.point - b.point)) {
    const before = store.get(key) ?? '';
    if (type < 9)
      outputs.set(n, { type: 'value', value: stale && n === 2500 ? before.slice(0, -6) : before });
    else store.set(key, type < 19 ? `${before}x ${n} y` : `x ${n} y`);
  }
  return plan.map(({ n, key, from, end, type }) => ({
    process: n,
    input: type < 9 ? { type: 'get', key } : { type: type < 19 ? 'append' : 'put', key, value: `x ${n} y` },
    output: outputs.get(n) ?? { type: 'done' },
    invokedAt: from,
    returnedAt: end,
  }));
}

test('three thousand appends and reads by fifty at a time are judged, right or with one stale read', () => {
  for (const seed of ['a', 'b', 'c']) {
    expect(check(appendModel, appends(seed, { stale: false })).type).toBe('linearizable');
    const stale = appends(seed, { stale: true });
    const isRead = stale[2500]!.input.type === 'get' && stale[2500]!.output?.type === 'value';
    expect(check(appendModel, stale).type).toBe(isRead ? 'not-linearizable' : 'linearizable');
  }
});
