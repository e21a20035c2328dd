/**
 * Installs what is missing, once, so that every command works on a fresh clone. Whether something is missing
 * is read from npm's own record, node_modules/.package-lock.json: file times alone would reinstall after every
 * `git checkout` and miss a folder that was deleted by hand.
 *
 * Plain Node without dependencies: nothing may be installed yet when this runs.
 */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { ROOT } from './run.mjs';

const NODE_LEAST = [20, 19];

/** A sentence when this Node is too old, or undefined. */
export function nodeTooOld(version = process.versions.node) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const enough = major > NODE_LEAST[0] || (major === NODE_LEAST[0] && minor >= NODE_LEAST[1]);
  return enough
    ? undefined
    : `Peerloom needs Node ${NODE_LEAST.join('.')} or newer; this is ${version}. Get one at https://nodejs.org`;
}

/** Rejects with a sentence when Node is too old or the installation fails. Does nothing when all is there. */
export async function ensureInstalled() {
  const tooOld = nodeTooOld();
  if (tooOld) throw new Error(tooOld);
  if (isInstalled(ROOT)) return;
  process.stdout.write('Installing packages (once; about half a minute) …\n');
  const quietly = ['--ignore-scripts', '--no-audit', '--no-fund'];
  let { ok, output } = await runNpm(['ci', ...quietly]);
  if (!ok && INCOMPLETE_LOCK.test(output)) {
    process.stdout.write(
      'The lockfile lacks builds for other systems: installing its versions without them …\n',
    );
    ({ ok, output } = await runNpm(['install', '--no-save', ...quietly]));
  }
  if (!ok) throw new Error(`The installation failed. npm says:\n\n${problemsIn(output)}`);
}

/**
 * `npm ci` refuses a lockfile that was written where the registry did not have every system's build of an
 * optional package, even if this system's is there. `npm install --no-save` takes the same locked versions and
 * hashes for all that is in the file, and leaves the file as it is.
 */
const INCOMPLETE_LOCK = /code EUSAGE[\s\S]*Missing: \S+ from lock file/;

/** npm's errors without its warnings and its manual. */
function problemsIn(output) {
  const errors = output.split('\n').filter(line => line.startsWith('npm error'));
  return (errors.length > 0 ? errors : [output.trim()]).slice(0, 20).join('\n');
}

/** Whether node_modules holds exactly what the lockfile asks for on this kind of computer. */
export function isInstalled(root) {
  const wanted = packagesOf(join(root, 'package-lock.json'));
  const present = packagesOf(join(root, 'node_modules', '.package-lock.json'));
  if (wanted === undefined || present === undefined) return false;
  for (const [path, { version, integrity, optional, link }] of Object.entries(wanted)) {
    if (path === '' || link) continue;
    const got = present[path];
    if (got === undefined) {
      // Builds for other systems, and what only those need, are rightly missing.
      if (optional) continue;
      return false;
    }
    if (got.version !== version || got.integrity !== integrity) return false;
    if (!existsSync(join(root, path, 'package.json'))) return false;
  }
  // What the lockfile no longer names may be found by mistake; builds for this system only are no such thing.
  return Object.entries(present).every(([path, { optional }]) => optional || path in wanted);
}

function packagesOf(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages;
  } catch {
    return undefined;
  }
}

/** npm as this process was started by it, else npm beside this Node, else whatever `npm` means here. */
function npmCommand() {
  const beside = join(dirname(process.execPath), '..', 'lib', 'node_modules', 'npm', 'bin', 'npm-cli.js');
  const named = process.env['npm_execpath'] ?? '';
  if (/npm-cli\.c?js$/.test(named) && existsSync(named)) return { command: process.execPath, first: [named] };
  if (existsSync(beside)) return { command: process.execPath, first: [beside] };
  return { command: 'npm', first: [], shell: process.platform === 'win32' };
}

function runNpm(args) {
  const { command, first, shell = false } = npmCommand();
  return new Promise(resolve => {
    const child = spawn(command, [...first, ...args], {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'pipe'],
      shell,
    });
    let output = '';
    child.stdout.on('data', chunk => (output += chunk));
    child.stderr.on('data', chunk => (output += chunk));
    child.on('error', error => resolve({ ok: false, output: error.message }));
    child.on('close', code => resolve({ ok: code === 0, output }));
  });
}
