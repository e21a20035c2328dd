/**
 * The five models with what a property test needs of each: inputs, the right answer in a state, and wrong ones. The
 * histories it makes come from an object that was really used by several at once; then some answers get lost and some
 * are changed, so that about half of them are linearizable and the others only just not.
 */
import fc from 'fast-check';
import { appendModel, type AppendInput, type AppendOutput } from './models/append.ts';
import { casModel, type CasInput, type CasOutput } from './models/compare-and-set.ts';
import { lockModel, type LockInput, type LockOutput } from './models/lock.ts';
import { queueModel, type QueueInput, type QueueOutput } from './models/queue.ts';
import { registerModel, type RegisterInput, type RegisterOutput, type Value } from './models/register.ts';
import type { History, Model } from './operation.ts';

interface Subject<State, Input, Output> {
  readonly model: Model<State, Input, Output>;
  readonly inputs: fc.Arbitrary<Input>;
  /** Some answer the operation could have had in some state. */
  readonly outputs: (input: Input) => fc.Arbitrary<Output>;
}

const key = fc.constantFrom('a', 'a', 'b');
const value = fc.integer({ min: 0, max: 2 });
const values: fc.Arbitrary<Value> = fc.constantFrom(null, 0, 1, 2);

const read = fc.record({ type: fc.constant('read' as const), key });
const write = fc.record({ type: fc.constant('write' as const), key, value });

const register: Subject<Value, RegisterInput, RegisterOutput> = {
  model: registerModel,
  inputs: fc.oneof(read, write),
  outputs: input =>
    input.type === 'write'
      ? fc.constant({ type: 'written' })
      : fc.record({ type: fc.constant('value' as const), value: values }),
};

const cas: Subject<Value, CasInput, CasOutput> = {
  model: casModel,
  inputs: fc.oneof(
    read,
    write,
    fc.record({ type: fc.constant('cas' as const), key, from: value, to: value }),
  ),
  outputs: input =>
    input.type === 'cas'
      ? fc.constantFrom<CasOutput>({ type: 'swapped' }, { type: 'refused' })
      : register.outputs(input),
};

const append: Subject<string, AppendInput, AppendOutput> = {
  model: appendModel,
  inputs: fc.oneof(
    fc.record({ type: fc.constant('get' as const), key }),
    fc.record({ type: fc.constant('put' as const), key, value: fc.constantFrom('', 'x', 'xy') }),
    fc.record({ type: fc.constant('append' as const), key, value: fc.constantFrom('x', 'y', 'xy') }),
  ),
  outputs: input =>
    input.type === 'get'
      ? fc.record({
          type: fc.constant('value' as const),
          value: fc.constantFrom('', 'x', 'y', 'xy', 'xyx', 'yx'),
        })
      : fc.constant({ type: 'done' }),
};

const lock: Subject<unknown, LockInput, LockOutput> = {
  model: lockModel,
  inputs: fc.oneof(
    fc.record({ type: fc.constant('acquire' as const), lock: key }),
    fc.record({
      type: fc.constantFrom('release' as const, 'check' as const),
      lock: key,
      token: fc.integer({ min: 1, max: 4 }),
    }),
  ),
  outputs: input =>
    input.type === 'acquire'
      ? fc.oneof(
          fc.constant<LockOutput>({ type: 'refused' }),
          fc.record({ type: fc.constant('granted' as const), token: fc.integer({ min: 1, max: 4 }) }),
        )
      : fc.constantFrom<LockOutput>(
          { type: 'stale' },
          { type: input.type === 'check' ? 'held' : 'released' },
        ),
};

const queue: Subject<readonly number[], QueueInput, QueueOutput> = {
  model: queueModel,
  inputs: fc.oneof(
    fc.record({ type: fc.constant('enqueue' as const), queue: key, value }),
    fc.record({ type: fc.constant('dequeue' as const), queue: key }),
  ),
  outputs: input =>
    input.type === 'enqueue'
      ? fc.constant({ type: 'enqueued' })
      : fc.oneof(
          fc.constant<QueueOutput>({ type: 'empty' }),
          fc.record({ type: fc.constant('dequeued' as const), value }),
        ),
};

/** A model, with histories for it. The types of states and answers are nobody's business there. */
export interface Case {
  readonly model: Model<unknown, unknown, unknown>;
  /** Up to `most` operations. `ties`: whether events may have the same time. */
  readonly histories: (options: { ties: boolean; most?: number }) => fc.Arbitrary<History<unknown, unknown>>;
}

export const cases: readonly Case[] = [
  caseOf(register),
  caseOf(cas),
  caseOf(append),
  caseOf(lock),
  caseOf(queue),
];

function caseOf<State, Input, Output>(subject: Subject<State, Input, Output>): Case {
  const planned = subject.inputs.chain(input =>
    fc.record({
      input: fc.constant(input),
      answers: fc.array(subject.outputs(input), { minLength: 12, maxLength: 12 }),
      from: fc.integer({ min: 0, max: 20 }),
      lasts: fc.integer({ min: 0, max: 8 }),
      point: fc.integer({ min: 0, max: 8 }),
      fate: fc.constantFrom('right', 'right', 'right', 'right', 'any', 'lost', 'untold'),
    }),
  );
  return {
    model: subject.model,
    histories: ({ ties, most = 7 }) =>
      fc.array(planned, { minLength: 1, maxLength: most }).map(plan => {
        // Without ties every event has a time of its own.
        const time = (at: number, order: number) => (ties ? at : at * 100 + order);
        const states = new Map<string, State>();
        const outputs = new Map<object, Output>();
        const pointOf = ({ from, lasts, point }: (typeof plan)[number]) => from + Math.min(point, lasts);
        for (const operation of [...plan].sort((a, b) => pointOf(a) - pointOf(b))) {
          const object = subject.model.objectOf(operation.input);
          const state = states.get(object) ?? subject.model.initial;
          const right = operation.answers.find(
            output => subject.model.step(state, operation.input, output) !== undefined,
          );
          outputs.set(operation, right ?? operation.answers[0]!);
          states.set(object, subject.model.step(state, operation.input, right) as State);
        }
        return plan.map((operation, index) => ({
          process: index,
          input: operation.input,
          output:
            operation.fate === 'right'
              ? outputs.get(operation)
              : operation.fate === 'any'
                ? operation.answers[0]
                : undefined,
          invokedAt: time(operation.from, index),
          returnedAt:
            operation.fate === 'lost' ? undefined : time(operation.from + operation.lasts, 50 + index),
        }));
      }),
  };
}
