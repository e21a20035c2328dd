/** A register for each key: a read gives the value written last, null before the first. */
import type { Model } from '../operation.ts';

export type Value = number | string | null;

export type RegisterInput =
  | { readonly type: 'read'; readonly key: string }
  | { readonly type: 'write'; readonly key: string; readonly value: Value };

export type RegisterOutput = { readonly type: 'value'; readonly value: Value } | { readonly type: 'written' };

export const registerModel: Model<Value, RegisterInput, RegisterOutput> = {
  name: 'register',
  initial: null,
  objectOf: input => input.key,
  step(state, input, output) {
    if (input.type === 'write')
      return output === undefined || output.type === 'written' ? input.value : undefined;
    if (output === undefined) return state;
    return output.type === 'value' && output.value === state ? state : undefined;
  },
  stateKey: keyOfValue,
  isReadOnly: input => input.type === 'read',
  foresight: {
    mayComeFrom: (state, { output }) => output?.type !== 'value' || output.value === state,
    needs: ({ output }, open) => [
      indexesOf(open, by => by.type === 'write' && output?.type === 'value' && by.value === output.value),
    ],
  },
  inputText: input =>
    input.type === 'read' ? `read${at(input.key)}` : `write${at(input.key)} ${JSON.stringify(input.value)}`,
  outputText: output => (output.type === 'value' ? JSON.stringify(output.value) : 'ok'),
  shows: ({ output }, { input: by }) =>
    output?.type === 'value' && by.type === 'write' && by.value === output.value ? 'value' : undefined,
};

/** A number and the text that looks like it are two values. */
export function keyOfValue(value: Value): string | number {
  return typeof value === 'number' ? value : JSON.stringify(value);
}

export function indexesOf<Item>(items: readonly Item[], isMeant: (item: Item) => boolean): number[] {
  return [...items.keys()].filter(index => isMeant(items[index] as Item));
}

/** The key as a part of a label; a history of one register names none. */
export function at(key: string): string {
  return key === '' ? '' : ` ${JSON.stringify(key)}`;
}
