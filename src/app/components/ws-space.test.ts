import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { accessibilityFaults } from '../testing/axe.ts';
import { expectFocus } from '../testing/focus.ts';
import { PlainSession, peer, status } from '../testing/plain-session.ts';
import { showSpace } from '../shell.ts';
import { dipMs } from './ws-pill.ts';

const together = (changes: Parameters<typeof status>[1] = {}) =>
  status(
    { type: 'together', holding: 2, known: 3, keeping: false, signaling: 'connected' },
    { peers: [peer(1), peer(2, { state: 'gone', silentMs: 41_000, behind: 5 })], ...changes },
  );

let root: HTMLElement;
let session: PlainSession;

async function open(text = '# Plan\n\nwords', joining = false): Promise<void> {
  session = new PlainSession(text);
  showSpace(root, session, { joining });
  await expect.element(page.getByRole('textbox', { name: 'Page' })).toBeVisible();
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
  test('of a space with people, its evidence, its colours and its share dialog', async () => {
    document.documentElement.style.setProperty('color-scheme', scheme);
    await open();
    session.show(together(), ['Ana', 'Bo']);
    await page.getByRole('button', { name: 'Your colour' }).click();
    await page.getByRole('button', { name: 'Kept here' }).click();
    await expect.element(page.getByRole('heading', { name: 'Why?' })).toBeVisible();
    expect(await accessibilityFaults()).toEqual([]);
    await page.getByRole('button', { name: 'Share' }).click({ force: true });
    await expect.element(page.getByRole('dialog', { name: 'Share this space' })).toBeVisible();
    expect(await accessibilityFaults()).toEqual([]);
  });

  test('of a disk that is full, on a phone', async () => {
    document.documentElement.style.setProperty('color-scheme', scheme);
    await page.viewport(390, 780);
    await open();
    session.show(status({ type: 'not-kept', reason: 'full', changes: 2 }, { peers: [peer(1)] }), ['Ana']);
    await expect.element(page.getByRole('alert')).toHaveTextContent('Not being kept.');
    expect(await accessibilityFaults()).toEqual([]);
    expect(document.documentElement.scrollWidth).toBeLessThanOrEqual(390);
    for (const control of [
      page.getByRole('switch', { name: 'Network' }),
      page.getByRole('button', { name: 'Copy the text' }),
      page.getByRole('button', { name: 'Not being kept' }),
      page.getByRole('button', { name: 'People' }),
    ]) {
      expect(control.element().getBoundingClientRect().height).toBeGreaterThanOrEqual(44);
    }
  });
});

describe('keyboard', () => {
  test('the page has the caret when it opens; Escape closes what was opened and focus comes back', async () => {
    await open();
    await expectFocus(page.getByRole('textbox', { name: 'Page' }));
    const share = page.getByRole('button', { name: 'Share' });
    (share.element() as HTMLElement).focus();
    await userEvent.keyboard('{Enter}');
    await expectFocus(page.getByRole('textbox', { name: 'Invitation link' }));
    await userEvent.keyboard('{Escape}');
    await expectFocus(share);
  });

  test('on a phone People covers the page, takes the focus and gives it back', async () => {
    await page.viewport(390, 780);
    await open();
    const people = page.getByRole('button', { name: 'People' });
    await people.click();
    await expectFocus(page.getByRole('button', { name: 'Close' }));
    expect(root.querySelector('ws-page')?.inert).toBe(true);
    await userEvent.keyboard('{Escape}');
    await expectFocus(people);
  });
});

describe('behaviour', () => {
  test('the bar names the page as it is written', async () => {
    await open('');
    await expect.element(page.getByRole('heading', { level: 1 })).toHaveTextContent('Untitled');
    await userEvent.keyboard('# Ferry');
    await expect.element(page.getByRole('heading', { level: 1 })).toHaveTextContent('Ferry');
    expect(document.title).toBe('Ferry · Peerloom');
  });

  test('the network switch cuts and says so', async () => {
    await open();
    await page.getByRole('switch', { name: 'Network' }).click();
    expect(session.calls).toEqual(['network off']);
    await expect.element(page.getByRole('button', { name: 'Offline, 12 changes kept here' })).toBeVisible();
    await expect.element(page.getByRole('status').first()).toHaveTextContent('Offline. Go on writing');
    await expect
      .element(page.getByRole('switch', { name: 'Network' }))
      .toHaveAttribute('aria-checked', 'false');
  });

  test('each link has its switch', async () => {
    await open();
    session.show(together(), ['Ana', 'Bo']);
    await page.getByRole('switch', { name: 'Link to Bo' }).click();
    expect(session.calls).toEqual(['link 2 off']);
    await expect.element(page.getByText('Link off;')).toBeVisible();
  });

  test('one’s name and colour are changed in place', async () => {
    await open();
    const name = page.getByRole('textbox', { name: 'Your name' });
    await name.fill('  Mika ');
    await userEvent.keyboard('{Enter}');
    await page.getByRole('button', { name: 'Your colour' }).click();
    await page.getByRole('radio', { name: 'Plum' }).click();
    await name.fill('');
    await userEvent.keyboard('{Enter}');
    expect(session.calls).toEqual(['profile Mika 1', 'profile Mika 4']);
    await expect.element(name).toHaveValue('Mika');
  });

  test('a blink of keeping is not shown, a longer one is', async () => {
    await open();
    session.show(together(), ['Ana', 'Bo']);
    const keeping = together({
      pill: { type: 'together', holding: 1, known: 3, keeping: true, signaling: 'connected' },
      keeping: { type: 'keeping', changes: 1 },
    });
    const button = page.getByRole('button', { name: /Kept here|Keeping/ });
    await expect.element(button).toHaveTextContent('on 2 of 3 devices');
    const pill = button.element();
    const shows = async (now: ReturnType<typeof status>, words: string): Promise<void> => {
      session.show(now, ['Ana', 'Bo']);
      await new Promise(requestAnimationFrame);
      expect(pill.textContent).toContain(words);
    };
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      await shows(keeping, 'on 2 of 3 devices');
      vi.advanceTimersByTime(dipMs - 1);
      await shows(together(), 'on 2 of 3 devices');
      await shows(keeping, 'on 2 of 3 devices');
      vi.advanceTimersByTime(dipMs - 1);
      await shows(keeping, 'on 2 of 3 devices');
      vi.advanceTimersByTime(1);
      await shows(keeping, 'Keeping…');
      await shows(together(), 'on 2 of 3 devices');
    } finally {
      vi.useRealTimers();
    }
  });

  test('a guest is told that the others are looked for, until one is there', async () => {
    await open('', true);
    await expect.element(page.getByRole('button', { name: 'Looking for the others…' })).toBeVisible();
    session.show(together(), ['Ana', 'Bo']);
    await expect.element(page.getByRole('button', { name: 'Kept here' })).toBeVisible();
  });

  test('the invitation is copied', async () => {
    const copied = vi.spyOn(navigator.clipboard, 'writeText').mockResolvedValue();
    await open();
    await page.getByRole('button', { name: 'Share' }).click();
    await page.getByRole('button', { name: 'Copy' }).click();
    expect(copied).toHaveBeenCalledWith(session.link);
    await expect.element(page.getByRole('button', { name: 'Copied' })).toBeVisible();
    copied.mockRestore();
  });
});
