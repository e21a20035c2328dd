/** What is in the document when the typing starts, and what is typed. The same every time. */
import { SeededRandom } from '../../src/base/random.ts';

const words = (
  'a thread runs over and under the others until what was loose becomes cloth and whoever pulls at one end ' +
  'feels it at every other so that a weaver learns to wait and to look before the next row is begun'
).split(' ');

function sentence(random: SeededRandom): string {
  const count = 6 + random.below(9);
  const text = Array.from({ length: count }, () => words[random.below(words.length)] ?? '').join(' ');
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

/** `lines` lines of prose with a heading here and there, then an empty last line to type in. */
export function prose(lines: number): string {
  const random = new SeededRandom('typing');
  const drawn = Array.from({ length: lines }, (_, line) =>
    line % 20 === 0 ? `## Part ${line / 20 + 1}` : sentence(random),
  );
  return `${drawn.join('\n')}\n\n`;
}

/** `count` keys: lower-case letters and single spaces, beginning and ending with a letter. */
export function keystrokes(count: number): string {
  const random = new SeededRandom('keystrokes');
  let text = '';
  while (text.length < count) text += `${words[random.below(words.length)] ?? ''} `;
  return text.slice(0, count).replace(/ $/, 's');
}
