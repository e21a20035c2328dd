/**
 * A lock for each name that hands out fencing tokens (Kleppmann 2016; Chubby's sequencers, Burrows 2006 §2.4):
 * whoever gets it gets a whole number above all earlier ones, releases it by that number, and anyone may ask
 * whether a number still holds. A holder that was cut off and comes back is told so by its number.
 *
 * Whatever frees a lock is an operation of the history, so a lease that runs out is a `release` by whoever ended it.
 *
 * The token of an acquisition nobody was told of is unknown, and the specification has to go on all the same. The least
 * it can have been is enough to know, since only later tokens are compared with it. An operation may name such a
 * token (the one that ends the lease does): any that fits is believed, also when two name different ones.
 */
import type { Model } from '../operation.ts';

export type LockInput =
  | { readonly type: 'acquire'; readonly lock: string }
  | { readonly type: 'release'; readonly lock: string; readonly token: number }
  | { readonly type: 'check'; readonly lock: string; readonly token: number };

export type LockOutput =
  /** Answers of `acquire`. */
  | { readonly type: 'granted'; readonly token: number }
  | { readonly type: 'refused' }
  /** Of `release`, the second also when the token was never the holder's. */
  | { readonly type: 'released' }
  | { readonly type: 'stale' }
  /** Of `check`, beside `stale`. */
  | { readonly type: 'held' };

interface LockState {
  /** The token that holds, `null` if none, `unknown` if one that nobody was told. */
  readonly holder: number | 'unknown' | null;
  /** The last token handed out, or the least it can have been. */
  readonly highest: number;
}

export const lockModel: Model<LockState, LockInput, LockOutput> = {
  name: 'lock with tokens',
  initial: { holder: null, highest: 0 },
  objectOf: input => input.lock,
  step(state, input, output) {
    if (input.type === 'acquire') return acquired(state, output);
    const mayHold = state.holder === 'unknown' && input.token >= state.highest && output?.type !== 'stale';
    const holds = state.holder === input.token || mayHold;
    const answer = holds ? (input.type === 'release' ? 'released' : 'held') : 'stale';
    if (output !== undefined && output.type !== answer) return undefined;
    if (answer !== 'released') return state;
    return { holder: null, highest: Math.max(state.highest, input.token) };
  },
  stateKey: state => `holder ${String(state.holder)}, highest ${state.highest}`,
  isReadOnly: (input, output) =>
    input.type === 'check' || output?.type === 'refused' || output?.type === 'stale',
  inputText: input =>
    input.type === 'acquire'
      ? `acquire ${JSON.stringify(input.lock)}`
      : `${input.type} ${JSON.stringify(input.lock)} ${input.token}`,
  outputText: output => (output.type === 'granted' ? String(output.token) : output.type),
  shows({ input, output }, by) {
    const granted = by.output?.type === 'granted' ? by.output.token : undefined;
    if ((output?.type === 'released' || output?.type === 'held') && input.type !== 'acquire')
      return granted === input.token ? 'granted' : undefined;
    // A grant shows that whoever held before let go, and a refusal that somebody held.
    if (output?.type === 'granted')
      return by.input.type === 'release' && by.output?.type === 'released'
        ? String(by.input.token)
        : undefined;
    return output?.type === 'refused' && by.input.type === 'acquire' && by.output?.type !== 'refused'
      ? 'held'
      : undefined;
  },
};

function acquired(state: LockState, output: LockOutput | undefined): LockState | undefined {
  const free = state.holder === null;
  if (output === undefined) return free ? { holder: 'unknown', highest: state.highest + 1 } : state;
  if (output.type === 'refused') return free ? undefined : state;
  if (output.type !== 'granted' || !free || output.token <= state.highest) return undefined;
  return { holder: output.token, highest: output.token };
}
