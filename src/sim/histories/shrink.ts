/**
 * Makes a history that is not linearizable as small as it goes, so that a person can see why it is not.
 *
 * Taking operations away is not harmless: without a write, the read that saw it is wrong all by itself, and every
 * history would shrink to one such read, whatever it had failed for. Models therefore say what an answer shows of others
 * (Model.shows), and where the last one goes that can explain it, the one that shows it goes as well. The rest is delta
 * debugging (Zeller & Hildebrandt 2002): large pieces first, then smaller ones, as long as it stays not linearizable.
 *
 * Models cannot name every reason, so the smaller history surely fails, and nearly always for the same one.
 */
import { assert } from '../../base/assert.ts';
import { check, type NotLinearizable } from './check.ts';
import type { History, Model, Operation } from './operation.ts';

export interface Shrunk<Input, Output> {
  readonly history: History<Input, Output>;
  /** Of its operations, the indexes in the history it came from. */
  readonly indexes: readonly number[];
  readonly verdict: NotLinearizable;
  /** Whether no operation can be taken away any more; false where the budget left that open. */
  readonly isMinimal: boolean;
}

/** Steps of the model in all checks together, unless told otherwise: a few seconds. */
const budgetDefault = 1 << 23;
/** One check gets this part of it. Parts of a history can be harder than the whole, when reads are gone that ordered it. */
const shareOfCheck = 1 / 128;

export function shrink<State, Input, Output>(
  model: Model<State, Input, Output>,
  history: History<Input, Output>,
  verdict: NotLinearizable,
  { budget = budgetDefault }: { budget?: number } = {},
): Shrunk<Input, Output> {
  const share = Math.ceil(budget * shareOfCheck);
  const end = at(history, verdict.blocked).returnedAt as number;
  // What was invoked after the return that cannot be explained has no part in it: see `NotLinearizable.prefix`.
  let least = verdict.operations.filter(index => at(history, index).invokedAt <= end);
  let found = translated(verdict, least);
  const closed = closureOver(model, history, least);
  let steps = 0;
  let isMinimal = false;
  for (let size = Math.max(1, least.length >>> 1); size >= 1;) {
    let smaller = false;
    isMinimal = size === 1;
    for (let until = least.length; until > 0; until = Math.min(until - size, least.length)) {
      if (steps >= budget) return result(false);
      const rest = closed(least.filter((_, place) => place < until - size || place >= until));
      const tried = check(
        model,
        rest.map(index => at(history, index)),
        { budget: share },
      );
      steps += tried.steps;
      isMinimal &&= tried.type !== 'unknown';
      if (tried.type === 'not-linearizable') [least, found, smaller] = [rest, tried, true];
    }
    // Single ones until none can go: what was needed may have been so by what is gone now.
    if (size > 1 || !smaller) size >>>= 1;
  }
  return result(isMinimal);

  function result(isMinimal: boolean): Shrunk<Input, Output> {
    return { history: least.map(index => at(history, index)), indexes: least, verdict: found, isMinimal };
  }
}

/** The verdict on a part of the history, in indexes of that part. */
function translated(verdict: NotLinearizable, part: readonly number[]): NotLinearizable {
  const places = new Map(part.map((index, place) => [index, place]));
  const placeOf = (index: number): number => {
    const place = places.get(index);
    assert(place !== undefined, 'what came before the end was invoked before it');
    return place;
  };
  return {
    ...verdict,
    operations: [...part.keys()],
    prefix: verdict.prefix.map(placeOf),
    blocked: placeOf(verdict.blocked),
  };
}

/** Of some operations, those that may stay without the others: whose answers are explained by some that stay. */
function closureOver<State, Input, Output>(
  model: Model<State, Input, Output>,
  history: History<Input, Output>,
  all: readonly number[],
): (kept: readonly number[]) => number[] {
  const explainers = new Map<number, readonly (readonly number[])[]>();
  for (const index of all) {
    const operation = at(history, index);
    const groups = new Map<string, number[]>();
    for (const by of all) {
      // Only what may have come before it explains anything.
      if (by === index || at(history, by).invokedAt > (operation.returnedAt ?? Infinity)) continue;
      const name = model.shows(operation, at(history, by));
      if (name !== undefined) groups.set(name, [...(groups.get(name) ?? []), by]);
    }
    explainers.set(index, [...groups.values()]);
  }
  return kept => {
    const staying = new Set(kept);
    for (let before = -1; before !== staying.size;) {
      before = staying.size;
      for (const index of staying)
        if (explainers.get(index)?.some(group => !group.some(by => staying.has(by)))) staying.delete(index);
    }
    return [...staying];
  };
}

function at<Input, Output>(history: History<Input, Output>, index: number): Operation<Input, Output> {
  return history[index] as Operation<Input, Output>;
}
