/**
 * `npm run bench -- sync [--runs N] [--sizes A,B] [--json]`: what it takes two replicas to find out what one of them lacks. Of 10,000,
 * 100,000 and a million items the other lacks none, 10 or 1,000: the last ones (clustered) or any (uniform). Beside the figures that Negentropy has
 * published, and the state-vector sync of y-protocols in the same run.
 */
import process from 'node:process';
import { parseArgs } from 'node:util';
import { bundle } from '../bundle.ts';
import { conclude, rowOf, warnWhenBusy, wholeOption, type Must, type Row } from '../report.ts';
import { Turns } from '../turns.ts';

const { values } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean', default: false },
    runs: { type: 'string', default: '5' },
    sizes: { type: 'string', default: '10000,100000,1000000' },
  },
});

const equalBytesMost = 100;
const libraries = ['peerloom merkle', 'peerloom clocks', 'y-protocols'];

/** Bytes that Negentropy's authors published; nothing was run here. Subject to figure. */
const negentropy = new Map([
  ['1000000 items, 0 missing', 600],
  ['10000 items, 1000 missing, clustered', 44_000],
  ['100000 items, 1000 missing, clustered', 35_000],
  ['1000000 items, 1000 missing, clustered', 69_000],
  ['1000000 items, 1000 missing, uniform', 2_700_000],
]);

async function main(): Promise<void> {
  warnWhenBusy();
  const runs = wholeOption('runs', values.runs);
  const sizes = values.sizes.split(',').map(size => wholeOption('sizes', size, 2000));
  const say = (line: string): void => {
    process.stderr.write(`${line}\n`);
  };
  const turns = new Turns(await bundle('bench/sync/worker.ts', 'sync-worker'), say);
  const rows: Row[] = [];
  for (const size of sizes) {
    const cells = libraries.map(library => ({
      library,
      measure: `${String(size)} items`,
      args: [library, String(size), String(runs)],
    }));
    for (const [library, { figures, failed }] of await turns.take(cells, runs, 300)) {
      if (failed !== undefined) {
        const subject = {
          subject: `${String(size)} items`,
          library,
          measure: 'bytes',
          unit: 'bytes' as const,
        };
        rows.push(rowOf(subject, [], failed.reason, failed.wrong));
      }
      for (const [figure, all] of figures) {
        const [subject = '', measure = ''] = figure.split(': ');
        const unit = measure === 'bytes' ? 'bytes' : measure === 'time' ? 'ms' : 'rounds';
        rows.push(rowOf({ subject, measure, library, unit }, all, undefined));
      }
    }
  }
  const published = [...negentropy].filter(([subject]) => rows.some(row => row.subject === subject));
  for (const [subject, bytes] of published)
    rows.push(
      rowOf(
        { subject, measure: 'bytes', library: 'negentropy, published', unit: 'bytes' },
        [bytes],
        undefined,
      ),
    );
  conclude(
    { suite: 'sync', rows: rows.sort(bySubject), musts: mustsOf(rows), ratios: ratiosOf(rows) },
    values.json,
  );
}

function bySubject(a: Row, b: Row): number {
  return a.subject.localeCompare(b.subject, 'en', { numeric: true }) || a.measure.localeCompare(b.measure);
}

function mustsOf(rows: readonly Row[]): Must[] {
  const musts: Must[] = [];
  for (const row of rows) {
    if (row.library !== 'peerloom merkle' || !row.subject.endsWith(' 0 missing') || 'failed' in row) continue;
    if (row.measure === 'time') continue;
    const limit = row.measure === 'bytes' ? equalBytesMost : 1;
    musts.push({ name: `${row.measure}, ${row.subject}`, value: row.max, limit, holds: row.max <= limit });
  }
  return musts;
}

function ratiosOf(rows: readonly Row[]): { name: string; value: number }[] {
  return rows.flatMap(row => {
    if ('failed' in row || row.measure !== 'bytes' || row.library !== 'peerloom merkle') return [];
    const theirs = negentropy.get(row.subject);
    return theirs === undefined
      ? []
      : [{ name: `bytes ÷ Negentropy's, ${row.subject}`, value: row.median / theirs }];
  });
}

try {
  await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
