/** A failing history in words, for a terminal and for whoever cannot see its picture. The same facts as picture.ts. */
import type { Story, Told } from './story.ts';

const HEADS = ['order', 'process', 'from', 'until', 'asked', 'answered', 'then it is'] as const;

/** Rows in the order that came farthest, then the operation that has no place in it, then the others. */
export function drawTable({ title, sentence, operations, placed }: Story): string {
  const wrong = operations.filter(({ role }) => role.type === 'blocked');
  const others = operations.filter(({ role }) => role.type === 'unplaced');
  const rows = [HEADS, ...[...placed, ...wrong, ...others].map(cellsOf)];
  const widths = HEADS.map((_, column) => Math.max(...rows.map(row => row[column]?.length ?? 0)));
  const lines = rows.map(row =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  return [title, sentence, '', ...lines, ''].join('\n');
}

function cellsOf({ process, asked, answered, invokedAt, returnedAt, role }: Told): string[] {
  const place = {
    placed: () => String('place' in role && role.place),
    blocked: () => '✕',
    unplaced: () => '–',
  };
  return [
    place[role.type](),
    String(process),
    String(invokedAt),
    returnedAt === undefined ? 'never' : String(returnedAt),
    oneLine(asked),
    answered === undefined ? '?' : oneLine(answered),
    role.type === 'placed' ? oneLine(role.stateAfter) : role.type === 'blocked' ? 'impossible' : '',
  ];
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ');
}
