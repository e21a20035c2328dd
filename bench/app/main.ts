/**
 * `npm run bench -- app`: a page as long as a paper, with the history it was written in. How long until its caret blinks when
 * the space is opened from this device's store, and how long a keystroke takes to the screen while others write. See bench/README.md.
 */
import { join } from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import {
  conclude,
  quantile,
  rowOf,
  wholeOption,
  ROOT,
  warnWhenBusy,
  type Must,
  type Row,
} from '../report.ts';
import { readTrace } from '../text/traces.ts';
import { AppSpace, prepare } from './space.ts';

/** What people wait for without noticing (issue of the workspace, "Speed"). */
const caretMsMax = 300;
const keyMsMax = 16;

interface Options {
  readonly json: boolean;
  readonly trace: string;
  readonly runs: number;
  readonly keys: number;
  readonly peers: number;
  readonly perBatch: number;
}

function readOptions(): Options {
  const conformance = process.env.PEERLOOM_CONFORMANCE ?? join(ROOT, '..', 'shared', 'conformance');
  const { values } = parseArgs({
    options: {
      json: { type: 'boolean', default: false },
      trace: { type: 'string', default: join(conformance, 'traces', 'automerge-paper.json.gz') },
      runs: { type: 'string', default: '5' },
      keys: { type: 'string', default: '100' },
      peers: { type: 'string', default: '5' },
      'per-batch': { type: 'string', default: '100' },
    },
  });
  return {
    json: values.json,
    trace: values.trace,
    runs: wholeOption('runs', values.runs),
    keys: wholeOption('keys', values.keys),
    peers: wholeOption('peers', values.peers, 0),
    perBatch: wholeOption('per-batch', values['per-batch']),
  };
}

const say = (line: string): void => void process.stderr.write(`${line}\n`);

function mustBe(row: Row, limit: number): Must[] {
  if ('failed' in row) return [];
  return [{ name: `${row.measure}, ms`, value: row.median, limit, holds: row.median <= limit }];
}

async function main(): Promise<void> {
  const { json, trace: file, runs, keys, peers, perBatch } = readOptions();
  const trace = readTrace(file);
  if (trace.concurrent) throw new Error('A page is typed by one person here: a sequential trace, please.');
  warnWhenBusy();
  await prepare();
  const carets: number[] = [];
  const p95s: number[] = [];
  let failed: string | undefined;
  const space = await AppSpace.open();
  try {
    const batches = await space.write(trace, perBatch);
    say(`${trace.name}: ${trace.patches} patches in ${batches} batches, kept`);
    for (let run = 1; run <= runs; run++) {
      const caretMs = await space.reopen();
      carets.push(caretMs);
      say(`opened ${run} of ${runs}: caret after ${caretMs.toFixed(0)} ms`);
    }
    await space.invite(peers);
    for (let run = 1; run <= runs; run++) {
      const times = await space.typeTogether(keys);
      const p95 = quantile(times, 0.95);
      p95s.push(p95);
      say(`typed ${run} of ${runs}: median ${quantile(times, 0.5).toFixed(1)} ms, p95 ${p95.toFixed(1)} ms`);
    }
  } catch (error) {
    failed = error instanceof Error ? error.message : String(error);
  } finally {
    await space.close();
  }
  const row = (measure: string, values: readonly number[]): Row =>
    rowOf(
      { subject: trace.name, measure, library: 'peerloom', unit: 'ms' },
      values,
      values.length < runs ? failed : undefined,
    );
  const caret = row('caret from its store', carets);
  const typed = row(`keystroke on screen p95, ${peers} others type`, p95s);
  const rows = [caret, typed];
  conclude({ suite: 'app', rows, musts: [...mustBe(caret, caretMsMax), ...mustBe(typed, keyMsMax)] }, json);
}

try {
  await main();
} catch (error) {
  say(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
