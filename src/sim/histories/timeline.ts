/**
 * The operations on one object, laid out for the search: numbered, ordered, and without those that cannot matter.
 *
 * Numbers: those that returned come first, by their returns, then those that never did, by their invocations. So
 * "everything that returned before X is placed" reads "all numbers below X are placed".
 */
import type { History, Model, Operation } from './operation.ts';

export interface Timeline {
  /** Numbers below this returned. */
  readonly completed: number;
  /** Of each number, its index in the history. */
  readonly indexes: readonly number[];
  /** Of each number, when it was invoked and when it returned, as ranks among all events: no two are equal. */
  readonly invokedAt: Int32Array;
  readonly returnedAt: Int32Array;
  /** 1 for those that never change the state: see `Model.isReadOnly`. */
  readonly readOnly: Uint8Array;
  /** All numbers by invocation: first those that change the state, then the read-only, then those without return. */
  readonly writes: readonly number[];
  readonly reads: readonly number[];
  readonly pending: readonly number[];
  /** Of each that returned, the highest number among those that returned and were invoked before it did. */
  readonly lastBefore: Int32Array;
  /**
   * For one without return, the one before it that asks the same, or -1. Neither has an answer or an end, so either may
   * stand for the other: the search places them in this order only, and counts twins instead of choosing among them.
   */
  readonly twin: Int32Array;
}

export function timelineOf<State, Input, Output>(
  model: Model<State, Input, Output>,
  history: History<Input, Output>,
  object: readonly number[],
): Timeline {
  const at = (index: number) => history[index] as Operation<Input, Output>;
  const matters = object.filter(index => {
    const { input, output, returnedAt } = at(index);
    // One that never returned need not be placed, and if it changes nothing, nothing is gained by it.
    return returnedAt !== undefined || !model.isReadOnly(input, output);
  });
  const { invokes, returns } = rankEvents(history, matters);
  const invokedAtOf = (index: number) => invokes.get(index) as number;
  const returnedAtOf = (index: number) => returns.get(index) as number;
  const returned = matters
    .filter(index => returns.has(index))
    .sort((a, b) => returnedAtOf(a) - returnedAtOf(b));
  const open = matters.filter(index => !returns.has(index)).sort((a, b) => invokedAtOf(a) - invokedAtOf(b));
  const indexes = [...returned, ...open];
  const completed = returned.length;
  const invokedAt = Int32Array.from(indexes, invokedAtOf);
  const returnedAt = Int32Array.from(returned, returnedAtOf);
  const readOnly = Uint8Array.from(indexes, index =>
    model.isReadOnly(at(index).input, at(index).output) ? 1 : 0,
  );
  const byInvocation = Array.from(indexes.keys());
  byInvocation.sort((a, b) => (invokedAt[a] as number) - (invokedAt[b] as number));
  const pending = byInvocation.filter(number => number >= completed);
  return {
    completed,
    indexes,
    invokedAt,
    returnedAt,
    readOnly,
    writes: byInvocation.filter(number => number < completed && readOnly[number] === 0),
    reads: byInvocation.filter(number => number < completed && readOnly[number] === 1),
    pending,
    lastBefore: lastInvokedBefore(byInvocation, invokedAt, returnedAt),
    twin: twinsOf(pending, indexes.length, number => model.inputText(at(indexes[number] as number).input)),
  };
}

/** What changes the state, is not below the front, and was invoked before the read returned. */
export function openBefore({ completed, ...timeline }: Timeline, read: number, front: number): number[] {
  const { indexes, invokedAt, returnedAt, lastBefore, readOnly } = timeline;
  const end = returnedAt[read] as number;
  const open: number[] = [];
  const addIfBefore = (number: number) => {
    if (readOnly[number] === 0 && (invokedAt[number] as number) < end) open.push(number);
  };
  for (let number = front; number <= (lastBefore[read] as number); number++) addIfBefore(number);
  for (let number = completed; number < indexes.length; number++) addIfBefore(number);
  return open;
}

function lastInvokedBefore(
  byInvocation: readonly number[],
  invokedAt: Int32Array,
  returnedAt: Int32Array,
): Int32Array {
  const completed = byInvocation.filter(number => number < returnedAt.length);
  const last = new Int32Array(returnedAt.length);
  for (let [number, next, highest] = [0, 0, 0]; number < last.length; number++) {
    for (; next < completed.length; next++) {
      const other = completed[next] as number;
      if ((invokedAt[other] as number) > (returnedAt[number] as number)) break;
      highest = Math.max(highest, other);
    }
    last[number] = highest;
  }
  return last;
}

function twinsOf(pending: readonly number[], count: number, asked: (number: number) => string): Int32Array {
  const twin = new Int32Array(count).fill(-1);
  const latest = new Map<string, number>();
  for (const number of pending) {
    const text = asked(number);
    twin[number] = latest.get(text) ?? -1;
    latest.set(text, number);
  }
  return twin;
}

/** Of some operations, their events as ranks. Invocations before returns at the same time: such operations overlap. */
export function rankEvents(
  history: readonly Pick<Operation<unknown, unknown>, 'invokedAt' | 'returnedAt'>[],
  object: readonly number[],
): { invokes: ReadonlyMap<number, number>; returns: ReadonlyMap<number, number> } {
  const events: { index: number; at: number; returns: boolean }[] = [];
  for (const index of object) {
    const { invokedAt, returnedAt } = history[index] as Operation<unknown, unknown>;
    events.push({ index, at: invokedAt, returns: false });
    if (returnedAt !== undefined) events.push({ index, at: returnedAt, returns: true });
  }
  events.sort((a, b) => a.at - b.at || Number(a.returns) - Number(b.returns) || a.index - b.index);
  const invokes = new Map<number, number>();
  const returns = new Map<number, number>();
  for (const [rank, { index, returns: isReturn }] of events.entries())
    (isReturn ? returns : invokes).set(index, rank);
  return { invokes, returns };
}
