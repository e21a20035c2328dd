/** Plays seeds in processes of their own, one a core. */
import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { ROOT } from '../run.mjs';

/**
 * One process; resolves with the objects it said. `seeds`: says the next seed for it to play, undefined when none is left.
 * @param {string} script
 * @param {readonly string[]} args
 * @param {{ onLine?: (line: any) => void, seeds?: () => number | undefined, signal?: AbortSignal }} [options]
 */
export function runSim(script, args, { onLine = () => undefined, seeds = () => undefined, signal } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--max-semi-space-size=32', script, ...args], {
      cwd: ROOT,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    signal?.addEventListener('abort', () => child.kill());
    const lines = [];
    let complaint = '';
    const handOut = () => {
      const seed = seeds();
      if (seed === undefined) child.stdin.end();
      else child.stdin.write(`${seed}\n`);
    };
    // Whoever has ended is told nothing more; why it ended is told below.
    child.stdin.on('error', () => undefined);
    handOut();
    createInterface({ input: child.stdout }).on('line', text => {
      const line = JSON.parse(text);
      lines.push(line);
      onLine(line);
      handOut();
    });
    child.stderr.on('data', chunk => (complaint += chunk));
    child.on('error', reject);
    child.on('close', code => {
      if (code === 0 || signal?.aborted === true) resolve(lines);
      else reject(new Error(`the simulator ended with status ${code}: ${complaint.slice(-2000)}`));
    });
  });
}

/**
 * `seeds` of them, `from` on: whichever process is free plays the next, since one may take a hundred times as long as another.
 * `stop`: one violation is enough.
 */
export async function playSeeds(
  script,
  { scenario, minutes, from, seeds, stop = false, onSeed = () => undefined },
) {
  const processes = Math.max(1, Math.min(availableParallelism(), seeds));
  const abort = new AbortController();
  const outcomes = [];
  let next = from;
  const options = {
    signal: abort.signal,
    seeds: () => (next < from + seeds ? next++ : undefined),
    onLine: outcome => {
      outcomes.push(outcome);
      onSeed(outcome);
      if (stop && outcome.invariant !== undefined) abort.abort();
    },
  };
  const args = ['play', '--scenario', scenario, '--minutes', String(minutes)];
  await Promise.all(Array.from({ length: processes }, () => runSim(script, args, options)));
  return outcomes;
}
