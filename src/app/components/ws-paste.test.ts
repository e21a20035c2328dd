import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { accessibilityFaults } from '../testing/axe.ts';
import { PlainSession } from '../testing/plain-session.ts';
import { showSpace } from '../shell.ts';

let root: HTMLElement;

beforeEach(() => {
  root = document.createElement('div');
  document.body.append(root);
});
afterEach(() => {
  root.remove();
  document.documentElement.style.removeProperty('color-scheme');
});

async function open(): Promise<void> {
  showSpace(root, new PlainSession('words'), { joining: false });
  await page.getByRole('button', { name: 'Share' }).click();
  await page.getByText('Join without a server').click();
}
const box = (name: string) => page.getByRole('textbox', { name });

test.each(['light', 'dark'])(
  'accessibility, %s: both sides, a made offer and a refused text',
  async scheme => {
    document.documentElement.style.setProperty('color-scheme', scheme);
    await page.viewport(390, 780);
    await open();
    await page.getByRole('button', { name: 'Make an offer' }).click();
    await box('Offer you were given').fill('nothing of ours');
    await page.getByRole('button', { name: 'Make the answer' }).click();
    await expect.element(page.getByRole('alert')).toHaveTextContent('not a whole text');
    expect(await accessibilityFaults()).toEqual([]);
    expect(document.documentElement.scrollWidth).toBeLessThanOrEqual(390);
  },
);

test('keyboard: it opens, makes an offer and takes an answer without a pointer', async () => {
  await page.viewport(1280, 800);
  showSpace(root, new PlainSession('words'), { joining: false });
  await page.getByRole('button', { name: 'Share' }).click();
  await userEvent.keyboard('{Tab}{Tab}{Enter}{Tab}{Enter}');
  await expect.element(box('Offer to give')).toHaveValue('an offer');
  (box('Answer you were given').element() as HTMLElement).focus();
  await userEvent.keyboard('an answer{Tab}{Enter}');
  await expect.element(page.getByRole('button', { name: 'Make an offer' })).toBeVisible();
});

describe('what it does', () => {
  test('an offer is shown whole; a wrong answer says why and may be tried again', async () => {
    await open();
    await page.getByRole('button', { name: 'Make an offer' }).click();
    await expect.element(box('Offer to give')).toHaveValue('an offer');
    await box('Answer you were given').fill('something else');
    await page.getByRole('button', { name: 'Connect' }).click();
    await expect.element(page.getByText('This text has been used.')).toBeVisible();
    await box('Answer you were given').fill('an answer');
    await page.getByRole('button', { name: 'Connect' }).click();
    await expect.element(page.getByText('Connecting.')).toBeVisible();
  });

  test('an offer that was pasted is answered', async () => {
    await open();
    await box('Offer you were given').fill('an offer');
    await page.getByRole('button', { name: 'Make the answer' }).click();
    await expect.element(box('Answer to give back')).toHaveValue('an answer');
  });
});
