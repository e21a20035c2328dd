/** The definition of linearizability, tried out: every order of the operations, all objects at once. For a few. */
import type { History, Model, Operation } from './operation.ts';

type Indexed<Input, Output> = Operation<Input, Output> & { readonly index: number };

/** `required`: which have to be placed; all that returned, unless told otherwise. */
export function hasLinearization<State, Input, Output>(
  model: Model<State, Input, Output>,
  history: History<Input, Output>,
  required: (operation: Indexed<Input, Output>) => boolean = ({ returnedAt }) => returnedAt !== undefined,
): boolean {
  const extend = (
    unplaced: readonly Indexed<Input, Output>[],
    states: ReadonlyMap<string, State>,
  ): boolean => {
    if (!unplaced.some(required)) return true;
    return unplaced.some(operation => {
      const rest = unplaced.filter(other => other !== operation);
      if (rest.some(other => precedes(other, operation))) return false;
      const next = stepped(model, states, operation);
      return next !== undefined && extend(rest, next);
    });
  };
  return extend(
    history.map((operation, index) => ({ ...operation, index })),
    new Map(),
  );
}

/** Whether the order obeys time and model. It need not have all of the history. */
export function isLegal<State, Input, Output>(
  model: Model<State, Input, Output>,
  history: History<Input, Output>,
  order: readonly number[],
): boolean {
  let states: ReadonlyMap<string, State> | undefined = new Map<string, State>();
  const placed = order.map(index => history[index]!);
  if (new Set(order).size < order.length) return false;
  for (const [place, operation] of placed.entries()) {
    if (placed.slice(place).some(later => precedes(later, operation))) return false;
    states = states && stepped(model, states, operation);
  }
  return states !== undefined;
}

function precedes<Input, Output>(a: Operation<Input, Output>, b: Operation<Input, Output>): boolean {
  return a.returnedAt !== undefined && a.returnedAt < b.invokedAt;
}

function stepped<State, Input, Output>(
  model: Model<State, Input, Output>,
  states: ReadonlyMap<string, State>,
  { input, output }: Operation<Input, Output>,
): ReadonlyMap<string, State> | undefined {
  const object = model.objectOf(input);
  const state = model.step(states.has(object) ? (states.get(object) as State) : model.initial, input, output);
  return state === undefined ? undefined : new Map(states).set(object, state);
}
