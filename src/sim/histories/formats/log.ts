/**
 * What the two formats of recorded histories share: a line says that a process invoked something or what came of
 * it. Times are line numbers, so no two are equal. Logs are written by others: whatever does not fit is refused with its line.
 */
import type { History } from '../operation.ts';
import { HistoryRecorder } from '../recorder.ts';

export type LogResult<Input, Output> =
  | { readonly ok: true; readonly history: History<Input, Output> }
  | { readonly ok: false; readonly line: number; readonly reason: LogFault };

export type LogFault =
  /** Not a line of the format, or the beginning of one. */
  | 'unreadable-line'
  /** An end without its beginning. */
  | 'nothing-open'
  /** A beginning while the process waits for the end of another. */
  | 'process-busy'
  /** The end of another operation than the one the process began. */
  | 'other-operation';

/** A line as understood. `ignored`: not about a client, as those about faults that were injected. */
export type LogEntry<Input, Output> =
  | { readonly type: 'ignored' }
  | { readonly type: 'invoke'; readonly process: number; readonly input: Input }
  | {
      readonly type: 'end';
      readonly process: number;
      /** Whether what the line repeats of the operation fits what was begun. */
      readonly fits: (input: Input) => boolean;
      readonly outcome: Outcome<Output>;
    };

export type Outcome<Output> =
  | { readonly type: 'answered'; readonly output: Output }
  | { readonly type: 'lost' }
  | { readonly type: 'withdrawn' };

/** `entryOf`: the line as understood, or undefined. Empty lines are passed over. */
export function readLog<Input, Output>(
  text: string,
  entryOf: (line: string) => LogEntry<Input, Output> | undefined,
): LogResult<Input, Output> {
  const recorder = new HistoryRecorder<Input, Output>();
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.trim();
    if (line === '') continue;
    const entry = entryOf(line);
    const fault = entry === undefined ? 'unreadable-line' : record(recorder, entry, index + 1);
    if (fault !== undefined) return { ok: false, line: index + 1, reason: fault };
  }
  return { ok: true, history: recorder.history() };
}

function record<Input, Output>(
  recorder: HistoryRecorder<Input, Output>,
  entry: LogEntry<Input, Output>,
  at: number,
): LogFault | undefined {
  if (entry.type === 'ignored') return undefined;
  const { process } = entry;
  const open = recorder.openInput(process);
  if (entry.type === 'invoke') {
    if (open !== undefined) return 'process-busy';
    recorder.invoked(process, entry.input, at);
    return undefined;
  }
  if (open === undefined) return 'nothing-open';
  if (!entry.fits(open)) return 'other-operation';
  if (entry.outcome.type === 'answered') recorder.answered(process, entry.outcome.output, at);
  else if (entry.outcome.type === 'lost') recorder.lost(process);
  else recorder.withdrawn(process);
  return undefined;
}

/** A whole number a double holds exactly. */
export function wholeNumber(text: string): number | undefined {
  if (!/^-?\d+$/.test(text)) return undefined;
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : undefined;
}
