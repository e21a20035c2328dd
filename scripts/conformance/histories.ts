/**
 * `npm run conformance -- histories [DIR] [--json] [--svg DIR] [--budget STEPS]`: judges every recorded history below a
 * folder and compares with the verdict that came with it. `--svg` draws each one that is not linearizable, made small.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { drawPicture } from '../../src/sim/histories/picture.ts';
import { drawTable } from '../../src/sim/histories/table.ts';
import { findHistories, tableSuffix, type FoundHistory } from './history-files.ts';
import { judge, type Judgement } from './judge-history.ts';

interface Failure {
  readonly file: string;
  readonly line: number;
  readonly expected: string;
  readonly actual: string;
}

function readOptions() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { json: { type: 'boolean' }, svg: { type: 'string' }, budget: { type: 'string' } },
  });
  const budget = values.budget === undefined ? undefined : Number(values.budget);
  if (budget !== undefined && !(Number.isSafeInteger(budget) && budget > 0 && budget < 2 ** 24))
    throw new Error('--budget takes a whole number of steps, above 0 and below 2^24.');
  if (positionals.length > 1) throw new Error('One folder at a time.');
  const data = process.env.PEERLOOM_CONFORMANCE ?? '../shared/conformance';
  const folder = positionals[0] ?? join(data, 'histories');
  return { folder, json: values.json === true, svg: values.svg, budget };
}

function compare({ file, expected }: FoundHistory, judged: Judgement): Failure | undefined {
  if (judged.type === expected) return undefined;
  const actual = judged.type === 'malformed' ? `malformed: ${judged.reason}` : judged.type;
  return {
    file,
    line: judged.line,
    expected: expected ?? 'a verdict in verdicts.txt or in the name',
    actual,
  };
}

function draw(to: string, file: string, judged: Judgement): void {
  if (judged.type !== 'not-linearizable') return;
  const story = judged.story();
  const path = join(to, file.replaceAll(/[\\/]/g, '-'));
  writeFileSync(`${path}.svg`, drawPicture(story));
  writeFileSync(`${path}${tableSuffix}`, drawTable(story));
}

function main(): void {
  const { folder, json, svg, budget } = readOptions();
  const { histories, missing } = findHistories(folder);
  if (histories.length === 0) throw new Error(`There is no history (*.log, *.txt) in ${folder}.`);
  if (svg !== undefined) mkdirSync(svg, { recursive: true });
  const started = performance.now();
  const failed: Failure[] = [];
  for (const found of histories) {
    const judged = judge(found.text, budget);
    const failure = compare(found, judged);
    if (failure !== undefined) failed.push(failure);
    if (svg !== undefined) draw(svg, found.file, judged);
    if (json) continue;
    const told = failure === undefined ? judged.type : `${failure.actual}, but expected ${failure.expected}`;
    const where = failure === undefined ? found.file : `${found.file}:${failure.line}`;
    process.stdout.write(
      `${failure === undefined ? 'ok   ' : 'WRONG'} ${where}  ${told}  ${judged.steps} steps\n`,
    );
  }
  const passed = histories.length - failed.length;
  if (json) {
    process.stdout.write(
      `${JSON.stringify({ suite: 'histories', cases: histories.length, passed, failed })}\n`,
    );
  } else {
    const seconds = ((performance.now() - started) / 1000).toFixed(2);
    if (missing > 0) process.stdout.write(`${missing} verdicts are about files that are not here.\n`);
    process.stdout.write(`${passed} of ${histories.length} histories judged as expected, in ${seconds} s.\n`);
  }
  process.exitCode = failed.length === 0 ? 0 : 1;
}

try {
  main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
