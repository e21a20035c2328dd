/** Five peers, split 2 | 3 by the link switches, each with 200 random edits meanwhile. */
import { expect, test } from '@playwright/test';
import { SeededRandom } from '../src/base/random.ts';
import { AppServer } from './server.ts';
import { allEqual, Writer } from './writer.ts';

const names = ['Ana', 'Bo', 'Cleo', 'Dev', 'Eli'];
const editsEach = 200;

async function editAtRandom(
  writer: Writer,
  random: SeededRandom,
  mark: string,
  tokens: string[],
): Promise<void> {
  const { keyboard } = writer.page;
  await writer.editor.focus();
  for (let edit = 0; edit < editsEach; edit++) {
    // Somewhere else, but between words, so that no token lands inside another.
    const moves = [
      'ControlOrMeta+Home',
      'ControlOrMeta+End',
      'ControlOrMeta+ArrowLeft',
      'ControlOrMeta+ArrowLeft',
    ];
    await keyboard.press(moves[random.below(moves.length)] ?? 'ControlOrMeta+End');
    const token = `${mark}${String(edit)}`;
    if (random.below(4) === 0) {
      await keyboard.insertText('x');
      await keyboard.press('Backspace');
    }
    await keyboard.insertText(`${token} `);
    tokens.push(token);
  }
}

test('five peers that type 200 random edits each during a 2 | 3 split end equal, every token present', async ({
  browser,
}) => {
  test.setTimeout(400_000);
  const server = await AppServer.start();
  try {
    const ana = await Writer.open(await browser.newContext(), server.url, 'Ana');
    await ana.type('start ');
    const link = await ana.shareLink();
    const others = await Promise.all(
      names.slice(1).map(async name => Writer.open(await browser.newContext(), link, name)),
    );
    const writers = [ana, ...others];
    await Promise.all(writers.map(writer => writer.connectedTo(4)));

    for (const writer of writers.slice(0, 2)) {
      for (const name of names.slice(2)) await writer.switchLink(name, false);
    }
    const tokens: string[] = [];
    await Promise.all(
      writers.map((writer, i) => editAtRandom(writer, new SeededRandom(2026 + i), 'abcde'.charAt(i), tokens)),
    );
    const minority = await allEqual(writers.slice(0, 2));
    const majority = await allEqual(writers.slice(2));
    expect(minority).not.toBe(majority);
    expect(minority).not.toMatch(/c\d/);
    expect(majority).not.toMatch(/a\d/);

    for (const writer of writers.slice(0, 2)) {
      for (const name of names.slice(2)) await writer.switchLink(name, true);
    }
    const text = await allEqual(writers, 20_000);
    const words = new Set(text.split(/\s+/));
    expect(tokens.length).toBe(names.length * editsEach);
    expect(tokens.filter(token => !words.has(token))).toEqual([]);
    expect(text.split(/\s+/).filter(word => word !== '').length).toBe(tokens.length + 1);
    expect(writers.flatMap(writer => writer.errors)).toEqual([]);
  } finally {
    await server.stop();
  }
});
