/** One tab as a person uses it: by role and label, through the real screen. */
import { expect, type BrowserContext, type Page } from '@playwright/test';
import type { TraceRing } from '../src/base/trace.ts';
import type { SyncStatus } from '../src/replica/status.ts';
import type { TransportEvent } from '../src/net/transport.ts';
import type { SpaceSession } from '../src/app/space-session.ts';

/** The session as it is behind the screens (src/app/session/open-space.ts), as far as tests look into it. */
interface OpenedSession extends SpaceSession {
  readonly replica: {
    readonly replicaId: string;
    readonly clock: ReadonlyMap<string, number>;
    readonly durableClock: ReadonlyMap<string, number>;
    readonly refusals: { entries(): ReadonlyMap<string, number> };
    linkOf(peer: string): string | undefined;
  };
  readonly trace: TraceRing;
  tick(): void;
  readonly mesh: {
    readonly self: string;
    readonly refusals: { entries(): ReadonlyMap<string, number> };
    send(link: string, lane: 'data' | 'control', bytes: Uint8Array): unknown;
    subscribe(notify: (event: TransportEvent) => void): () => void;
  };
}

declare global {
  var peerloom: { readonly session: OpenedSession } | undefined;
  var beats: { count: number; readonly peerStates: Set<string> } | undefined;
  /** When something came on the control lane. */
  var controlMs: number[] | undefined;
}

/** Five seconds of a page's own time. */
export const healingBeatsMax = 20;

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

  /** Types where the caret is. */
  async type(text: string): Promise<void> {
    await expect(this.editor).toBeFocused();
    await this.page.keyboard.type(text);
  }

  /** Puts the caret behind everything and types there. */
  async append(text: string): Promise<void> {
    await this.editor.focus();
    await this.page.keyboard.press('ControlOrMeta+End');
    await this.type(text);
  }

  /** Pastes lines of prose behind everything, `length` characters in all. */
  async paste(length: number): Promise<void> {
    await this.editor.focus();
    await this.page.keyboard.press('ControlOrMeta+End');
    await this.editor.evaluate((editor, length) => {
      const line = '\nNobody keeps these words but the people who wrote them down together.';
      const clipboardData = new DataTransfer();
      clipboardData.setData('text/plain', line.repeat(Math.ceil(length / line.length)).slice(0, length));
      editor.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
    }, length);
  }

  /** Until the editor shows this text and no other, for pages short enough to be shown whole. */
  async shows(text: string): Promise<void> {
    const shown = async () =>
      (await this.editor.locator('.cm-line').allInnerTexts()).map(line => line.replace(/\n$/, '')).join('\n');
    await expect.poll(shown).toBe(text);
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

  replicaId(): Promise<string> {
    return this.page.evaluate(() => globalThis.peerloom?.session.replica.replicaId ?? '');
  }
  /** How many batches of a replica's log this page has. */
  clockOf(replicaId: string): Promise<number> {
    return this.page.evaluate(id => globalThis.peerloom?.session.replica.clock.get(id) ?? 0, replicaId);
  }
  /** How many batches of its own log this page's disk has. */
  durable(): Promise<number> {
    return this.page.evaluate(() => {
      const replica = globalThis.peerloom?.session.replica;
      return replica?.durableClock.get(replica.replicaId) ?? 0;
    });
  }

  /** From now on the page counts its beats, four a second, and notes how its peers stand at each; every call begins anew. */
  async countBeats(): Promise<void> {
    await this.page.evaluate(() => {
      const session = globalThis.peerloom?.session;
      if (session === undefined) throw new Error('no session');
      globalThis.beats = { count: 0, peerStates: new Set() };
      if (Object.hasOwn(session, 'tick')) return;
      const tick = session.tick.bind(session);
      session.tick = () => {
        tick();
        if (globalThis.beats === undefined) return;
        globalThis.beats.count++;
        for (const { state } of session.status().peers) globalThis.beats.peerStates.add(state);
      };
    });
  }
  /** How many beats after `countBeats` the page had `text`: its own measure of time, which a busy machine stretches as well. */
  beatsUntil(text: string): Promise<number> {
    return this.page.evaluate(async text => {
      const page = globalThis.peerloom?.session.page;
      if (page === undefined) throw new Error('no session');
      while (!page.text().includes(text)) await new Promise(resolve => setTimeout(resolve, 20));
      return globalThis.beats?.count ?? NaN;
    }, text);
  }

  /** Each way in which a peer stood at some beat since `countBeats`. */
  peerStatesSeen(): Promise<string[]> {
    return this.page.evaluate(() => [...(globalThis.beats?.peerStates ?? [])]);
  }

  /** From now on the page notes when something comes on the control lane. */
  async watchControl(): Promise<void> {
    await this.page.evaluate(() => {
      const heardMs = [performance.now()];
      globalThis.controlMs = heardMs;
      globalThis.peerloom?.session.mesh.subscribe(event => {
        if (event.type === 'message' && event.lane === 'control') heardMs.push(performance.now());
      });
    });
  }
  /** How long nothing came in between. */
  controlGapsMs(): Promise<number[]> {
    return this.page.evaluate(() => {
      const heardMs = globalThis.controlMs ?? [];
      return heardMs.slice(1).map((ms, n) => ms - (heardMs[n] ?? ms));
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
  /** With none: whatever the others sent before is here, since nothing has come from them for seconds. */
  async connectedTo(count: number): Promise<void> {
    const connected = async () =>
      (await this.status()).peers.filter(peer => peer.state === 'connected').length;
    await expect.poll(connected).toBe(count);
  }
  /** How each peer stands, in no order. */
  async peerStates(): Promise<string[]> {
    return (await this.status()).peers.map(peer => peer.state);
  }
  /** How much of what came from outside was refused or dropped: `replica` from peers, `mesh` below it and from the server. */
  refused(by: 'replica' | 'mesh'): Promise<number> {
    return this.page.evaluate(by => {
      const counts = globalThis.peerloom?.session[by].refusals.entries().values() ?? [];
      return [...counts].reduce((sum, count) => sum + count, 0);
    }, by);
  }
  /** The app can be loaded without its server from now on. */
  async installed(): Promise<void> {
    await this.page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  }
}

/**
 * Until all have the same text, and that text is as it must be in the end. Without the second, two pages that are
 * equal because neither has heard of the other's last edit would do.
 */
export async function allEqual(
  writers: readonly Writer[],
  asItMustBe: (text: string) => boolean,
): Promise<string> {
  let texts: string[] = [];
  const settled = async () => {
    texts = await Promise.all(writers.map(writer => writer.text()));
    return new Set(texts).size === 1 && asItMustBe(texts[0] ?? '') ? 'equal, and as it must be' : texts;
  };
  await expect.poll(settled).toBe('equal, and as it must be');
  return texts[0] ?? '';
}
