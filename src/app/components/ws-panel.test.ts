import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { accessibilityFaults } from '../testing/axe.ts';
import { PlainSession } from '../testing/plain-session.ts';
import { showSpace } from '../shell.ts';

const ana = { name: 'Ana', colour: 2 };
let root: HTMLElement;
let session: PlainSession;

async function open(): Promise<void> {
  session = new PlainSession('');
  const { history } = session.page;
  history.note('One.', ana, false, 1_000_000);
  history.note('One. Two.', ana, false, 1_030_000);
  history.note('One. Three.', { name: 'Yoko', colour: 1 }, true, 2_000_000);
  showSpace(root, session);
  await expect.element(page.getByRole('textbox', { name: 'Page' })).toBeVisible();
}
const history = () => page.getByRole('tab', { name: 'History' });
const lines = () => page.getByRole('tabpanel').getByRole('listitem');
const slider = () => page.getByRole('slider');
const asItWas = () => page.getByRole('region', { name: 'The page as it was' });

/** What has the focus, through every shadow root. */
function focused(): Element | null {
  let element = document.activeElement;
  while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
  return element;
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
  test('of the history and of the page as it was', async () => {
    document.documentElement.style.setProperty('color-scheme', scheme);
    await open();
    await history().click();
    await lines().nth(1).getByRole('button').click();
    await expect.element(asItWas()).toBeVisible();
    expect(await accessibilityFaults()).toEqual([]);
  });

  test('of the history on a phone, beside the page it is about', async () => {
    document.documentElement.style.setProperty('color-scheme', scheme);
    await page.viewport(390, 780);
    await open();
    await page.getByRole('button', { name: 'People' }).click();
    await history().click();
    await lines().nth(1).getByRole('button').click();
    await expect.element(asItWas()).toBeVisible();
    expect(await accessibilityFaults()).toEqual([]);
    expect(document.documentElement.scrollWidth).toBeLessThanOrEqual(390);
  });
});

describe('keyboard', () => {
  test('arrows go from tab to tab', async () => {
    await open();
    (page.getByRole('tab', { name: 'People' }).element() as HTMLElement).focus();
    await userEvent.keyboard('{ArrowRight}');
    await expect.element(history()).toHaveAttribute('aria-selected', 'true');
    await expect.poll(focused).toBe(history().element());
    await userEvent.keyboard('{ArrowLeft}');
    await expect.poll(focused).toBe(page.getByRole('tab', { name: 'People' }).element());
  });

  test('the slider goes through the moments and says each', async () => {
    await open();
    await history().click();
    await expect.element(slider()).toHaveValue('3');
    (slider().element() as HTMLElement).focus();
    await userEvent.keyboard('{ArrowLeft}');
    await expect
      .poll(() => slider().element().getAttribute('aria-valuetext'))
      .toMatch(/^Ana, .*, change 2 of 3$/);
    await expect.element(asItWas()).toHaveTextContent('One. Two.');
    await userEvent.keyboard('{ArrowRight}');
    await expect.element(asItWas()).not.toBeInTheDocument();
  });
});

describe('behaviour', () => {
  test('what one person wrote in one go is one line, and shows what it put there', async () => {
    await open();
    await history().click();
    await expect.element(page.getByRole('button', { name: /9 characters written/ })).toBeVisible();
    await expect.element(lines().nth(0)).toHaveTextContent('You');
    expect(lines().elements()).toHaveLength(2);
    await lines().nth(0).getByRole('button').click();
    // The last one is now.
    await expect.element(asItWas()).not.toBeInTheDocument();
    await lines().nth(1).getByRole('button').click();
    await expect.element(asItWas()).toHaveTextContent('after Ana had written');
    expect(asItWas().element().querySelector('ins')?.textContent).toBe('One. Two.');
    expect(root.querySelector('ws-page')?.inert).toBe(true);
  });

  test('a restore asks for that moment and shows the page as it is', async () => {
    await open();
    await history().click();
    await lines().nth(1).getByRole('button').click();
    await page.getByRole('button', { name: 'Restore this' }).click();
    expect(session.page.history.restored).toBe(2);
    await expect.element(asItWas()).not.toBeInTheDocument();
  });

  test('whoever goes back to People goes back to now', async () => {
    await open();
    await history().click();
    await lines().nth(1).getByRole('button').click();
    await expect.element(asItWas()).toBeVisible();
    await page.getByRole('tab', { name: 'People' }).click();
    await expect.element(asItWas()).not.toBeInTheDocument();
    expect(root.querySelector('ws-page')?.inert).toBe(false);
  });
});
