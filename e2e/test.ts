/**
 * Playwright's `test`, after which the pages of a test are closed. Playwright closes only the context that it made itself: every page
 * that a test opened in one of its own would go on dialling a server that is gone, and the tests after it would share the
 * machine with all of them.
 */
import { test as base } from '@playwright/test';

export { expect } from '@playwright/test';

export const test = base.extend<{ closedAfterwards: undefined }>({
  closedAfterwards: [
    async ({ browser }, use) => {
      await use(undefined);
      await Promise.all(browser.contexts().map(context => context.close()));
    },
    { auto: true },
  ],
});
