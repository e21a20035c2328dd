/** Five peers, split 2 | 3 by the link switches, each with 200 random edits meanwhile. */
import { SeededRandom } from '../src/base/random.ts';
import { AppServer } from './server.ts';
import { expect, test } from './test.ts';
import { allEqual, Writer } from './writer.ts';

const names = ['Ana', 'Bo', 'Cleo', 'Dev', 'Eli'];
const editsEach = 200;
/** Most of what this test costs is five pages painted at every key, by software: small ones paint less. */
const small = { viewport: { width: 900, height: 300 } };

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
  test.setTimeout(600_000);
  const server = await AppServer.start();
  try {
    const ana = await Writer.open(await browser.newContext(small), server.url, 'Ana');
    await ana.type('start ');
    const link = await ana.shareLink();
    const others = await Promise.all(
      names.slice(1).map(async name => Writer.open(await browser.newContext(small), link, name)),
    );
    const writers = [ana, ...others];
    await Promise.all(writers.map(writer => writer.connectedTo(4)));

    const switchLinks = (on: boolean) =>
      Promise.all(
        writers.slice(0, 2).map(async writer => {
          for (const name of names.slice(2)) await writer.switchLink(name, on);
        }),
      );
    await switchLinks(false);
    const tokens: string[] = [];
    await Promise.all(
      writers.map((writer, i) => editAtRandom(writer, new SeededRandom(2026 + i), 'abcde'.charAt(i), tokens)),
    );
    const has = (text: string, marks: RegExp) =>
      new Set(text.split(/\s+/).filter(word => marks.test(word))).size === editsEach;
    const minority = await allEqual(writers.slice(0, 2), text => has(text, /^a\d/) && has(text, /^b\d/));
    const majority = await allEqual(writers.slice(2), text =>
      [/^c\d/, /^d\d/, /^e\d/].every(mark => has(text, mark)),
    );
    expect(minority).not.toMatch(/[cde]\d/);
    expect(majority).not.toMatch(/[ab]\d/);

    await switchLinks(true);
    expect(tokens.length).toBe(names.length * editsEach);
    const text = await allEqual(writers, all => {
      const words = new Set(all.split(/\s+/));
      return tokens.every(token => words.has(token));
    });
    expect(text.split(/\s+/).filter(word => word !== '').length).toBe(tokens.length + 1);
    expect(writers.flatMap(writer => writer.errors)).toEqual([]);
  } finally {
    await server.stop();
  }
});
