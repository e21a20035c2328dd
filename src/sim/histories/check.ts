/**
 * Whether a history is linearizable (Herlihy & Wing 1990): whether each operation can be thought to have happened at
 * one instant between its invocation and its return, so that everybody saw one object.
 *
 * The objects of a history are searched one by one (search.ts has the algorithm): one search over two
 * objects costs about the product of both, two searches the sum, and locality makes them the same question.
 *
 * The question is NP-complete (Gibbons & Korach 1997), so there is a budget, counted in steps of the model. Beyond
 * it the answer is `unknown`, which is no kind of yes.
 */
import { assert } from '../../base/assert.ts';
import type { History, Model, Operation } from './operation.ts';
import { search } from './search.ts';

export type Verdict =
  /** `order`: a linearization of the whole history, as indexes into it. Without those that had no effect. */
  | { readonly type: 'linearizable'; readonly order: readonly number[]; readonly steps: number }
  | NotLinearizable
  /** `objects`: those whose search was given up. */
  | { readonly type: 'unknown'; readonly objects: readonly string[]; readonly steps: number };

export interface NotLinearizable {
  readonly type: 'not-linearizable';
  /** The object on which it shows; the first one, if on several. */
  readonly object: string;
  /** The operations on that object, as indexes into the history. */
  readonly operations: readonly number[];
  /** The order that came farthest: with it every operation that returned before `blocked` is placed. */
  readonly prefix: readonly number[];
  /** The operation at whose return it ends: no order places it as well. */
  readonly blocked: number;
  readonly steps: number;
}

/**
 * Steps of the model in all, unless told otherwise. Recorded histories of a hundred operations take some thousands; this
 * many end within seconds and some hundred megabytes of memo. A `Map` of states holds at most 2^24 of them.
 */
const budgetDefault = 1 << 23;
const budgetMax = 1 << 24;

export function check<State, Input, Output>(
  model: Model<State, Input, Output>,
  history: History<Input, Output>,
  { budget = budgetDefault }: { budget?: number } = {},
): Verdict {
  assert(
    Number.isSafeInteger(budget) && budget > 0 && budget < budgetMax,
    'budget: whole, above 0, below 2^24',
  );
  for (const { output, invokedAt, returnedAt } of history) {
    assert(returnedAt === undefined || returnedAt >= invokedAt, 'an operation returns after its invocation');
    assert(returnedAt !== undefined || output === undefined, 'what never returned has no answer');
  }
  const orders: (readonly number[])[] = [];
  const objects = operationsByObject(model, history);
  const givenUp: string[] = [];
  let steps = 0;
  let left = objects.size;
  for (const [object, operations] of objects) {
    // An even share of what is left, so that one hard object does not keep a violation on the next from being found.
    const share = Math.floor((budget - steps) / left--);
    const result = search(model, history, operations, share);
    steps += result.steps;
    if (result.type === 'unknown') givenUp.push(object);
    else if (result.type === 'linearizable') orders.push(result.order);
    else {
      const { order: prefix, blocked } = result;
      return { type: 'not-linearizable', object, operations, prefix, blocked, steps };
    }
  }
  if (givenUp.length > 0) return { type: 'unknown', objects: givenUp, steps };
  return { type: 'linearizable', order: merged(history, orders), steps };
}

function operationsByObject<State, Input, Output>(
  model: Model<State, Input, Output>,
  history: History<Input, Output>,
): Map<string, number[]> {
  const objects = new Map<string, number[]>();
  for (const [index, { input }] of history.entries()) {
    const object = model.objectOf(input);
    const operations = objects.get(object);
    if (operations === undefined) objects.set(object, [index]);
    else operations.push(index);
  }
  return objects;
}

/**
 * One order out of those of the objects. In each, an operation can be thought to happen at the latest invocation up to
 * it: not before its own, and before its own return, since otherwise the later-invoked had to come after it.
 */
function merged<Input, Output>(
  history: History<Input, Output>,
  orders: readonly (readonly number[])[],
): number[] {
  const placed: { index: number; at: number }[] = [];
  for (const order of orders) {
    let at = -Infinity;
    for (const index of order) {
      at = Math.max(at, (history[index] as Operation<Input, Output>).invokedAt);
      placed.push({ index, at });
    }
  }
  return placed.sort((a, b) => a.at - b.at).map(({ index }) => index);
}
