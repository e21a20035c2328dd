/**
 * Runs: each in a fresh process, the libraries taking turns, so that whatever else the machine does hits all of them.
 * A library that gave a wrong result or took too long stays out of the turns that are left of that measure.
 */
import { execFile } from 'node:child_process';
import process from 'node:process';
import { rowOf, type Row } from './report.ts';

export interface Cell {
  readonly library: string;
  /** For the progress. */
  readonly measure: string;
  /** What the worker is started with. */
  readonly args: readonly string[];
}

/** What the runs of one library gave, by the name of the figure. */
export interface Outcome {
  readonly figures: Map<string, number[]>;
  runs: number;
  failed: { readonly reason: string; readonly wrong: boolean } | undefined;
}

type Said =
  | { readonly result: Readonly<Record<string, number>> }
  | { readonly failed: string }
  | { readonly tooLong: true };

export class Turns {
  readonly #worker: string;
  readonly #say: (line: string) => void;

  constructor(worker: string, say: (line: string) => void) {
    this.#worker = worker;
    this.#say = say;
  }

  async take(cells: readonly Cell[], runs: number, budgetSeconds: number): Promise<Map<string, Outcome>> {
    const outcomes = new Map<string, Outcome>();
    for (const { library } of cells)
      outcomes.set(library, { figures: new Map(), runs: 0, failed: undefined });
    for (let run = 1; run <= runs; run++) {
      for (const cell of cells) {
        const outcome = outcomes.get(cell.library);
        if (outcome === undefined || outcome.failed !== undefined) continue;
        note(outcome, await this.#run(cell, budgetSeconds), budgetSeconds);
        this.#say(`${cell.measure} ${run}/${runs}, ${cell.library}: ${lastOf(outcome)}`);
      }
    }
    return outcomes;
  }

  #run({ args: given }: Cell, budgetSeconds: number): Promise<Said> {
    const args = ['--expose-gc', this.#worker, ...given];
    return new Promise(resolve => {
      execFile(
        process.execPath,
        args,
        { timeout: budgetSeconds * 1000, killSignal: 'SIGKILL', maxBuffer: 2 ** 24 },
        (error, stdout, stderr) => {
          const line = stdout.trimEnd().split('\n').at(-1) ?? '';
          if (line.startsWith('{')) resolve(JSON.parse(line) as Said);
          else if (error?.killed === true) resolve({ tooLong: true });
          else resolve({ failed: `${error?.message ?? 'it said nothing'} ${stderr}`.slice(0, 300) });
        },
      );
    });
  }
}

function note(outcome: Outcome, said: Said, budgetSeconds: number): void {
  if ('tooLong' in said) outcome.failed = { reason: `not within ${budgetSeconds} s`, wrong: false };
  else if ('failed' in said) outcome.failed = { reason: said.failed, wrong: true };
  else {
    outcome.runs++;
    for (const [name, value] of Object.entries(said.result)) {
      const values = outcome.figures.get(name) ?? [];
      outcome.figures.set(name, values);
      values.push(value);
    }
  }
}

function lastOf({ figures, failed }: Outcome): string {
  if (failed !== undefined) return failed.reason;
  return [...figures]
    .map(([name, values]) => `${name} ${(values.at(-1) ?? Number.NaN).toFixed(1)}`)
    .join(', ');
}

/** The rows of one library: one a figure, or one that says why there is none. */
export function rowsOf(
  subject: string,
  measure: string,
  library: string,
  { figures, failed }: Outcome,
): Row[] {
  if (failed !== undefined)
    return [rowOf({ subject, measure, library, unit: 'ms' }, [], failed.reason, failed.wrong)];
  return [...figures].map(([figure, values]) => {
    const unit = figure.includes('bytes') || figure === 'heap' ? 'bytes' : 'ms';
    return rowOf({ subject, measure: figure, library, unit }, values, undefined);
  });
}
