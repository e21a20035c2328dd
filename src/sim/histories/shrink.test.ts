import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SeededRandom } from '../../base/random.ts';
import { isLegal } from './brute-force.model.ts';
import { check, type NotLinearizable } from './check.ts';
import { queueModel, type QueueInput, type QueueOutput } from './models/queue.ts';
import { registerModel, type RegisterInput, type RegisterOutput } from './models/register.ts';
import type { History, Model, Operation } from './operation.ts';
import { shrink } from './shrink.ts';
import { cases } from './subjects.model.ts';

function failureOf<Input, Output>(
  model: Model<unknown, Input, Output>,
  history: History<Input, Output>,
): NotLinearizable {
  const verdict = check(model, history);
  if (verdict.type !== 'not-linearizable') throw new Error(verdict.type);
  return verdict;
}

/** A register used by one after the other, with one read of the value before the last. */
function staleRead(seed: string, count: number): Operation<RegisterInput, RegisterOutput>[] {
  const random = new SeededRandom(seed);
  const history: Operation<RegisterInput, RegisterOutput>[] = [];
  let [before, value]: [number | null, number | null] = [null, null];
  for (let i = 0; i < count; i++) {
    const times = { process: random.below(3), invokedAt: 10 * i, returnedAt: 10 * i + 5 };
    if (i % 2 === 0) {
      [before, value] = [value, i];
      history.push({ ...times, input: { type: 'write', key: '', value: i }, output: { type: 'written' } });
    } else {
      const seen = i === count - 5 ? before : value;
      history.push({ ...times, input: { type: 'read', key: '' }, output: { type: 'value', value: seen } });
    }
  }
  return history;
}

describe('a failing history shrinks', () => {
  test('to the two writes and the read between which the register went back', () => {
    const history = staleRead('a', 60);
    const {
      history: least,
      indexes,
      verdict,
      isMinimal,
    } = shrink(registerModel, history, failureOf(registerModel, history));
    // The write of the value it should have seen, and that of the value it saw.
    expect(indexes).toEqual([52, 54, 55]);
    expect(least).toEqual([52, 54, 55].map(index => history[index]));
    expect(verdict).toMatchObject({ type: 'not-linearizable', prefix: [0, 1], blocked: 2 });
    expect(isMinimal).toBe(true);
  });

  test('to a wrong order of two values of a queue, not to a value that was never enqueued', () => {
    const history: Operation<QueueInput, QueueOutput>[] = [];
    const add = (input: QueueInput, output: QueueOutput) => {
      const at = 10 * history.length;
      history.push({ process: 0, input, output, invokedAt: at, returnedAt: at + 5 });
    };
    for (let value = 0; value < 12; value++)
      add({ type: 'enqueue', queue: 'q', value }, { type: 'enqueued' });
    for (const value of [0, 1, 2, 3, 5, 4, 6, 7])
      add({ type: 'dequeue', queue: 'q' }, { type: 'dequeued', value });
    const { indexes } = shrink(queueModel, history, failureOf(queueModel, history));
    expect(indexes.map(index => queueModel.inputText(history[index]!.input))).toEqual([
      'enqueue "q" 4',
      'enqueue "q" 5',
      'dequeue "q"',
    ]);
  });

  test('to a read of what nobody wrote, alone, if that was the failure', () => {
    const history = staleRead('a', 20);
    history[9] = { ...history[9]!, output: { type: 'value', value: 777 } };
    expect(shrink(registerModel, history, failureOf(registerModel, history)).indexes).toEqual([9]);
  });

  test('the same way each time, and no further than its budget goes', () => {
    const history = staleRead('b', 60);
    const verdict = failureOf(registerModel, history);
    expect(shrink(registerModel, history, verdict)).toEqual(shrink(registerModel, history, verdict));
    const some = shrink(registerModel, history, verdict, { budget: 200 });
    expect(some.isMinimal).toBe(false);
    expect(check(registerModel, some.history).type).toBe('not-linearizable');
  });
});

describe.each(cases)('of a $model.name', ({ model, histories }) => {
  test('a part is left that fails, on the same object, with no operation too many', () => {
    fc.assert(
      fc.property(histories({ ties: true }), history => {
        const verdict = check(model, history);
        if (verdict.type !== 'not-linearizable') return;
        const least = shrink(model, history, verdict);
        expect(least.isMinimal).toBe(true);
        expect(least.history).toEqual(least.indexes.map(index => history[index]));
        const { type, object, operations, blocked } = least.verdict;
        expect(check(model, least.history)).toMatchObject({ type, object, operations, blocked });
        expect(isLegal(model, least.history, least.verdict.prefix)).toBe(true);
        expect(object).toBe(verdict.object);
        // What an answer shows of those that may have come before it has one left that explains it.
        const end = history[verdict.blocked]!.returnedAt as number;
        for (const operation of least.history) {
          const explains = (by: Operation<unknown, unknown>) =>
            by !== operation && by.invokedAt <= Math.min(end, operation.returnedAt ?? Infinity)
              ? model.shows(operation, by)
              : undefined;
          const left = least.history.map(explains);
          for (const by of history)
            if (model.objectOf(by.input) === verdict.object)
              expect([...left, undefined]).toContain(explains(by));
        }
        // One that only reads, and that nothing rests on, can always go: so none is left that could.
        for (const [index, { input, output }] of least.history.entries()) {
          if (!model.isReadOnly(input, output)) continue;
          const without = least.history.filter((_, other) => other !== index);
          expect(check(model, without).type).toBe('linearizable');
        }
      }),
      { numRuns: 1000 },
    );
  });
});
