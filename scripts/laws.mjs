/**
 * `npm run test:laws -- --runs N [--seed S] [--run R]`: the laws of src/crdt in N worlds of replicas, on every core. A world
 * that breaks one is made as small as it goes and printed with the command that plays it again.
 */
import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { ROOT, binOf, inSeconds } from './run.mjs';
import { ensureInstalled } from './setup.mjs';

const RUNS = 2000;

/** The runs from, to (exclusive) and every how manieth, for each worker. */
function shares({ runs, run }) {
  if (run !== undefined) return [[run, run + 1, 1]];
  const workers = Math.min(availableParallelism(), runs);
  return Array.from({ length: workers }, (_, first) => [first, runs, workers]);
}

function readArgs() {
  const { values } = parseArgs({
    options: { runs: { type: 'string' }, seed: { type: 'string' }, run: { type: 'string' } },
  });
  const whole = (name, fallback) => {
    const value = values[name] === undefined ? fallback : Number(values[name]);
    if (value !== undefined && !(Number.isSafeInteger(value) && value >= 0))
      throw new Error(`--${name} takes a whole number.`);
    return value;
  };
  const args = { runs: whole('runs', RUNS), run: whole('run'), seed: values.seed ?? 'laws' };
  if (args.runs === 0) throw new Error('--runs takes a number above 0.');
  return args;
}

/** @returns {Promise<{ played: number, broken?: object, ok: boolean }>} */
function work(seed, [from, to, stride], onPlayed, stop) {
  return new Promise(resolve => {
    const child = spawn(
      process.execPath,
      [binOf('tsx', 'tsx'), join('scripts', 'laws', 'worker.ts'), seed, from, to, stride].map(String),
      { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'] },
    );
    stop.addEventListener('abort', () => child.kill());
    const result = { played: 0, broken: undefined, ok: false };
    createInterface({ input: child.stdout }).on('line', line => {
      const told = JSON.parse(line);
      if (told.run !== undefined) result.broken = told;
      else onPlayed((result.played = told.played));
    });
    child.on('close', code => resolve({ ...result, ok: code === 0 }));
    child.on('error', () => resolve(result));
  });
}

async function main() {
  await ensureInstalled();
  const args = readArgs();
  const started = performance.now();
  const stop = new AbortController();
  const counts = [];
  const told = { at: 0 };
  const results = await Promise.all(
    shares(args).map(async (share, worker) => {
      const result = await work(
        args.seed,
        share,
        played => {
          counts[worker] = played;
          const total = counts.reduce((sum, count) => sum + (count ?? 0), 0);
          if (performance.now() - told.at < 5000) return;
          told.at = performance.now();
          process.stderr.write(`${total} of ${args.run === undefined ? args.runs : 1} worlds\n`);
        },
        stop.signal,
      );
      // One that breaks is enough: the others need not go on.
      if (!result.ok) stop.abort();
      return result;
    }),
  );
  const seconds = inSeconds((performance.now() - started) / 1000);
  const broken = results.find(result => result.broken !== undefined)?.broken;
  const played = results.reduce((sum, result) => sum + result.played, 0);
  if (broken !== undefined) {
    process.stdout.write(`A law broke in run ${broken.run}: ${broken.message}\n\n${broken.stack}\n\n`);
    process.stdout.write(`The least plan that does (of ${broken.steps} steps):\n`);
    process.stdout.write(`${JSON.stringify(broken.least)}\n\n`);
    process.stdout.write(`Again: npm run test:laws -- --seed ${args.seed} --run ${broken.run}\n`);
    process.exitCode = 1;
    return;
  }
  const all = args.run === undefined ? args.runs : 1;
  if (played !== all || results.some(result => !result.ok))
    throw new Error(`Only ${played} of ${all} worlds were played.`);
  process.stdout.write(`${played} worlds, no law broken, in ${seconds} (seed ${args.seed}).\n`);
}

try {
  await main();
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
