/**
 * A queue for each name: `dequeue` takes what was enqueued first, or finds nothing.
 *
 * Its values cannot be searched one by one: what is right for one value depends on which others stand before it.
 * A history with much overlap on one queue is therefore the hardest of all here, and the likeliest to be `unknown`.
 */
import type { Model } from '../operation.ts';

export type QueueInput =
  | { readonly type: 'enqueue'; readonly queue: string; readonly value: number }
  | { readonly type: 'dequeue'; readonly queue: string };

export type QueueOutput =
  | { readonly type: 'enqueued' }
  | { readonly type: 'dequeued'; readonly value: number }
  | { readonly type: 'empty' };

export const queueModel: Model<readonly number[], QueueInput, QueueOutput> = {
  name: 'queue',
  initial: [],
  objectOf: input => input.queue,
  step(state, input, output) {
    if (input.type === 'enqueue')
      return output === undefined || output.type === 'enqueued' ? [...state, input.value] : undefined;
    const first = state[0];
    if (first === undefined) return output === undefined || output.type === 'empty' ? state : undefined;
    if (output === undefined || (output.type === 'dequeued' && output.value === first)) return state.slice(1);
    return undefined;
  },
  stateKey: state => state.join(),
  isReadOnly: (_input, output) => output?.type === 'empty',
  inputText: input =>
    input.type === 'enqueue'
      ? `enqueue ${JSON.stringify(input.queue)} ${input.value}`
      : `dequeue ${JSON.stringify(input.queue)}`,
  outputText: output =>
    output.type === 'dequeued' ? String(output.value) : output.type === 'empty' ? 'empty' : 'ok',
  shows({ input, output }, by) {
    if (by.input.type === 'enqueue')
      return output?.type === 'dequeued' && output.value === by.input.value ? 'enqueued' : undefined;
    // What was taken stands before nothing else any more.
    if (by.output?.type !== 'dequeued') return undefined;
    return input.type === 'enqueue' && input.value === by.output.value ? 'taken' : undefined;
  },
};
