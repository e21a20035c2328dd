/**
 * `npm start`: from a fresh clone to a running server in one command. Looks at what was asked for first, then
 * installs and builds what is missing or out of date, then runs the server and ends as it ends.
 *
 * `--dev` (npm run dev) also rebuilds whenever a source file changes; reload the page to see it. It is the real
 * server with its real headers, not Vite's own, so a page that works here works when it is shipped.
 */
import { spawn } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { probeAddress, readOptions, usage } from '../signaling-server/options.mjs';
import { binOf, ROOT, run, SERVER_ARGS } from './run.mjs';
import { ensureInstalled, nodeTooOld } from './setup.mjs';

/** What the build reads. */
const INPUTS = ['src', 'index.html', 'public', 'vite.config.ts', 'tsconfig.json', 'package-lock.json'];
/** Never built: changing a test must not rebuild the app. */
const NOT_BUILT = /\.(?:test|model)\.ts$|\.md$|^sim$/;

async function start() {
  const args = process.argv.slice(2);
  const dev = args.includes('--dev');
  const serverArgs = args.filter(arg => arg !== '--dev');
  const asked = readOptions(serverArgs, process.env);
  const refusal = nodeTooOld() ?? (asked.ok ? undefined : asked.reason);
  if (refusal) throw new Error(refusal);
  if (asked.value.help) {
    process.stdout.write(`${usage}\n`);
    return 0;
  }
  const taken = await probeAddress(asked.value);
  if (taken) throw new Error(taken);

  await ensureInstalled();
  if (!isBuilt()) await build();
  return serve(serverArgs, dev);
}

function isBuilt() {
  const built = newestMs(join(ROOT, 'dist', 'index.html'));
  return built > 0 && INPUTS.every(input => newestMs(join(ROOT, input)) <= built);
}

/** When the file, or the newest file or folder below it, was last changed; 0 when there is none. */
function newestMs(path) {
  const about = statSync(path, { throwIfNoEntry: false });
  if (about === undefined) return 0;
  if (!about.isDirectory()) return about.mtimeMs;
  return readdirSync(path)
    .filter(name => !NOT_BUILT.test(name))
    .reduce((newest, name) => Math.max(newest, newestMs(join(path, name))), 0);
}

async function build() {
  process.stdout.write('Building the app …\n');
  const { ok, output } = await run(binOf('vite', 'vite'), ['build', '--logLevel', 'warn']);
  if (!ok) throw new Error(`The build failed:\n\n${output.trim()}`);
}

/** Runs the server until it ends; resolves with its exit code. */
function serve(args, dev) {
  const children = [spawnNode([...SERVER_ARGS, ...args])];
  if (dev) children.push(spawnNode([binOf('vite', 'vite'), 'build', '--watch', '--logLevel', 'warn']));
  const [server] = children;
  const stopAll = signal => {
    for (const child of children) child.kill(signal);
  };
  // Ctrl+C reaches the children by itself, a signal to this process alone does not; twice does no harm.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => stopAll(signal));
  return new Promise((resolve, reject) => {
    server.on('error', reject);
    server.on('exit', code => {
      stopAll('SIGTERM');
      resolve(code ?? 1);
    });
  });
}

function spawnNode(args) {
  return spawn(process.execPath, args, { cwd: ROOT, stdio: 'inherit' });
}

try {
  process.exitCode = await start();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
