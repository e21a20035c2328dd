/** What every suite with real pages needs: the browser of the tests, and waiting for what must come before a measurement. */
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { chromium, type Browser } from 'playwright';
import { findChromium, launchArgs } from '../scripts/chromium.mjs';
import { patienceMs } from './server.ts';

/** For `addInitScript`, before a suite's own recorder: finds the editor of a page. */
export const editorFinder = fileURLToPath(new URL('pages/find-editor.js', import.meta.url));

export function launchBrowser(): Promise<Browser> {
  const executablePath = findChromium();
  return chromium.launch({
    args: launchArgs(),
    ...(executablePath === undefined ? {} : { executablePath }),
  });
}

/** Before and after a measurement only: nothing is asked of a page while it is measured. */
export async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const giveUpAt = Date.now() + patienceMs;
  while (!(await holds())) {
    if (Date.now() > giveUpAt) throw new Error(`not within ${patienceMs / 1000} s: ${what}`);
    await wait(100);
  }
}
