/** A failing history as picture and table tell it: each operation with its words, its place, and the state after it. */
import type { NotLinearizable } from './check.ts';
import type { History, Model, Operation } from './operation.ts';

export interface Told {
  readonly index: number;
  readonly process: number;
  readonly asked: string;
  /** Undefined: nobody was told. */
  readonly answered: string | undefined;
  readonly invokedAt: number;
  readonly returnedAt: number | undefined;
  readonly role: Role;
}

export type Role =
  /** In the order that came farthest: from 1 on, and what the object was then. */
  | { readonly type: 'placed'; readonly place: number; readonly stateAfter: string }
  /** No order places it as well. */
  | { readonly type: 'blocked' }
  /** Neither: it returned later, or had no effect. */
  | { readonly type: 'unplaced' };

export interface Story {
  readonly title: string;
  readonly sentence: string;
  /** By invocation. */
  readonly operations: readonly Told[];
  /** Those of them that are placed, by their places. */
  readonly placed: readonly Told[];
}

export function tell<State, Input, Output>(
  model: Model<State, Input, Output>,
  history: History<Input, Output>,
  { object, operations, prefix, blocked }: NotLinearizable,
): Story {
  const roles = new Map<number, Role>([[blocked, { type: 'blocked' }]]);
  let state = model.initial;
  for (const [place, index] of prefix.entries()) {
    const { input, output } = history[index] as Operation<Input, Output>;
    state = model.step(state, input, output) ?? state;
    roles.set(index, { type: 'placed', place: place + 1, stateAfter: String(model.stateKey(state)) });
  }
  const told = operations.map((index): Told => {
    const { process, input, output, invokedAt, returnedAt } = history[index] as Operation<Input, Output>;
    return {
      index,
      process,
      asked: model.inputText(input),
      answered: output === undefined ? undefined : model.outputText(output),
      invokedAt,
      returnedAt,
      role: roles.get(index) ?? { type: 'unplaced' },
    };
  });
  told.sort((a, b) => a.invokedAt - b.invokedAt || a.index - b.index);
  const placed = prefix.map(index => told.find(operation => operation.index === index) as Told);
  const wrong = told.find(operation => operation.index === blocked) as Told;
  return {
    title: `Not linearizable: ${model.name}${object === '' ? '' : `, ${JSON.stringify(object)}`}`,
    sentence: `No order explains ${labelOf(wrong)} by process ${wrong.process} beside all that returned before it.`,
    operations: told,
    placed,
  };
}

export function labelOf({ asked, answered }: Pick<Told, 'asked' | 'answered'>): string {
  return `${asked} ⇒ ${answered ?? '?'}`;
}
