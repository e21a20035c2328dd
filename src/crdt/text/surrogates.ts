/**
 * UTF-16 surrogates. Positions and ids count code units, as JavaScript and CodeMirror do, so one emoji is two
 * ids; the rules here keep the two together, because half a pair cannot be encoded, shown or compared.
 */
import type { Agent } from './agents.ts';

export function isSurrogate(unit: number): boolean {
  return (unit & 0xf800) === 0xd800;
}
function isHigh(unit: number): boolean {
  return (unit & 0xfc00) === 0xd800;
}
export function isLow(unit: number): boolean {
  return (unit & 0xfc00) === 0xdc00;
}

/** Are these two units, next to each other, one character? */
export function isPair(first: number, second: number): boolean {
  return isLow(second) && isHigh(first);
}

/** Does `text[at - 1]`, `text[at]` form a pair, so that `at` is no place to cut? */
export function splitsPair(text: string, at: number): boolean {
  return at > 0 && at < text.length && isPair(text.charCodeAt(at - 1), text.charCodeAt(at));
}

/** The platform's own scan: pasted text is long, and not worth compiling a loop for. */
const surrogate = /[\ud800-\udfff]/;

/** Where the next surrogate stands at or after `from`, or -1. */
function nextSurrogate(text: string, from: number): number {
  for (let i = from; i < text.length; i++) if (isSurrogate(text.charCodeAt(i))) return i;
  return -1;
}

/** Indexes of the high halves of `text`, or `undefined` when a half stands alone. */
export function pairsOf(text: string): readonly number[] | undefined {
  if (text.length === 1 ? !isSurrogate(text.charCodeAt(0)) : !surrogate.test(text)) return noPairs;
  let at = nextSurrogate(text, 0);
  const pairs: number[] = [];
  for (; at >= 0; at = nextSurrogate(text, at + 2)) {
    if (!splitsPair(text, at + 1)) return undefined;
    pairs.push(at);
  }
  return pairs;
}
const noPairs: readonly number[] = [];

/** `text` with each lone surrogate replaced by U+FFFD (ES2024's `toWellFormed`, which ES2023 does not know). */
export function toWellFormed(text: string): string {
  if (pairsOf(text) !== undefined) return text;
  let whole = '';
  for (const character of text) {
    const alone = character.length === 1 && isSurrogate(character.charCodeAt(0));
    whole += alone ? '\ufffd' : character;
  }
  return whole;
}

/** Tells `agent` of the pairs of its `text`, characters from `counter` on; returns it well formed. */
export function notePairs(agent: Agent, counter: number, text: string): string {
  const pairs = pairsOf(text);
  if (pairs === undefined) return notePairs(agent, counter, toWellFormed(text));
  for (let i = 0; i < pairs.length; i++) agent.addPair(counter + (pairs[i] as number));
  return text;
}
