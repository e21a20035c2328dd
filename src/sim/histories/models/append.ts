/** A text for each key, empty at first: `append` adds at its end, `put` replaces it, `get` gives all of it. */
import type { Model } from '../operation.ts';
import { indexesOf } from './register.ts';

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
  foresight: {
    // A text only grows at its end, until it is replaced.
    mayComeFrom: (state, { output }) => output?.type !== 'value' || output.value.startsWith(state),
    needs: ({ output }, open) => (output?.type === 'value' ? partsOf(output.value, open) : []),
  },
  inputText: input =>
    input.type === 'get'
      ? `get ${JSON.stringify(input.key)}`
      : `${input.type} ${JSON.stringify(input.key)} ${JSON.stringify(input.value)}`,
  outputText: output => (output.type === 'value' ? JSON.stringify(output.value) : 'ok'),
  shows: ({ output }, { input: by }) =>
    output?.type === 'value' && by.type !== 'get' && output.value.includes(by.value) ? by.value : undefined,
};

/**
 * Out of what a text can be put together from now on, after it is replaced: who may put its beginning, then part by
 * part who may append it, as far as there is only one way to read it.
 */
function partsOf(text: string, open: readonly AppendInput[]): (readonly number[])[] {
  const puts = indexesOf(open, by => by.type === 'put' && text.startsWith(by.value));
  const parts: (readonly number[])[] = [puts];
  const [beginning, otherBeginning] = new Set(puts.map(index => textOf(open[index])));
  if (beginning === undefined || otherBeginning !== undefined) return parts;
  const appends = new Map<string, number[]>();
  for (const [index, by] of open.entries()) {
    if (by.type !== 'append' || by.value === '') continue;
    const same = appends.get(by.value);
    if (same === undefined) appends.set(by.value, [index]);
    else same.push(index);
  }
  const lengths = new Set(Array.from(appends.keys(), value => value.length));
  for (let at = beginning.length; at < text.length;) {
    const fitting = Array.from(lengths, length => text.slice(at, at + length)).filter(part =>
      appends.has(part),
    );
    const [part, otherPart] = new Set(fitting);
    if (otherPart !== undefined) return parts;
    parts.push(part === undefined ? [] : (appends.get(part) as number[]));
    if (part === undefined) return parts;
    at += part.length;
  }
  return parts;
}

function textOf(input: AppendInput | undefined): string {
  return input === undefined || input.type === 'get' ? '' : input.value;
}
