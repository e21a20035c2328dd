/** Looking back: every moment is what the page said then, whoever wrote it, and what is restored travels as an edit. */
import { AppServer } from './server.ts';
import { expect, test } from './test.ts';
import { allEqual, Writer } from './writer.ts';

test('scrubbing shows the recorded snapshots with their authors, and a restore travels', async ({
  browser,
}) => {
  const server = await AppServer.start();
  try {
    const ana = await Writer.open(await browser.newContext(), server.url, 'Ana');
    await ana.type('First words.');
    await ana.kept();
    const link = await ana.shareLink();
    const bo = await Writer.open(await browser.newContext(), link, 'Bo');
    await allEqual([ana, bo], text => text === 'First words.');
    await bo.append(' By Bo.');
    await allEqual([ana, bo], text => text.endsWith(' By Bo.'));
    await ana.append(' By Ana again.');
    await allEqual([ana, bo], text => text.endsWith('again.'));

    const { page } = ana;
    // Who wrote this, where the pointer rests.
    // The whole line: what is fresh in it stands in spans of its own.
    const words = ana.editor.locator('.cm-line').filter({ hasText: 'By Bo.' });
    const by = async (text: string) => {
      const box = await words.evaluate((line, text) => {
        const walker = document.createTreeWalker(line, NodeFilter.SHOW_TEXT);
        for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
          const at = (node.textContent ?? '').indexOf(text);
          if (at < 0) continue;
          const range = document.createRange();
          range.setStart(node, at);
          range.setEnd(node, at + text.length);
          const { x, y, width, height } = range.getBoundingClientRect();
          return { x: x + width / 2, y: y + height / 2 };
        }
        throw new Error('not there');
      }, text);
      await page.mouse.move(box.x, box.y);
      return page.getByRole('tooltip');
    };
    await expect(await by('By Bo')).toContainText('Bo, ');
    await expect(await by('First')).toContainText('You, ');
    await page.mouse.move(5, 5);
    await expect(page.getByRole('tooltip')).toHaveCount(0);

    await page.getByRole('tab', { name: 'History' }).click();
    const slider = page.getByRole('slider');
    const stretches = page.getByRole('tabpanel').getByRole('listitem');
    await expect(stretches).toHaveCount(3);
    await expect(stretches.nth(1)).toContainText('Bo');
    // As many moments here as batches that wrote: each key is in one, and none is empty.
    const last = Number(await slider.getAttribute('max'));
    const asItWas = page.getByRole('region', { name: 'The page as it was' });
    const whole = 'First words. By Bo. By Ana again.';
    const shown: string[] = [];
    for (let moment = 1; moment < last; moment++) {
      await slider.fill(String(moment));
      const text = await asItWas.locator('pre').evaluate(pre => {
        const copy = pre.cloneNode(true) as HTMLElement;
        for (const removed of copy.querySelectorAll('del')) removed.remove();
        return copy.textContent;
      });
      shown.push(text);
    }
    expect(
      shown.every((text, n) => whole.startsWith(text) && text.length > (shown[n - 1] ?? '').length),
    ).toBe(true);
    expect(shown).toContain('First words.');
    expect(shown).toContain('First words. By Bo.');

    await stretches.nth(2).getByRole('button').click();
    await expect(asItWas).toContainText('First words.');
    await asItWas.getByRole('button', { name: 'Restore this' }).click();
    await allEqual([ana, bo], text => text === 'First words.');
    await ana.shows('First words.');
    await bo.shows('First words.');
    // It is an edit like any other: nothing is lost by it, and one writes on.
    await expect(stretches).toHaveCount(3);
    await bo.append(' On.');
    await allEqual([ana, bo], text => text === 'First words. On.');
    expect([...ana.errors, ...bo.errors]).toEqual([]);
  } finally {
    await server.stop();
  }
});
