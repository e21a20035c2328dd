/**
 * A register that can also be set on a condition: `cas` writes `to` if the value is `from`, and says whether it
 * did. A refusal says something too: that at that instant the value was another.
 */
import type { Model } from '../operation.ts';
import {
  at,
  indexesOf,
  registerModel,
  type RegisterInput,
  type RegisterOutput,
  type Value,
} from './register.ts';

export type CasInput =
  RegisterInput | { readonly type: 'cas'; readonly key: string; readonly from: Value; readonly to: Value };

export type CasOutput = RegisterOutput | { readonly type: 'swapped' } | { readonly type: 'refused' };

export const casModel: Model<Value, CasInput, CasOutput> = {
  name: 'compare-and-set',
  initial: null,
  objectOf: input => input.key,
  step(state, input, output) {
    if (input.type !== 'cas') {
      if (output?.type === 'swapped' || output?.type === 'refused') return undefined;
      return registerModel.step(state, input, output);
    }
    const swaps = state === input.from;
    if (output !== undefined && output.type !== (swaps ? 'swapped' : 'refused')) return undefined;
    return swaps ? input.to : state;
  },
  stateKey: state => registerModel.stateKey(state),
  isReadOnly: (input, output) =>
    input.type === 'cas' ? output?.type === 'refused' || input.from === input.to : input.type === 'read',
  foresight: {
    mayComeFrom: (state, { output }) => output?.type !== 'value' || output.value === state,
    needs: ({ output }, open) => [
      indexesOf(open, by => {
        if (by.type === 'read' || output?.type !== 'value') return false;
        return output.value === (by.type === 'cas' ? by.to : by.value);
      }),
    ],
  },
  inputText: input =>
    input.type === 'cas'
      ? `cas${at(input.key)} ${JSON.stringify(input.from)} → ${JSON.stringify(input.to)}`
      : registerModel.inputText(input),
  outputText(output) {
    if (output.type === 'swapped') return 'ok';
    return output.type === 'refused' ? 'refused' : registerModel.outputText(output);
  },
  shows({ input, output }, by) {
    if (this.isReadOnly(by.input, by.output)) return undefined;
    if (by.input.type === 'read') return undefined;
    const left = by.input.type === 'cas' ? by.input.to : by.input.value;
    // A refusal shows only that something else stood there.
    if (output?.type === 'refused')
      return input.type === 'cas' && left !== input.from ? 'another' : undefined;
    // One that nobody was told of explains others only where it can have swapped.
    const seen = input.type === 'cas' ? input.from : undefined;
    return left === (output?.type === 'value' ? output.value : seen) ? 'value' : undefined;
  },
};
