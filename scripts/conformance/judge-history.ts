/** Reads one recorded history in whichever of the two formats it is, and judges it. */
import { check } from '../../src/sim/histories/check.ts';
import { readEtcdJepsen } from '../../src/sim/histories/formats/etcd-jepsen.ts';
import { readKvAppend } from '../../src/sim/histories/formats/kv-append.ts';
import type { LogFault, LogResult } from '../../src/sim/histories/formats/log.ts';
import { appendModel } from '../../src/sim/histories/models/append.ts';
import { casModel } from '../../src/sim/histories/models/compare-and-set.ts';
import type { Model } from '../../src/sim/histories/operation.ts';
import { shrink } from '../../src/sim/histories/shrink.ts';
import { tell, type Story } from '../../src/sim/histories/story.ts';

/** `line`: where it shows. Of a history that is linearizable, or about which nothing is known, the first. */
export type Judgement = { readonly line: number; readonly steps: number } & (
  | { readonly type: 'linearizable' | 'unknown' }
  /** `story`: why not, made small. */
  | { readonly type: 'not-linearizable'; readonly story: () => Story }
  | { readonly type: 'malformed'; readonly reason: string }
);

const FAULTS: Readonly<Record<LogFault, string>> = {
  'unreadable-line': 'no line of this format, or only the beginning of one',
  'nothing-open': 'the end of an operation that was not begun',
  'process-busy': 'the process has not ended its operation before',
  'other-operation': 'the end of another operation than the process began',
};

/** The notation of a kv history is that of maps. */
export function judge(text: string, budget: number | undefined): Judgement {
  return text.trimStart().startsWith('{')
    ? judgeAs(appendModel, readKvAppend(text), budget)
    : judgeAs(casModel, readEtcdJepsen(text), budget);
}

function judgeAs<State, Input, Output>(
  model: Model<State, Input, Output>,
  read: LogResult<Input, Output>,
  budget: number | undefined,
): Judgement {
  if (!read.ok) return { type: 'malformed', reason: FAULTS[read.reason], line: read.line, steps: 0 };
  const { history } = read;
  if (history.length === 0) return { type: 'malformed', reason: 'no operation in it', line: 1, steps: 0 };
  const limits = budget === undefined ? {} : { budget };
  const verdict = check(model, history, limits);
  if (verdict.type !== 'not-linearizable') return { type: verdict.type, line: 1, steps: verdict.steps };
  return {
    type: 'not-linearizable',
    line: history[verdict.blocked]?.returnedAt ?? 1,
    steps: verdict.steps,
    story: () => {
      const least = shrink(model, history, verdict, limits);
      return tell(model, least.history, least.verdict);
    },
  };
}
