/** `npm run bench -- typing`: how long a keystroke takes to reach the others' editors. See bench/README.md. */
import process from 'node:process';
import { parseArgs } from 'node:util';
import { conclude, median, mustOf, quantile, rowOf, warnWhenBusy, type Row } from '../report.ts';
import type { Contestant } from './contestant.ts';
import { Peerloom } from './peerloom.ts';
import { keystrokes, prose } from './prose.ts';
import { runOnce, type Typing } from './run.ts';
import { YWebrtc } from './y-webrtc.ts';

const warmUp = 10;
const documentLines = 200;
const contestants: readonly Contestant[] = [new Peerloom(), new YWebrtc()];

interface Options {
  readonly json: boolean;
  readonly peers: number;
  readonly runs: number;
  readonly keys: number;
  readonly only: string | undefined;
}

function readOptions(): Options {
  const { values } = parseArgs({
    options: {
      json: { type: 'boolean', default: false },
      peers: { type: 'string', default: '8' },
      runs: { type: 'string', default: '5' },
      keys: { type: 'string', default: '60' },
      only: { type: 'string' },
    },
  });
  const count = (name: 'peers' | 'runs' | 'keys', least: number): number => {
    const value = Number(values[name]);
    if (!Number.isSafeInteger(value) || value < least)
      throw new Error(`--${name} must be a whole number from ${least} on.`);
    return value;
  };
  if (values.only !== undefined && !contestants.some(({ library }) => library === values.only))
    throw new Error(`--only takes ${contestants.map(({ library }) => library).join(' or ')}.`);
  return {
    json: values.json,
    peers: count('peers', 2),
    runs: count('runs', 1),
    keys: count('keys', 1),
    only: values.only,
  };
}

/** What the right runs of one library gave, and what went wrong with another one. */
class Result {
  readonly medians: number[] = [];
  readonly p95s: number[] = [];
  failed: string | undefined;
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
const say = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

/** A failed library stays out of the turns that are left; the others go on. */
async function takeTurns({ peers, runs, keys, only }: Options): Promise<Map<string, Result>> {
  const taking = contestants.filter(({ library }) => only === undefined || library === only);
  const results = new Map(taking.map(({ library }) => [library, new Result()]));
  const typing: Typing = { peers, document: prose(documentLines), keys: keystrokes(warmUp + keys), warmUp };
  const attempt = async (contestant: Contestant, work: (result: Result) => Promise<void>): Promise<void> => {
    const result = results.get(contestant.library);
    if (result === undefined || result.failed !== undefined) return;
    try {
      await work(result);
    } catch (error) {
      result.failed = messageOf(error);
      say(`${contestant.library} failed: ${result.failed}`);
    }
  };
  try {
    for (const contestant of taking) await attempt(contestant, () => contestant.prepare());
    for (let run = 1; run <= runs; run++) {
      for (const contestant of taking) {
        await attempt(contestant, async ({ medians, p95s }) => {
          const times = await runOnce(contestant, typing);
          const [middle, p95] = [median(times), quantile(times, 0.95)];
          medians.push(middle);
          p95s.push(p95);
          say(
            `run ${run} of ${runs}, ${contestant.library}: median ${middle.toFixed(2)} ms, p95 ${p95.toFixed(2)} ms (${times.length} times)`,
          );
        });
      }
    }
  } finally {
    for (const contestant of taking) await contestant.close();
  }
  return results;
}

async function main(): Promise<void> {
  const options = readOptions();
  warnWhenBusy();
  const results = await takeTurns(options);
  const subject = `typing, ${options.peers} peers`;
  const rowsOf = (measure: string, values: (result: Result) => readonly number[]): Map<string, Row> =>
    new Map(
      [...results].map(([library, result]) => [
        library,
        rowOf({ subject, measure, library, unit: 'ms' }, values(result), result.failed),
      ]),
    );
  const medians = rowsOf('latency median', ({ medians }) => medians);
  const p95s = rowsOf('latency p95', ({ p95s }) => p95s);
  const musts = [
    mustOf('p95 ÷ y-webrtc', p95s.get('peerloom'), p95s.get('y-webrtc'), 1.0),
    mustOf('median ÷ y-webrtc', medians.get('peerloom'), medians.get('y-webrtc'), 1.25),
  ].filter(must => must !== undefined);
  conclude({ suite: 'typing', rows: [...medians.values(), ...p95s.values()], musts }, options.json);
}

try {
  await main();
} catch (error) {
  say(messageOf(error));
  process.exitCode = 1;
}
