/**
 * `npm run conformance -- SUITE [DIR] [options] [--json]`: holds Peerloom to published data of others. A suite reads
 * its own options; this script only sees to it that it can run, and ends as it ends.
 */
import { join } from 'node:path';
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import { ROOT } from './run.mjs';
import { ensureInstalled } from './setup.mjs';

/** What each suite is about, and the script in scripts/conformance that runs it. */
const SUITES = {
  'etcd-raft': { about: 'Raft, on the scripts of etcd', script: 'etcd-raft.ts' },
  histories: { about: 'the linearizability checker, on recorded histories', script: 'histories.ts' },
};

function readArgs([suite, ...options]) {
  const suites = Object.entries(SUITES).map(([name, { about }]) => `  ${name}  ${about}`);
  const usage = [
    'npm run conformance -- SUITE [DIR] [options] [--json]',
    '',
    'Suites:',
    ...suites,
    '',
    'DIR is where the data lies: ../shared/conformance/SUITE, or SUITE in $PEERLOOM_CONFORMANCE.',
  ].join('\n');
  if (suite === undefined) throw new Error(usage);
  if (!Object.hasOwn(SUITES, suite)) throw new Error(`There is no suite called "${suite}".\n\n${usage}`);
  return { script: join(ROOT, 'scripts', 'conformance', SUITES[suite].script), options };
}

try {
  const { script, options } = readArgs(process.argv.slice(2));
  await ensureInstalled();
  // In this process: starting tsx as a command would take longer than many a suite does.
  const { register } = await import('tsx/esm/api');
  register();
  process.argv = [process.execPath, script, ...options];
  await import(pathToFileURL(script).href);
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
