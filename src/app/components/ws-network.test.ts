import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { accessibilityFaults } from '../testing/axe.ts';
import { PlainSession, peer, replica, status } from '../testing/plain-session.ts';
import { showSpace } from '../shell.ts';

const together = (changes: Parameters<typeof status>[1] = {}) =>
  status(
    { type: 'together', holding: 2, known: 3, keeping: false, signaling: 'connected' },
    { peers: [peer(1), peer(2, { state: 'gone', silentMs: 41_000, behind: 2 })], ...changes },
  );
const clock = new Map([
  [replica(0), 5],
  [replica(1), 7],
]);

let root: HTMLElement;
let session: PlainSession;
const opener = () => page.getByRole('button', { name: 'Network view', exact: true });
const view = () => page.getByRole('region', { name: 'Network view' });

async function open(): Promise<void> {
  session = new PlainSession('# Plan\n\nwords');
  session.network.reading = {
    ...session.network.reading,
    clock,
    clocks: new Map([
      [replica(1), clock],
      [replica(2), new Map(clock).set(replica(1), 5)],
    ]),
    links: new Map([[replica(1), { inBytes: 1234, outBytes: 950, delayMs: 0, linkedWith: [replica(2)] }]]),
  };
  session.show(together(), ['Ana', 'Bo']);
  showSpace(root, session);
  await expect.element(page.getByRole('textbox', { name: 'Page' })).toBeVisible();
  await opener().click();
  await expect.element(view()).toBeVisible();
}

beforeEach(async () => {
  await page.viewport(1280, 800);
  root = document.createElement('div');
  document.body.append(root);
});
afterEach(() => {
  root.remove();
  document.documentElement.style.removeProperty('color-scheme');
});

describe.each(['light', 'dark'])('accessibility, %s', scheme => {
  test.each([
    [1280, 800],
    [390, 780],
  ])('of the network view on %d × %d', async (width, height) => {
    document.documentElement.style.setProperty('color-scheme', scheme);
    await page.viewport(width, height);
    await open();
    expect(await accessibilityFaults()).toEqual([]);
    expect(document.documentElement.scrollWidth).toBeLessThanOrEqual(width);
  });
});

describe('keyboard', () => {
  test('Escape closes it, and the focus is where it was opened', async () => {
    await open();
    (view().getByRole('switch', { name: 'Link to Ana' }).element() as HTMLElement).focus();
    await userEvent.keyboard('{Escape}');
    await expect.element(view()).not.toBeInTheDocument();
    await expect.element(opener()).toHaveAttribute('aria-expanded', 'false');
    expect(document.activeElement?.shadowRoot?.activeElement?.shadowRoot?.activeElement).toBe(
      opener().element(),
    );
  });

  test('on a phone it covers the page and takes the place of People', async () => {
    await page.viewport(390, 780);
    await open();
    expect(root.querySelector('ws-page')?.inert).toBe(true);
    await page.getByRole('button', { name: 'People' }).click();
    await expect.element(view()).not.toBeInTheDocument();
  });
});

describe('behaviour', () => {
  test('each link is a row: how it stands, what passed, and its levers', async () => {
    await open();
    const ana = view().getByRole('row', { name: /^Ana Connected/ });
    await expect.element(ana).toHaveTextContent('12 ms');
    await expect.element(ana).toHaveTextContent(/1\.2 kB ↓ in,\s+950 B ↑ out/);
    await expect.element(view().getByRole('row', { name: /^Bo No link, 41 s/ })).toBeVisible();
    await expect.element(view().getByRole('img', { name: '1 of 2 links connected.' })).toBeVisible();
    await ana.getByRole('combobox', { name: 'Delay to and from Ana' }).selectOptions('200 ms');
    expect(session.network.delays).toEqual([[replica(1), 200]]);
    await ana.getByRole('switch', { name: 'Link to Ana' }).click();
    expect(session.calls).toEqual(['link 1 off']);
    await expect.element(view().getByRole('row', { name: /^Ana Cut here/ })).toBeVisible();
    await expect.element(view().getByRole('img', { name: '0 of 2 links connected.' })).toBeVisible();
  });

  test('each copy is a row of counts, and in words what it lacks', async () => {
    await open();
    await expect.element(view().getByRole('row', { name: 'You 5 7 This copy' })).toBeVisible();
    await expect.element(view().getByRole('row', { name: 'Ana 5 7 Same as here' })).toBeVisible();
    await expect.element(view().getByRole('row', { name: 'Bo 5 5 Lacks 2 changes' })).toBeVisible();
  });

  test('the cloth and its words are those of the fingerprint, and change with it', async () => {
    await open();
    const weave = root
      .querySelector('ws-space')
      ?.shadowRoot?.querySelector('ws-network')
      ?.shadowRoot?.querySelector('ws-weave');
    const looks = () => weave?.shadowRoot?.innerHTML ?? '';
    const before = looks();
    expect(before).toContain('<rect');
    const fingerprint = session.network.reading.fingerprint.slice();
    fingerprint[7] = (fingerprint[7] ?? 0) ^ 1;
    session.network.reading = { ...session.network.reading, fingerprint };
    await expect.poll(looks).not.toBe(before);
  });

  test('while the tab is off every link says so', async () => {
    await open();
    await page.getByRole('switch', { name: 'Network' }).click();
    session.show(status({ type: 'offline', changes: 0 }, { peers: [peer(1, { state: 'gone' })] }), ['Ana']);
    await expect.element(view().getByRole('row', { name: /^Ana Tab is off/ })).toBeVisible();
    await expect.element(view().getByRole('img', { name: /This tab is off/ })).toBeVisible();
  });
});
