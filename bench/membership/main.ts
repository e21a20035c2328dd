/**
 * `npm run bench -- membership [--sizes 8,32,100,1000] [--runs N] [--minutes M] [--json]`: how fast a newcomer and a crash are known to all, what
 * an idle member sends, and whether anybody well is taken for dead on a bad road. In virtual time, so a busy machine changes nothing.
 */
import process from 'node:process';
import { parseArgs } from 'node:util';
import { bundle } from '../bundle.ts';
import { conclude, mustOf, rowOf, wholeOption, type Must, type Row } from '../report.ts';
import { Turns } from '../turns.ts';

const { values } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean', default: false },
    runs: { type: 'string', default: '5' },
    sizes: { type: 'string', default: '8,32,100,1000' },
    minutes: { type: 'string', default: '60' },
  },
});

/** At 32 members. memberlist with its defaults for local networks: 8.0 to 8.4 s until a crash is known to all. */
const limitsAt32 = {
  'suspected everywhere': 3000,
  'dead everywhere': 6000,
  'idle bytes a second': 200,
} as const;
/** From 100 to 1,000: times grow as the logarithm at most; bytes do not, but for what chance does to degrees. */
const growth = { 'join converged': 1.5, 'dead everywhere': 1.5, 'idle bytes a second': 1.1 } as const;

const unitOf = (measure: string) =>
  measure === 'idle bytes a second'
    ? 'bytes'
    : measure === 'false deaths' || measure === 'accusations'
      ? 'count'
      : 'ms';

async function main(): Promise<void> {
  const runs = wholeOption('runs', values.runs);
  const minutes = wholeOption('minutes', values.minutes);
  const sizes = values.sizes.split(',').map(size => wholeOption('sizes', size, 2));
  const worker = await bundle('bench/membership/worker.ts', 'membership-worker');
  const turns = new Turns(worker, line => process.stderr.write(`${line}\n`));
  const rows: Row[] = [];
  for (const size of sizes) {
    const subject = `${String(size)} members`;
    const played = [
      ...Array.from({ length: runs }, (_, run) => ['speed', run + 1] as const),
      ['hour', 1] as const,
    ];
    const figures = new Map<string, number[]>();
    for (const [what, seed] of played) {
      const cell = {
        library: 'peerloom',
        measure: `${subject}, ${what}`,
        args: [what, size, seed, minutes].map(String),
      };
      const outcome = (await turns.take([cell], 1, 3600)).get('peerloom');
      if (outcome?.failed !== undefined)
        rows.push(
          rowOf(
            { subject, measure: what, library: 'peerloom', unit: 'count' },
            [],
            outcome.failed.reason,
            outcome.failed.wrong,
          ),
        );
      for (const [measure, [figure = Number.NaN]] of outcome?.figures ?? [])
        figures.set(measure, [...(figures.get(measure) ?? []), figure]);
    }
    for (const [measure, all] of figures)
      rows.push(rowOf({ subject, measure, library: 'peerloom', unit: unitOf(measure) }, all, undefined));
  }
  conclude({ suite: 'membership', rows, musts: mustsOf(rows, minutes) }, values.json);
}

function mustsOf(rows: readonly Row[], minutes: number): Must[] {
  const find = (size: number, measure: string) =>
    rows.find(row => row.subject === `${String(size)} members` && row.measure === measure);
  const musts: (Must | undefined)[] = [];
  for (const [measure, limit] of Object.entries(limitsAt32)) {
    const row = find(32, measure);
    // The slowest run counts: nobody is suspected in the median.
    if (row !== undefined && 'max' in row)
      musts.push({ name: `${measure}, 32 members`, value: row.max, limit, holds: row.max <= limit });
  }
  for (const row of rows)
    if (row.measure === 'false deaths' && 'max' in row)
      musts.push({
        name: `false deaths in ${String(minutes)} simulated minutes, ${row.subject}`,
        value: row.max,
        limit: 0,
        holds: row.max === 0,
      });
  for (const [measure, limit] of Object.entries(growth))
    musts.push(mustOf(`${measure}, 1,000 ÷ 100 members`, find(1000, measure), find(100, measure), limit));
  return musts.filter(must => must !== undefined);
}

try {
  await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
