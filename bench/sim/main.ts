/**
 * `npm run bench -- sim [--runs N] [--seconds S] [--json]`: how fast the simulator plays. Five replicas that type 20 times
 * a second and more, a fault a second and more, the production codec and hash, the keyed-hash signer, all checkers. One
 * process on one core plays a warm-up and then the runs, since a long search is what the speed is for.
 */
import process from 'node:process';
import { parseArgs } from 'node:util';
import { bundle } from '../bundle.ts';
import { conclude, rowOf, warnWhenBusy, wholeOption, type Must, type Row } from '../report.ts';
import { Turns } from '../turns.ts';

const realTimeLeast = 500;

const { values } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean', default: false },
    runs: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '60' },
  },
});

async function main(): Promise<void> {
  warnWhenBusy();
  const [runs, seconds] = [wholeOption('runs', values.runs), wholeOption('seconds', values.seconds)];
  const say = (line: string): void => {
    process.stderr.write(`${line}\n`);
  };
  const turns = new Turns(await bundle('bench/sim/worker.ts', 'sim-worker'), say);
  const cell = { library: 'peerloom', measure: 'busy', args: [String(seconds)] };
  const outcome = (await turns.take([cell], runs, 600)).get('peerloom');
  const rows: Row[] = [];
  const subject = { subject: 'busy', library: 'peerloom' };
  if (outcome?.failed !== undefined)
    rows.push(
      rowOf(
        { ...subject, measure: 'speed', unit: 'times real time' },
        [],
        outcome.failed.reason,
        outcome.failed.wrong,
      ),
    );
  for (const [measure, figures] of outcome?.figures ?? []) {
    const unit = measure.startsWith('speed') ? 'times real time' : '1/s';
    rows.push(rowOf({ ...subject, measure, unit }, figures, undefined));
  }
  const speed = rows.find(row => row.measure === 'speed');
  const musts: Must[] = [];
  if (speed !== undefined && 'median' in speed) {
    // A must is something that may not be exceeded: milliseconds of a core for a second of virtual time.
    const value = Math.round(100_000 / speed.median) / 100;
    const limit = 1000 / realTimeLeast;
    musts.push({ name: 'ms of a core a simulated second, busy', value, limit, holds: value <= limit });
  }
  conclude({ suite: 'sim', rows, musts }, values.json);
}

try {
  await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
