/**
 * Logs of Jepsen's etcd test: one register, read, written and compared-and-set by processes.
 *
 *     INFO  jepsen.util - 3	:invoke	:cas	[1 4]
 *     INFO  jepsen.util - 3	:info	:cas	:timed-out
 *
 * What the second keyword means (Jepsen's own words):
 *
 * | | |
 * |---|---|
 * | `:invoke` | the client begins; a read has `nil` for its value |
 * | `:ok` | it happened; a read has the value, `nil` if there was none |
 * | `:fail` | it did not happen. With the values of a `:cas`: the register had another value, which is an answer |
 * | `:info` | nobody knows, and it may happen at any later time; Jepsen's process goes on under another number |
 *
 * A timeout is no knowledge: one that changes something is taken as `:info`, whatever the log calls it.
 */
import type { CasInput, CasOutput } from '../models/compare-and-set.ts';
import { readLog, wholeNumber, type LogEntry, type LogResult, type Outcome } from './log.ts';

export function readEtcdJepsen(text: string): LogResult<CasInput, CasOutput> {
  return readLog(text, entryOf);
}

const LINE = /^INFO\s+jepsen\.util\s+-\s+(\d+|:nemesis)\s+:(invoke|ok|fail|info)\s+:(\S+)\s+(\S.*)$/;
const PAIR = /^\[(-?\d+)\s+(-?\d+)\]$/;
/** The log is about one register. */
const key = '';

function entryOf(line: string): LogEntry<CasInput, CasOutput> | undefined {
  const [, name = '', type, operation = '', value = ''] = LINE.exec(line) ?? [];
  if (type === undefined) return undefined;
  if (name === ':nemesis') return { type: 'ignored' };
  const process = wholeNumber(name);
  if (process === undefined || !['read', 'write', 'cas'].includes(operation)) return undefined;
  if (type === 'invoke') {
    const input = inputOf(operation, value);
    return input && { type: 'invoke', process, input };
  }
  const outcome = outcomeOf(type, operation, value);
  return outcome && { type: 'end', process, fits: input => fits(input, operation, value), outcome };
}

function inputOf(operation: string, value: string): CasInput | undefined {
  if (operation === 'read') return value === 'nil' ? { type: 'read', key } : undefined;
  if (operation === 'write') {
    const written = wholeNumber(value);
    return written === undefined ? undefined : { type: 'write', key, value: written };
  }
  const [from, to] = (PAIR.exec(value) ?? []).slice(1).map(wholeNumber);
  return from === undefined || to === undefined ? undefined : { type: 'cas', key, from, to };
}

function outcomeOf(type: string, operation: string, value: string): Outcome<CasOutput> | undefined {
  if (type === 'ok') {
    if (operation === 'read') {
      const read = value === 'nil' ? null : wholeNumber(value);
      return read === undefined ? undefined : { type: 'answered', output: { type: 'value', value: read } };
    }
    if (inputOf(operation, value) === undefined) return undefined;
    return { type: 'answered', output: { type: operation === 'cas' ? 'swapped' : 'written' } };
  }
  if (type === 'fail' && operation === 'cas' && PAIR.test(value))
    return { type: 'answered', output: { type: 'refused' } };
  // What is in place of the value is a remark. A pair that is cut off is none.
  if (inputOf(operation, value) === undefined && !/^[:"]\S/.test(value) && value !== 'nil') return undefined;
  if (type === 'info' || (value === ':timed-out' && operation !== 'read')) return { type: 'lost' };
  return { type: 'withdrawn' };
}

/** Ends repeat the values of a write and a comparison, unless they say that it timed out. */
function fits(input: CasInput, operation: string, value: string): boolean {
  if (input.type !== operation) return false;
  const repeated = input.type === 'read' ? undefined : inputOf(operation, value);
  if (repeated?.type === 'write') return input.type === 'write' && input.value === repeated.value;
  if (repeated?.type === 'cas')
    return input.type === 'cas' && input.from === repeated.from && input.to === repeated.to;
  return true;
}
