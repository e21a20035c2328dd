/** Plays seeds in processes of their own, one a core. */
import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { ROOT } from '../run.mjs';

/**
 * One process; resolves with the objects it said.
 * @param {string} script
 * @param {readonly string[]} args
 * @param {{ onLine?: (line: any) => void, signal?: AbortSignal }} [options]
 */
export function runSim(script, args, { onLine = () => undefined, signal } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--max-semi-space-size=32', script, ...args], {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    signal?.addEventListener('abort', () => child.kill());
    const lines = [];
    let complaint = '';
    createInterface({ input: child.stdout }).on('line', text => {
      const line = JSON.parse(text);
      lines.push(line);
      onLine(line);
    });
    child.stderr.on('data', chunk => (complaint += chunk));
    child.on('error', reject);
    child.on('close', code => {
      if (code === 0 || signal?.aborted === true) resolve(lines);
      else reject(new Error(`the simulator ended with status ${code}: ${complaint.slice(-2000)}`));
    });
  });
}

/** `from` and how many seeds, dealt out so that each process gets every n-th. `stop`: one violation is enough. */
export async function playSeeds(
  script,
  { scenario, minutes, from, seeds, stop = false, onSeed = () => undefined },
) {
  const workers = Math.max(1, Math.min(availableParallelism(), seeds));
  const abort = new AbortController();
  const outcomes = [];
  await Promise.all(
    Array.from({ length: workers }, (_, worker) =>
      runSim(
        script,
        [
          'play',
          '--scenario',
          scenario,
          '--minutes',
          minutes,
          '--from',
          from + worker,
          '--to',
          from + seeds,
          '--stride',
          workers,
        ]
          .map(String)
          .concat(stop ? ['--stop'] : []),
        {
          signal: abort.signal,
          onLine: outcome => {
            outcomes.push(outcome);
            onSeed(outcome);
            if (stop && outcome.invariant !== undefined) abort.abort();
          },
        },
      ),
    ),
  );
  return outcomes;
}
