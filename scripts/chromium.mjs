/**
 * Finds the Chromium that the browser tests and the end-to-end tests drive, and fetches one if there is none.
 * One browser for Vitest, Playwright and the benchmarks, so that they all measure and test the same thing.
 */
import { accessSync, constants, existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import process from 'node:process';
import { installWithApt, quietly } from './apt.mjs';

const PLACES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/**
 * The path of a Chromium, or undefined. `PEERLOOM_CHROMIUM` wins, then the system's, then Playwright's own.
 * @returns {string | undefined}
 */
export function findChromium() {
  const wished = process.env['PEERLOOM_CHROMIUM'];
  if (wished) {
    if (!isProgram(wished)) throw new Error(`PEERLOOM_CHROMIUM names ${wished}, which is no program.`);
    return wished;
  }
  return PLACES.find(isProgram) ?? playwrightsOwn();
}

/**
 * The path of a Chromium, installed first where none is found: the distribution's as root on Debian and its
 * relatives (its libraries come along), else Playwright's. Throws a sentence that says what to do.
 * @returns {string}
 */
export function ensureChromium() {
  const found = findChromium();
  if (found) return found;
  process.stdout.write('No Chromium found; installing one (this happens once).\n');
  const problem = installWithApt('chromium');
  const afterApt = findChromium();
  if (afterApt) return afterApt;
  const problems = [problem, installWithPlaywright()].filter(Boolean).join('\n');
  const installed = findChromium();
  if (installed) return installed;
  throw new Error(
    'No Chromium could be found or installed. Install Chromium or Chrome, or set PEERLOOM_CHROMIUM to the ' +
      `path of one, and run this again.${problems ? `\n${problems}` : ''}`,
  );
}

/**
 * The flags every launch gets: no calls home, no QUIC (it delays the first request on closed networks), and
 * no sandbox for root, under which Chromium refuses to start with one.
 * @returns {string[]}
 */
export function launchArgs() {
  return [
    ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--disable-quic',
    '--no-first-run',
  ];
}

/** @param {string} path */
function isProgram(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function playwrightsOwn() {
  try {
    const path = createRequire(import.meta.url)('playwright').chromium.executablePath();
    return existsSync(path) ? path : undefined;
  } catch {
    return undefined;
  }
}

function installWithPlaywright() {
  return quietly('npx', ['--no-install', 'playwright', 'install', 'chromium'], process.env);
}
