/**
 * The operations on one object, laid out for the search: numbered, ordered, and without those that cannot matter.
 *
 * Numbers: those that returned come first, by their returns, then those that never did, by their invocations. So
 * "everything that returned before X is placed" reads "all numbers below X are placed".
 */
import type { History, Model, Operation } from './operation.ts';

export class Timeline<State, Input, Output> {
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

  constructor(
    model: Model<State, Input, Output>,
    history: History<Input, Output>,
    object: readonly number[],
  ) {
    const at = (index: number) => history[index] as Operation<Input, Output>;
    const matters = object.filter(index => {
      const { input, output, returnedAt } = at(index);
      // One that never returned need not be placed, and if it changes nothing, nothing is gained by it.
      return returnedAt !== undefined || !model.isReadOnly(input, output);
    });
    const ranks = rankEvents(history, matters);
    const returned = matters.filter(index => at(index).returnedAt !== undefined);
    returned.sort((a, b) => (ranks.returns.get(a) as number) - (ranks.returns.get(b) as number));
    const open = matters.filter(index => at(index).returnedAt === undefined);
    open.sort((a, b) => (ranks.invokes.get(a) as number) - (ranks.invokes.get(b) as number));
    this.completed = returned.length;
    this.indexes = [...returned, ...open];
    this.invokedAt = Int32Array.from(this.indexes, index => ranks.invokes.get(index) as number);
    this.returnedAt = Int32Array.from(returned, index => ranks.returns.get(index) as number);
    this.readOnly = Uint8Array.from(this.indexes, index =>
      model.isReadOnly(at(index).input, at(index).output) ? 1 : 0,
    );
    const byInvocation = Array.from(this.indexes.keys());
    byInvocation.sort((a, b) => (this.invokedAt[a] as number) - (this.invokedAt[b] as number));
    this.writes = byInvocation.filter(number => number < this.completed && this.readOnly[number] === 0);
    this.reads = byInvocation.filter(number => number < this.completed && this.readOnly[number] === 1);
    this.pending = byInvocation.filter(number => number >= this.completed);
    this.lastBefore = new Int32Array(this.completed);
    const invoked = byInvocation.filter(number => number < this.completed);
    for (let [number, next, last] = [0, 0, 0]; number < this.completed; number++) {
      const end = this.returnedAt[number] as number;
      for (; next < invoked.length && (this.invokedAt[invoked[next] as number] as number) < end; next++)
        last = Math.max(last, invoked[next] as number);
      this.lastBefore[number] = last;
    }
    this.twin = new Int32Array(this.indexes.length).fill(-1);
    const latest = new Map<string, number>();
    for (const number of this.pending) {
      const asks = model.inputText(at(this.indexes[number] as number).input);
      this.twin[number] = latest.get(asks) ?? -1;
      latest.set(asks, number);
    }
  }
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
