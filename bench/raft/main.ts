/**
 * `npm run bench -- raft [--runs N] [--proposals N] [--json]`: how many proposals a second of one core the Raft core agrees on, all voters in
 * one process. *Pipelined*: each proposal is handed in alone, and the next before it is committed. *Batched*: 64 at a time. And how long a
 * request takes from asking to answer, in virtual time: about one round trip to the majority and one strict write.
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
    proposals: { type: 'string', default: '100000' },
  },
});

/** `least`: proposals a second that were promised. */
const cells = [
  { subject: '3 voters', measure: 'pipelined', voters: 3, batch: 1, least: 25_000 },
  { subject: '3 voters', measure: 'batched', voters: 3, batch: 64, least: 60_000 },
  { subject: '5 voters', measure: 'pipelined', voters: 5, batch: 1, least: 20_000 },
];

/** Of each link, one way, and of a strict write, in milliseconds of virtual time. */
const latencies = [
  { voters: 3, oneWayMs: 20, writeMs: 5 },
  { voters: 5, oneWayMs: 20, writeMs: 5 },
];
/** What an answer may take beyond one round trip and one write. */
const latencyShare = 1.15;

async function main(): Promise<void> {
  warnWhenBusy();
  const [runs, proposals] = [wholeOption('runs', values.runs), wholeOption('proposals', values.proposals)];
  const worker = await bundle('bench/raft/worker.ts', 'raft-worker');
  const turns = new Turns(worker, line => process.stderr.write(`${line}\n`));
  const rows: Row[] = [];
  const musts: Must[] = [];
  for (const { subject, measure, voters, batch, least } of cells) {
    const cell = {
      library: 'peerloom',
      measure: `${measure}, ${subject}`,
      args: [voters, batch, proposals].map(String),
    };
    const outcome = (await turns.take([cell], runs, 120)).get('peerloom');
    const figures = outcome?.figures.get('proposals') ?? [];
    const row = rowOf(
      { subject, measure, library: 'peerloom', unit: '1/s' },
      figures,
      outcome?.failed?.reason,
      outcome?.failed?.wrong,
    );
    rows.push(row);
    if (!('median' in row)) continue;
    // A must is something that may not be exceeded: microseconds of a core for a proposal.
    const [value, limit] = [Math.round(1e8 / row.median) / 100, 1e6 / least];
    musts.push({
      name: `µs of a core a proposal, ${measure}, ${subject}`,
      value,
      limit,
      holds: value <= limit,
    });
  }
  const latencyWorker = await bundle('bench/raft/latency.ts', 'raft-latency');
  const latencyTurns = new Turns(latencyWorker, line => process.stderr.write(`${line}\n`));
  for (const { voters, oneWayMs, writeMs } of latencies) {
    const subject = `${voters} voters`;
    const measure = 'commit latency';
    const args = [voters, oneWayMs, writeMs, 200].map(String);
    const cell = { library: 'peerloom', measure: `${measure}, ${subject}`, args };
    const outcome = (await latencyTurns.take([cell], runs, 60)).get('peerloom');
    const figures = outcome?.figures.get('latency') ?? [];
    const row = rowOf(
      { subject, measure, library: 'peerloom', unit: 'ms' },
      figures,
      outcome?.failed?.reason,
      outcome?.failed?.wrong,
    );
    rows.push(row);
    if (!('median' in row)) continue;
    const value = Math.round((100 * row.median) / (2 * oneWayMs + writeMs)) / 100;
    const name = `commit latency ÷ (round trip + strict write), ${subject}`;
    musts.push({ name, value, limit: latencyShare, holds: value <= latencyShare });
  }
  conclude({ suite: 'raft', rows, musts }, values.json);
}

try {
  await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
