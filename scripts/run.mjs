/**
 * Runs the project's tools. Each is started with Node from its own package rather than through npm or a
 * shell, so that nothing but the tool itself writes to the terminal.
 */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

/**
 * What runs the server. V8 lets the space for young objects grow to 48 MB under load and keeps it: more than
 * 5,000 sockets take. A relay's objects die at once, so that a small one does.
 */
export const SERVER_ARGS = [
  '--max-semi-space-size=2',
  '--import',
  'tsx',
  join('signaling-server', 'main.ts'),
];

/**
 * The script behind a tool's command, as its package.json names it.
 * @param {string} packageName
 * @param {string} command
 */
export function binOf(packageName, command) {
  const folder = join(ROOT, 'node_modules', packageName);
  const { bin } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return join(folder, typeof bin === 'string' ? bin : bin[command]);
}

/**
 * Runs a tool to its end. `shown` hands it this terminal; otherwise its output is collected. Never rejects: a
 * tool that cannot be started is one that failed. One that takes longer than `minutesMax` hangs: it is ended with all
 * that it started, since a browser left behind would hold this terminal open.
 * @param {string} script
 * @param {readonly string[]} args
 * @param {{ shown?: boolean, env?: Record<string, string>, minutesMax?: number }} [options]
 * @returns {Promise<{ ok: boolean, code: number | null, output: string, seconds: number }>}
 */
export function run(script, args, { shown = false, env = {}, minutesMax } = {}) {
  const started = performance.now();
  // Tools take CI for a terminal with colours; in a file they are noise.
  const colour = process.stdout.isTTY && !process.env['NO_COLOR'] ? { FORCE_COLOR: '1' } : { NO_COLOR: '1' };
  return new Promise(resolve => {
    const child = spawn(process.execPath, [script, ...args], {
      cwd: ROOT,
      env: { ...process.env, ...colour, ...env },
      stdio: shown ? 'inherit' : ['ignore', 'pipe', 'pipe'],
      // The leader of a group of its own, which can be ended as one.
      detached: minutesMax !== undefined,
    });
    const stop = minutesMax === undefined ? () => {} : endInTime(child, minutesMax);
    let output = '';
    child.stdout?.on('data', chunk => (output += chunk));
    child.stderr?.on('data', chunk => (output += chunk));
    const end = (code, said) => {
      stop();
      resolve({ ok: code === 0, code, output: output + said, seconds: (performance.now() - started) / 1000 });
    };
    child.on('error', error => end(null, error.message));
    child.on('close', (code, signal) => end(code, signal ? `ended by ${signal}` : ''));
  });
}

/**
 * Ends the group of a process that takes too long, and with this process: a group of its own does not hear Ctrl+C.
 * @param {import('node:child_process').ChildProcess} child
 * @param {number} minutesMax
 */
function endInTime(child, minutesMax) {
  const kill = () => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    } catch {
      // Gone already.
    }
  };
  const interrupted = () => {
    kill();
    process.exit(130);
  };
  const timer = setTimeout(() => {
    process.stdout.write(`\nnot finished after ${String(minutesMax)} minutes: ended\n`);
    kill();
  }, minutesMax * 60_000);
  process.once('SIGINT', interrupted);
  process.once('SIGTERM', interrupted);
  return () => {
    clearTimeout(timer);
    process.off('SIGINT', interrupted);
    process.off('SIGTERM', interrupted);
    // What it left running would go on without an owner.
    kill();
  };
}

/** @param {number} seconds */
export function inSeconds(seconds) {
  return `${seconds.toFixed(1)} s`;
}
