import { expect, test } from 'vitest';
import { signalBytesMax } from '../base/limits.ts';
import { SeededRandom } from '../base/random.ts';
import { anyone, decodePasted, encodePasted } from './pasted.ts';

const pasted = {
  from: 'ab'.repeat(16),
  to: anyone,
  body: 'AgABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_',
};

test('[NET130] a text decodes to itself, with whatever blanks a mail has put into it', () => {
  const text = encodePasted(pasted);
  expect(decodePasted(text)).toEqual({ ok: true, value: pasted });
  const wrapped = `\n  ${text.slice(0, 20)}\r\n${text.slice(20, 70)} ${text.slice(70)}\n`;
  expect(decodePasted(wrapped)).toEqual({ ok: true, value: pasted });
});

test.each([
  ['malformed', ''],
  ['malformed', 'hello'],
  ['malformed', encodePasted(pasted).replace('.', '')],
  ['malformed', `${encodePasted(pasted)}.more`],
  ['malformed', `!${encodePasted(pasted)}`],
  ['version', encodePasted(pasted).replace('Aa', 'Ca')],
  ['short', 'Aaur.body'],
  ['too long', 'x'.repeat(2 * signalBytesMax + 1)],
])('[NET130] refused as %s: %s', (reason, text) => {
  expect(decodePasted(text)).toEqual({ ok: false, reason });
});

test('[NET130] a hundred thousand changed texts never throw', () => {
  const random = new SeededRandom(130);
  const text = encodePasted(pasted);
  for (let n = 0; n < 100_000; n++) {
    const at = random.below(text.length);
    const changed =
      text.slice(0, at) + String.fromCharCode(random.below(300)) + text.slice(at + random.below(4));
    const decoded = decodePasted(changed);
    if (decoded.ok) expect(decodePasted(encodePasted(decoded.value))).toEqual(decoded);
  }
});
