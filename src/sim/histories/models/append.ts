/** A text for each key, empty at first: `append` adds at its end, `put` replaces it, `get` gives all of it. */
import type { Model } from '../operation.ts';

export type AppendInput =
  | { readonly type: 'get'; readonly key: string }
  | { readonly type: 'put'; readonly key: string; readonly value: string }
  | { readonly type: 'append'; readonly key: string; readonly value: string };

export type AppendOutput = { readonly type: 'value'; readonly value: string } | { readonly type: 'done' };

export const appendModel: Model<string, AppendInput, AppendOutput> = {
  name: 'key-value append',
  initial: '',
  objectOf: input => input.key,
  step(state, input, output) {
    if (input.type === 'get') {
      if (output === undefined) return state;
      return output.type === 'value' && output.value === state ? state : undefined;
    }
    if (output !== undefined && output.type !== 'done') return undefined;
    return input.type === 'put' ? input.value : state + input.value;
  },
  stateKey: state => state,
  isReadOnly: input => input.type === 'get',
  inputText: input =>
    input.type === 'get'
      ? `get ${JSON.stringify(input.key)}`
      : `${input.type} ${JSON.stringify(input.key)} ${JSON.stringify(input.value)}`,
  outputText: output => (output.type === 'value' ? JSON.stringify(output.value) : 'ok'),
  leaves: ({ input }) => (input.type === 'get' ? [] : [input.value]),
  shows: ({ output }, mark) => output?.type === 'value' && output.value.includes(mark),
};
