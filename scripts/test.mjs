/**
 * `npm test`: everything, from a fresh clone, in the order in which a fault is cheapest to understand: checks,
 * unit tests, tests in a real browser, simulation, the build and its size, end to end. A stage that fails does not stop
 * the ones after it. The last line is the count; a runner that crashes or finds no test counts as a failure.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { runChecks } from './check.mjs';
import { ensureChromium } from './chromium.mjs';
import { binOf, inSeconds, run } from './run.mjs';
import { ensureInstalled } from './setup.mjs';
import { simulate } from './sim/stage.mjs';

const folder = mkdtempSync(join(tmpdir(), 'peerloom-test-'));
const total = { passed: 0, failed: 0, skipped: 0 };

/**
 * How long a runner may take: some three times what it takes on two idle cores. One that hangs is then a failure that is
 * told, and the stages after it still run. The checks, the simulation and the build wait for nobody outside of their own process.
 */
const MINUTES_MAX = { vitest: 18, endToEnd: 35 };

const say = line => process.stdout.write(`${line}\n`);

/** Runs one stage, adds its count to the total and says how long it took. */
async function stage(name, work) {
  const started = performance.now();
  let count = { passed: 0, failed: 0, skipped: 0 };
  say(`\n${name}`);
  try {
    count = { ...count, ...(await work()) };
  } catch (error) {
    say(`${name} did not finish: ${error instanceof Error ? error.message : String(error)}`);
    count.failed = 1;
  }
  for (const kind of Object.keys(total)) total[kind] += count[kind];
  say(`${name}: ${inLine(count)} (${inSeconds((performance.now() - started) / 1000)})`);
}

function inLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

/**
 * A runner's exit status and its report must agree: one that fails without a failed test crashed, and one
 * that ran nothing proved nothing.
 */
function judge(what, exit, count) {
  if (count.passed + count.failed + count.skipped === 0) {
    say(`${what} ran no test.`);
    return { ...count, failed: 1 };
  }
  if (!exit.ok && count.failed === 0) {
    say(`${what} ended with status ${exit.code} although no test failed.`);
    return { ...count, failed: 1 };
  }
  return count;
}

/** A runner's JSON report; undefined when it crashed before writing one. */
function readReport(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

async function vitest(project) {
  const report = join(folder, `${project}.json`);
  const args = [
    'run',
    '--project',
    project,
    '--reporter=minimal',
    '--reporter=json',
    `--outputFile.json=${report}`,
  ];
  const exit = await run(binOf('vitest', 'vitest'), args, { shown: true, minutesMax: MINUTES_MAX.vitest });
  const json = readReport(report);
  let broken = 0;
  for (const file of json?.testResults ?? []) {
    // A file that fails to load has no tests in the report: it is a failure of its own.
    const told = file.assertionResults.some(test => test.status === 'failed');
    if (file.status === 'failed' && !told) broken += 1;
  }
  return judge(`Vitest (${project})`, exit, {
    passed: json?.numPassedTests ?? 0,
    failed: (json?.numFailedTests ?? 0) + broken,
    skipped: (json?.numPendingTests ?? 0) + (json?.numTodoTests ?? 0),
  });
}

/** Whether dist/ holds what is being tested; a failed build leaves an older one there. */
let isBuilt = false;

async function build() {
  const built = await run(binOf('vite', 'vite'), ['build', '--logLevel', 'warn'], { shown: true });
  if (!built.ok) return { failed: 2 };
  isBuilt = true;
  const sized = await run(binOf('size-limit', 'size-limit'), [], { shown: true });
  return sized.ok ? { passed: 2 } : { passed: 1, failed: 1 };
}

async function endToEnd() {
  if (!isBuilt) throw new Error('there is no build to test.');
  const report = join(folder, 'e2e.json');
  const exit = await run(binOf('@playwright/test', 'playwright'), ['test'], {
    shown: true,
    env: { PEERLOOM_E2E_REPORT: report },
    minutesMax: MINUTES_MAX.endToEnd,
  });
  const stats = readReport(report)?.stats;
  return judge('Playwright', exit, {
    // A test that passed only when run again did pass, but there are no retries.
    passed: (stats?.expected ?? 0) + (stats?.flaky ?? 0),
    failed: stats?.unexpected ?? 0,
    skipped: stats?.skipped ?? 0,
  });
}

const started = performance.now();
try {
  await ensureInstalled();
  process.env['PEERLOOM_CHROMIUM'] = ensureChromium();
  await stage('checks', () => runChecks());
  await stage('unit tests', () => vitest('core'));
  await stage('browser tests', () => vitest('browser'));
  await stage('simulation', () => simulate(say));
  await stage('build', build);
  await stage('end-to-end tests', endToEnd);
} catch (error) {
  say(error instanceof Error ? error.message : String(error));
  total.failed += 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
say(`\nin ${inSeconds((performance.now() - started) / 1000)}`);
say(inLine(total));
process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0;
