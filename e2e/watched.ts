/**
 * What a tab's screen says of its network, frame after frame, beside what was done to it: both in one list, in the order in which
 * they happened in that page. Frames are the page's own measure of time, which a busy machine stretches as well.
 */
import type { Writer } from './writer.ts';

/** Ten frames a second. */
export const framesPerS = 10;

export interface Frame {
  readonly type: 'frame';
  /** Milliseconds since 1970, on the clock that all pages of this machine share. */
  readonly atMs: number;
  readonly pill: string;
  /** By name: the line in People and the words in the network view. */
  readonly people: Readonly<Record<string, string>>;
  readonly links: Readonly<Record<string, string>>;
  /** How many batches of each log this page's disk has. */
  readonly durable: Readonly<Record<string, number>>;
}
export interface Action {
  readonly type: 'action';
  /** A peer's name, or the tab itself. */
  readonly what: string;
  readonly on: boolean;
}
export type Watched = Frame | Action;

declare global {
  var watched: Watched[] | undefined;
}

/** From now on; the network view and People are open. */
export async function watch(writer: Writer): Promise<void> {
  await writer.page.evaluate(everyMs => {
    const watched: Watched[] = (globalThis.watched = []);
    const inside = (
      root: ParentNode | null | undefined,
      ...path: readonly string[]
    ): ShadowRoot | undefined => {
      let at: ParentNode | null | undefined = root;
      for (const name of path) at = at?.querySelector(name)?.shadowRoot;
      return at instanceof ShadowRoot ? at : undefined;
    };
    const words = (element: Element | null | undefined) =>
      (element?.textContent ?? '').replace(/\s+/g, ' ').trim();
    const table = (rows: Iterable<Element>, line: string) =>
      Object.fromEntries(
        Array.from(rows, row => [words(row.querySelector('.name')), words(row.querySelector(line))]),
      );
    setInterval(() => {
      const people = inside(document, 'ws-space', 'ws-panel', 'ws-people');
      const links = inside(document, 'ws-space', 'ws-network');
      watched.push({
        type: 'frame',
        atMs: performance.timeOrigin + performance.now(),
        pill: words(inside(document, 'ws-space', 'ws-topbar', 'ws-pill')?.querySelector('.words')),
        people: table(people?.querySelectorAll('.person:not(.self)') ?? [], '.line'),
        links: table(links?.querySelectorAll('.links tbody tr') ?? [], '.words'),
        durable: Object.fromEntries(globalThis.peerloom?.session.replica.durableClock ?? []),
      });
    }, everyMs);
  }, 1000 / framesPerS);
}

/** Pulls a switch of this page's screen and takes it down, in one turn of the page. */
export async function pull(writer: Writer, what: string, on: boolean): Promise<void> {
  const { page } = writer;
  const control =
    what === 'tab'
      ? page.getByRole('switch', { name: 'Network' })
      : page.getByRole('region', { name: 'Network view' }).getByRole('switch', { name: `Link to ${what}` });
  await control.evaluate(
    (element, action) => {
      if (element.getAttribute('aria-checked') === String(action.on))
        throw new Error(`${action.what} is so already`);
      (element as HTMLElement).click();
      globalThis.watched?.push(action);
    },
    { type: 'action' as const, what, on },
  );
}

export async function watchedOf(writer: Writer): Promise<readonly Watched[]> {
  return writer.page.evaluate(() => globalThis.watched ?? []);
}
