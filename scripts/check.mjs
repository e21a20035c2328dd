/**
 * `npm run check`: everything that can be said about the code without running it. `npm run check -- lint deps`
 * runs some of it. Two at a time: more would only make each slower on a small machine.
 */
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import { binOf, inSeconds, run } from './run.mjs';
import { ensureInstalled } from './setup.mjs';

const AT_ONCE = 2;

/** @type {Readonly<Record<string, () => Promise<{ ok: boolean, output: string, seconds: number }>>>} */
const CHECKS = {
  types: checkTypes,
  lint: () => run(binOf('eslint', 'eslint'), ['.', '--max-warnings', '0']),
  deps: () =>
    run(binOf('dependency-cruiser', 'depcruise'), [
      'src',
      'signaling-server',
      'headless',
      '--config',
      '.dependency-cruiser.cjs',
      '--output-type',
      'err-long',
    ]),
  unused: () => run(binOf('knip', 'knip'), ['--no-progress', '--no-config-hints']),
  format: () => run(binOf('prettier', 'prettier'), ['--check', '--log-level', 'warn', '.']),
};

/** The three programs one after the other, so that a fault in each is told at once. */
async function checkTypes() {
  const tsc = binOf('typescript', 'tsc');
  let output = '';
  let seconds = 0;
  let ok = true;
  for (const program of ['core', 'browser', 'node']) {
    const result = await run(tsc, ['-p', `tsconfig.${program}.json`, '--pretty', 'false']);
    output += result.output;
    seconds += result.seconds;
    ok &&= result.ok;
  }
  return { ok, output, seconds };
}

/**
 * Runs the named checks (all of them when none is named), telling each as it ends.
 * @param {readonly string[]} names
 * @returns {Promise<{ passed: number, failed: number }>}
 */
export async function runChecks(names = []) {
  const unknown = names.filter(name => !Object.hasOwn(CHECKS, name));
  if (unknown.length > 0) {
    throw new Error(
      `There is no check called ${unknown.join(', ')}; there are ${Object.keys(CHECKS).join(', ')}.`,
    );
  }
  const waiting = names.length > 0 ? [...names] : Object.keys(CHECKS);
  let passed = 0;
  let failed = 0;
  const worker = async () => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
      const { ok, output, seconds } = await CHECKS[name]();
      if (ok) passed += 1;
      else failed += 1;
      if (!ok && output.trim()) process.stdout.write(`${output.trimEnd()}\n`);
      process.stdout.write(`${name} ${ok ? 'ok' : 'failed'} (${inSeconds(seconds)})\n`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return { passed, failed };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  try {
    await ensureInstalled();
    const { failed } = await runChecks(process.argv.slice(2));
    process.exitCode = failed > 0 ? 1 : 0;
  } catch (error) {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  }
}
