/**
 * End-to-end tests: the built app in separate browser contexts. Each test starts its own server on a free
 * port (e2e/server.ts), so there is none here. One at a time: a test with five peers fills a small machine.
 */
import { defineConfig } from '@playwright/test';
import { findChromium, launchArgs } from './scripts/chromium.mjs';

const executablePath = findChromium();
const report = process.env.PEERLOOM_E2E_REPORT;

export default defineConfig({
  testDir: 'e2e',
  testIgnore: 'screenshots/**',
  outputDir: 'test-results',
  workers: 1,
  // A test that passes the second time has found something the first time.
  retries: 0,
  forbidOnly: process.env.CI !== undefined,
  // How long a test waits for what must come, not how fast it has to be: a busy machine is no fault of the app's.
  timeout: 180_000,
  // All of them; `npm test` ends whatever is still there a little later.
  globalTimeout: 33 * 60_000,
  expect: { timeout: 30_000 },
  reporter: report === undefined ? 'line' : [['line'], ['json', { outputFile: report }]],
  projects: [
    {
      name: 'chromium',
      use: {
        browserName: 'chromium',
        launchOptions: { args: launchArgs(), ...(executablePath === undefined ? {} : { executablePath }) },
      },
    },
  ],
});
