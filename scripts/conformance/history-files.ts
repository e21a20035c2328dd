/** The recorded histories below a folder, each with the verdict that came with it. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

export type ExpectedVerdict = 'linearizable' | 'not-linearizable';

export interface FoundHistory {
  /** From the folder on. */
  readonly file: string;
  readonly text: string;
  /** Undefined if nothing says so. */
  readonly expected: ExpectedVerdict | undefined;
}

/** What pictures have beside them, in words: no history, even where both are in one folder. */
export const tableSuffix = '.table.txt';

/** Every `*.log` and `*.txt`, by name. `missing`: verdicts about files that are not there, as where only a part is. */
export function findHistories(folder: string): { histories: FoundHistory[]; missing: number } {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(path => /\.(log|txt)$/.test(path) && !path.endsWith(tableSuffix))
    .sort();
  const verdicts = new Map<string, ExpectedVerdict>();
  for (const path of paths.filter(path => isVerdicts(path))) {
    for (const [index, line] of readFileSync(join(folder, path), 'utf8').split('\n').entries()) {
      if (line.trim() === '') continue;
      const [, name, verdict] = /^(\S+)\s+(linearizable|not-linearizable)\s*$/.exec(line) ?? [];
      if (name === undefined)
        throw new Error(`${join(folder, path)}:${index + 1} is no file name with its verdict: ${line}`);
      verdicts.set(join(dirname(path), name), verdict as ExpectedVerdict);
    }
  }
  const histories = paths.filter(path => !isVerdicts(path));
  return {
    histories: histories.map(path => ({
      file: relative('.', path),
      text: readFileSync(join(folder, path), 'utf8'),
      expected: verdicts.get(path) ?? verdictInName(path),
    })),
    missing: [...verdicts.keys()].filter(path => !histories.includes(path)).length,
  };
}

function isVerdicts(path: string): boolean {
  return /(^|[\\/])verdicts\.txt$/.test(path);
}

/** `c10-ok.txt`, `c01-bad.txt`. */
function verdictInName(path: string): ExpectedVerdict | undefined {
  const [, word] = /(?:^|[-_.\\/])(ok|bad)\.[^.]+$/.exec(path) ?? [];
  if (word === undefined) return undefined;
  return word === 'ok' ? 'linearizable' : 'not-linearizable';
}
