/** Documents as Markdown files, and Markdown files as pages. A page is Markdown already; a board and a poll become lists. */
import type { Board } from './board.ts';
import type { Poll } from './poll.ts';

/** A file of Markdown that becomes a page, in bytes: some thousand printed pages; more would freeze its editor. */
export const importBytesMax = 4 * 1024 * 1024;

const loneSurrogate = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** Text from outside in the form a page holds: `\n` ends a line, every character is whole. */
export function cleanText(text: string): string {
  return text.replace(/\r\n?/g, '\n').replace(loneSurrogate, '\ufffd');
}

/** Letters that would begin a mark of Markdown inside a line stand for themselves. */
function literal(text: string): string {
  return text.replace(/[\\`*_[\]<>#|]/g, '\\$&');
}

export function boardAsMarkdown(name: string, { columns }: Board): string {
  const lines = [`# ${literal(name)}`];
  for (const { title, cards } of columns) {
    lines.push('', `## ${literal(title)}`, '');
    for (const card of cards) {
      const people = card.people.map(person => literal(person.name));
      const about = [...card.tags.map(literal), ...people].join(', ');
      lines.push(`- ${literal(card.title)}${about === '' ? '' : ` (${about})`}`);
      if (card.note !== '') lines.push(...card.note.split('\n').map(line => `  ${literal(line)}`.trimEnd()));
    }
  }
  return `${lines.join('\n')}\n`;
}

export function pollAsMarkdown(name: string, { by, answers }: Poll): string {
  const lines = answers.map(({ title, voters, count }) => {
    if (by === 'tally') return `- ${literal(title)}: ${String(count)}`;
    const names = voters.map(voter => literal(voter.name)).join(', ');
    return `- ${literal(title)}: ${String(voters.length)}${names === '' ? '' : ` (${names})`}`;
  });
  return `${[`# ${literal(name)}`, '', ...lines].join('\n')}\n`;
}

/** What every file system takes. */
export function fileNameOf(title: string): string {
  const plain = title
    .replace(/[^\p{L}\p{N} .-]+/gu, ' ')
    .replace(/\s+/g, ' ')
    .replace(/^[. ]+|[. ]+$/g, '');
  return `${plain.slice(0, 80).trim() || 'document'}.md`;
}
