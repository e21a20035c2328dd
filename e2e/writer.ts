/** One tab as a person uses it: by role and label, through the real screen. */
import { expect, type BrowserContext, type Page } from '@playwright/test';
import type { SyncStatus } from '../src/replica/status.ts';
import type { SpaceSession } from '../src/app/space-session.ts';

declare global {
  var peerloom: { readonly session: SpaceSession } | undefined;
}

export class Writer {
  readonly page: Page;
  /** What the page did wrong, in its own console. */
  readonly errors: string[] = [];

  private constructor(page: Page) {
    this.page = page;
    page.on('pageerror', error => this.errors.push(error.message));
    page.on('console', message => {
      if (message.type() === 'error' && !/ERR_|WebSocket|Failed to load/.test(message.text())) {
        this.errors.push(message.text());
      }
    });
  }

  static async open(context: BrowserContext, url: string, name?: string): Promise<Writer> {
    const writer = new Writer(await context.newPage());
    await writer.page.goto(url);
    await writer.ready();
    if (name !== undefined) await writer.rename(name);
    return writer;
  }

  get editor() {
    return this.page.getByRole('textbox', { name: 'Page' });
  }
  get pill() {
    return this.page.locator('ws-pill');
  }

  async ready(): Promise<void> {
    await this.editor.waitFor();
  }

  async type(text: string): Promise<void> {
    await this.page.keyboard.type(text);
  }

  /** Puts the caret behind everything and types there. */
  async append(text: string): Promise<void> {
    await this.editor.focus();
    await this.page.keyboard.press('ControlOrMeta+End');
    await this.type(text);
  }

  /** The text as the editor shows it, for pages short enough to be shown whole. */
  async shown(): Promise<string> {
    return (await this.editor.locator('.cm-line').allInnerTexts())
      .map(line => line.replace(/\n$/, ''))
      .join('\n');
  }

  /** The text as the document has it, however long. */
  text(): Promise<string> {
    return this.page.evaluate(() => globalThis.peerloom?.session.page.text() ?? '');
  }
  status(): Promise<SyncStatus> {
    return this.page.evaluate(() => {
      const session = globalThis.peerloom?.session;
      if (session === undefined) throw new Error('no session');
      return session.status();
    });
  }

  async rename(name: string): Promise<void> {
    await this.page.evaluate(next => {
      const session = globalThis.peerloom?.session;
      session?.setProfile({ ...session.profile(), name: next });
    }, name);
  }

  async shareLink(): Promise<string> {
    await this.page.getByRole('button', { name: 'Share' }).click();
    const link = await this.page.getByRole('dialog').getByRole('textbox').inputValue();
    await this.page.keyboard.press('Escape');
    await expect(this.page.getByRole('dialog')).toBeHidden();
    await this.editor.focus();
    return link;
  }

  async switchNetwork(on: boolean): Promise<void> {
    const control = this.page.getByRole('switch', { name: 'Network' });
    if ((await control.getAttribute('aria-checked')) !== String(on)) await control.click();
    await expect(control).toHaveAttribute('aria-checked', String(on));
  }

  async switchLink(name: string, on: boolean): Promise<void> {
    const control = this.page.getByRole('switch', { name: `Link to ${name}` });
    if ((await control.getAttribute('aria-checked')) !== String(on)) await control.click();
    await expect(control).toHaveAttribute('aria-checked', String(on));
  }

  /** Everything typed here is on this device's disk. */
  async kept(): Promise<void> {
    await expect.poll(async () => (await this.status()).keeping.type).toBe('kept');
  }
  async connectedTo(count: number): Promise<void> {
    const connected = async () =>
      (await this.status()).peers.filter(peer => peer.state === 'connected').length;
    await expect.poll(connected, { timeout: 20_000 }).toBe(count);
  }
}

export async function allEqual(writers: readonly Writer[], timeoutMs = 15_000): Promise<string> {
  const distinct = async () => new Set(await Promise.all(writers.map(writer => writer.text()))).size;
  await expect.poll(distinct, { timeout: timeoutMs }).toBe(1);
  return (await writers[0]?.text()) ?? '';
}
