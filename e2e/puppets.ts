/**
 * What Playwright cannot do. It drives only a Firefox of its own, which is no browser that anybody has: so Debian's is driven by
 * puppeteer-core over WebDriver BiDi. And it keeps every page visible: so what becomes of a hidden one is seen here as well.
 */
import { existsSync } from 'node:fs';
import { chromium } from '@playwright/test';
import puppeteer, { type Browser, type Page } from 'puppeteer-core';
import { installWithApt } from '../scripts/apt.mjs';
import { findChromium, launchArgs } from '../scripts/chromium.mjs';
import './writer.ts';

const firefox = '/usr/bin/firefox-esr';

/** Installed where it is missing and root may; false when there is none after that. */
export function haveFirefox(): boolean {
  if (!existsSync(firefox)) installWithApt('firefox-esr');
  return existsSync(firefox);
}

export function startFirefox(): Promise<Browser> {
  return puppeteer.launch({
    browser: 'firefox',
    executablePath: firefox,
    headless: true,
    // Nothing of Mozilla's is asked for while a test runs.
    extraPrefsFirefox: {
      'network.captive-portal-service.enabled': false,
      'network.connectivity-service.enabled': false,
    },
  });
}

/** A Chromium that treats the tabs behind the one in front as it does for everybody: hidden, with slow timers. */
export function startChromium(): Promise<Browser> {
  return puppeteer.launch({
    executablePath: findChromium() ?? chromium.executablePath(),
    headless: true,
    args: launchArgs(),
    ignoreDefaultArgs: [
      '--disable-background-timer-throttling',
      '--disable-backgrounding-occluded-windows',
      '--disable-renderer-backgrounding',
    ],
  });
}

/** One tab, as far as tests need one: what Writer is for Chromium. */
export class PuppetWriter {
  readonly page: Page;
  readonly errors: string[] = [];

  private constructor(page: Page) {
    this.page = page;
    page.on('pageerror', error => this.errors.push(String(error)));
    page.on('console', message => {
      if (message.type() === 'error') this.errors.push(message.text());
    });
  }

  static async open(browser: Browser, url: string): Promise<PuppetWriter> {
    const writer = new PuppetWriter(await browser.newPage());
    await writer.page.goto(url);
    await writer.ready();
    return writer;
  }

  async ready(): Promise<void> {
    await this.page.waitForSelector('>>> .cm-content');
  }
  async reload(): Promise<void> {
    await this.page.reload();
    await this.ready();
  }

  /** Puts the caret behind everything and types there. */
  async append(text: string): Promise<void> {
    await (await this.page.waitForSelector('>>> .cm-content'))?.focus();
    await this.page.keyboard.down('Control');
    await this.page.keyboard.press('End');
    await this.page.keyboard.up('Control');
    await this.page.keyboard.type(text);
  }

  text(): Promise<string> {
    return this.page.evaluate(() => globalThis.peerloom?.session.page.text() ?? '');
  }
  shareLink(): Promise<string> {
    return this.page.evaluate(() => globalThis.peerloom?.session.shareLink() ?? '');
  }
  /** Its name in the room. */
  session(): Promise<string> {
    return this.page.evaluate(() => globalThis.peerloom?.session.mesh.self ?? '');
  }
  async connected(): Promise<number> {
    return this.page.evaluate(
      () =>
        globalThis.peerloom?.session.status().peers.filter(({ state }) => state === 'connected').length ?? 0,
    );
  }
}
