/**
 * What every suite reports, in the one shape that `npm run bench -- SUITE --json` prints: rows of medians, and
 * the ratios that must hold.
 */
import { execFileSync } from 'node:child_process';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { dirname } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

interface Subject {
  readonly subject: string;
  readonly measure: string;
  readonly library: string;
  readonly unit: 'ms' | 'bytes' | 'times real time' | '1/s' | 'rounds' | 'count';
}

/** Median, minimum and maximum over the runs that were right. */
export interface Measured extends Subject {
  readonly median: number;
  readonly min: number;
  readonly max: number;
  readonly runs: number;
}

/** A library that gave a wrong result (`wrong`), or none in time. `runs` counts those that were right. */
export interface Failed extends Subject {
  readonly failed: string;
  readonly wrong: boolean;
  readonly runs: number;
}

export type Row = Measured | Failed;

/** A ratio of medians of one run of the suite, and the most it may be. */
export interface Must {
  readonly name: string;
  readonly value: number;
  readonly limit: number;
  readonly holds: boolean;
}

/** A ratio of medians of one run of the suite of which nothing was promised. */
export interface Ratio {
  readonly name: string;
  readonly value: number;
}

export interface Report {
  readonly suite: string;
  readonly rows: readonly Row[];
  readonly musts: readonly Must[];
  readonly ratios?: readonly Ratio[];
}

/** The smallest value that at least the `share` (0 to 1) of all values do not exceed. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const below = sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN;
  const above = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  return (below + above) / 2;
}

const rounded = (value: number): number => Math.round(value * 100) / 100;

/** `wrong`: it failed by a wrong result, and not only by taking too long. */
export function rowOf(
  subject: Subject,
  values: readonly number[],
  failed: string | undefined,
  wrong = true,
): Row {
  if (failed !== undefined) return { ...subject, failed, wrong, runs: values.length };
  return {
    ...subject,
    median: rounded(median(values)),
    min: rounded(Math.min(...values)),
    max: rounded(Math.max(...values)),
    runs: values.length,
  };
}

/** The ratio of two rows; undefined when one of them was not measured. */
export function mustOf(
  name: string,
  ours: Row | undefined,
  theirs: Row | undefined,
  limit: number,
): Must | undefined {
  if (ours === undefined || theirs === undefined || 'failed' in ours || 'failed' in theirs) return undefined;
  const ratio = ours.median / theirs.median;
  return { name, value: rounded(ratio), limit, holds: ratio <= limit };
}

/** The whole number that an option says, at least `least`; an error that names the option otherwise. */
export function wholeOption(name: string, text: string, least = 1): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < least)
    throw new Error(`--${name} must be a whole number from ${least} on.`);
  return value;
}

/** Figures from a busy machine are wrong, and not by the same factor for every library. To be asked first. */
export function warnWhenBusy(): void {
  const load = loadavg()[0] ?? 0;
  if (load > availableParallelism() / 2)
    process.stderr.write(
      `This machine is busy (load ${load.toFixed(1)}): these figures will not be worth quoting.\n`,
    );
}

/** Prints the report and sets the exit status: 1 when a result was wrong or nothing was measured. */
export function conclude(report: Report, json: boolean): void {
  if (json) {
    const { suite, rows, musts, ratios } = report;
    const said = { suite, machine: machine(), commit: commit(), rows, musts };
    const all =
      ratios === undefined
        ? said
        : { ...said, ratios: ratios.map(({ name, value }) => ({ name, value: rounded(value) })) };
    process.stdout.write(`${JSON.stringify(all)}\n`);
  } else process.stdout.write(table(report));
  const measured = report.rows.some(row => !('failed' in row));
  const wrong = !measured || report.rows.some(row => 'failed' in row && row.wrong);
  process.exitCode = wrong ? 1 : 0;
}

function table({ suite, rows, musts, ratios = [] }: Report): string {
  const { cpu, cores, node } = machine();
  const lines = [
    ['subject', 'measure', 'library', 'median', 'min', 'max', 'runs'],
    ...rows.map(row => [
      row.subject,
      row.measure,
      row.library,
      ...('failed' in row
        ? [`failed: ${row.failed}`, '', '']
        : [row.median, row.min, row.max].map(value => shown(value, row.unit))),
      String(row.runs),
    ]),
  ];
  const widths = (lines[0] ?? []).map((_, column) =>
    Math.max(...lines.map(line => line[column]?.length ?? 0)),
  );
  const drawn = lines.map(line =>
    line
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  const limited = musts.map(
    ({ name, value, limit, holds }) =>
      `${name}: ${value.toFixed(2)}, at most ${limit.toFixed(2)}: ${holds ? 'holds' : 'DOES NOT HOLD'}`,
  );
  const free = ratios.map(({ name, value }) => `${name}: ${value.toFixed(2)}`);
  return `${[`${suite} at ${commit()}, ${cpu}, ${cores} cores, Node ${node}`, '', ...drawn, '', ...limited, ...free].join('\n')}\n`;
}

function shown(value: number, unit: Subject['unit']): string {
  if (unit === 'ms') return `${value.toFixed(2)} ms`;
  return unit === 'bytes' ? `${Math.round(value).toLocaleString('en')} B` : value.toFixed(1);
}

function machine(): { readonly cpu: string; readonly cores: number; readonly node: string } {
  return { cpu: cpus()[0]?.model ?? 'unknown', cores: availableParallelism(), node: process.versions.node };
}

/** With `-dirty` behind it when what was measured is not what was committed. */
function commit(): string {
  try {
    return execFileSync('git', ['describe', '--always', '--dirty', '--exclude', '*'], {
      cwd: ROOT,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return 'unknown';
  }
}
