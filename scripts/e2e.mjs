/**
 * `npm run e2e -- [Playwright's arguments]`: builds the app and runs the end-to-end tests against the build,
 * for example `npm run e2e -- --headed offline`.
 */
import process from 'node:process';
import { ensureChromium } from './chromium.mjs';
import { binOf, run } from './run.mjs';
import { ensureInstalled } from './setup.mjs';

try {
  await ensureInstalled();
  process.env['PEERLOOM_CHROMIUM'] = ensureChromium();
  const built = await run(binOf('vite', 'vite'), ['build', '--logLevel', 'warn'], { shown: true });
  if (!built.ok) throw new Error('The app does not build.');
  const args = ['test', ...process.argv.slice(2)];
  const tested = await run(binOf('@playwright/test', 'playwright'), args, { shown: true });
  process.exitCode = tested.code ?? 1;
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
