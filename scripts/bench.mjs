/**
 * `npm run bench -- SUITE [options] [--json]`: measures Peerloom beside others' libraries. A suite is a folder
 * bench/SUITE with a main.ts, which reads its own options, or a kind of value, which is the first word for
 * bench/types; this script only sees to it that everything it needs is there, the others' libraries included,
 * and ends as the suite ends.
 */
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { ensureChromium } from './chromium.mjs';
import { ROOT, binOf, run } from './run.mjs';
import { ensureInstalled, isInstalled } from './setup.mjs';

const BENCH = join(ROOT, 'bench');
const TYPES = 'types';
const KINDS = ['counters', 'sets', 'maps', 'lists', 'trees'];

/** What to run, from the command line. The suite is the first word, its options are the rest. */
function readArgs(args) {
  const folders = readdirSync(BENCH).filter(name => existsSync(join(BENCH, name, 'main.ts')));
  const suites = [...folders.filter(name => name !== TYPES), ...KINDS];
  const usage = `npm run bench -- SUITE [options] [--json]\n\nSuites: ${suites.join(', ')}. Options stand in bench/README.md.`;
  const [suite, ...options] = args;
  if (suite === undefined) throw new Error(usage);
  if (!suites.includes(suite)) throw new Error(`There is no suite called "${suite}".\n\n${usage}`);
  return KINDS.includes(suite) ? { folder: TYPES, options: args } : { folder: suite, options };
}

/** The others' libraries, in bench/node_modules: nothing that is shipped may find them by mistake. */
async function ensureOthersInstalled() {
  if (isInstalled(BENCH)) return;
  process.stderr.write("Installing the others' libraries (once) …\n");
  const { ok, output } = await run(npmScript(), [
    'ci',
    '--prefix',
    'bench',
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
  ]);
  if (!ok) throw new Error(`The others' libraries could not be installed. npm says:\n\n${output.trim()}`);
}

/** npm as this process was started by it, else npm beside this Node. */
function npmScript() {
  const named = process.env['npm_execpath'] ?? '';
  const beside = join(dirname(process.execPath), '..', 'lib', 'node_modules', 'npm', 'bin', 'npm-cli.js');
  const found = [named, beside].find(path => /npm-cli\.c?js$/.test(path) && existsSync(path));
  if (found === undefined) throw new Error('npm was not found. Start this as: npm run bench -- SUITE');
  return found;
}

try {
  const { folder, options } = readArgs(process.argv.slice(2));
  await ensureInstalled();
  await ensureOthersInstalled();
  const { code } = await run(binOf('tsx', 'tsx'), [join('bench', folder, 'main.ts'), ...options], {
    shown: true,
    env: { PEERLOOM_CHROMIUM: ensureChromium() },
  });
  process.exitCode = code ?? 1;
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
