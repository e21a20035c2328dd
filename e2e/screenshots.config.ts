/** `npm run screenshots`: pictures of the real screens for the documents, into screenshots/. */
import { defineConfig } from '@playwright/test';
import base from '../playwright.config.ts';

export default defineConfig({
  ...base,
  testDir: 'screenshots',
  testIgnore: [],
  outputDir: '../test-results/screenshots',
  reporter: 'line',
});
