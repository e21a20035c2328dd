/**
 * `npm run bench -- counters`, `sets`, `maps`, `lists`, `trees`: each kind of value beside what others have of it, in
 * the shapes of crdt-benchmarks. See bench/README.md.
 */
import process from 'node:process';
import { parseArgs } from 'node:util';
import { bundle } from '../bundle.ts';
import { conclude, warnWhenBusy, type Measured, type Ratio, type Row } from '../report.ts';
import { rowsOf, Turns } from '../turns.ts';
import { kinds, type Kind } from './library.ts';
import { subjects } from './subjects.ts';

const own = 'peerloom';
/** Who has it, or something that can stand in for it. */
const librariesOf: Readonly<Record<Kind, readonly string[]>> = {
  counters: [own, 'json-joy', 'loro', 'automerge'],
  sets: [own, 'yjs', 'json-joy', 'loro', 'automerge'],
  maps: [own, 'yjs', 'json-joy', 'loro', 'automerge'],
  lists: [own, 'yjs', 'json-joy', 'loro', 'automerge'],
  trees: [own, 'loro'],
};
const canMove = [own, 'loro'];

interface Options {
  readonly kind: Kind;
  readonly json: boolean;
  readonly runs: number;
  readonly budgetSeconds: number;
  readonly libraries: readonly string[];
  readonly subjects: readonly string[];
}

function readOptions(): Options {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      json: { type: 'boolean', default: false },
      runs: { type: 'string', default: '5' },
      budget: { type: 'string', default: '60' },
      libraries: { type: 'string' },
      subjects: { type: 'string' },
    },
  });
  const kind = kinds.find(known => known === positionals[0]);
  if (kind === undefined || positionals.length > 1) throw new Error(`Say one of ${kinds.join(', ')}.`);
  const wholeFrom1 = (name: 'runs' | 'budget'): number => {
    const value = Number(values[name]);
    if (!Number.isSafeInteger(value) || value < 1)
      throw new Error(`--${name} must be a whole number from 1 on.`);
    return value;
  };
  const all = librariesOf[kind];
  const libraries = values.libraries?.split(',').map(part => part.trim()) ?? all;
  const unknown = libraries.find(name => !all.includes(name));
  if (unknown !== undefined) throw new Error(`--libraries takes ${all.join(', ')}; not "${unknown}".`);
  const beginnings = values.subjects?.split(',').map(part => part.trim()) ?? [''];
  const names = subjects[kind].map(({ name }) => name);
  return {
    kind,
    json: values.json,
    runs: wholeFrom1('runs'),
    budgetSeconds: wholeFrom1('budget'),
    libraries: all.filter(name => libraries.includes(name)),
    subjects: names.filter(name => beginnings.some(beginning => name.startsWith(beginning))),
  };
}

/** Peerloom's median by that of whoever else is best, for every figure. */
function ratiosOf(rows: readonly Row[]): Ratio[] {
  const measured = rows.filter((row): row is Measured => !('failed' in row));
  return measured
    .filter(({ library }) => library === own)
    .flatMap(({ subject, measure, median }) => {
      const best = measured
        .filter(row => row.subject === subject && row.measure === measure && row.library !== own)
        .reduce<Measured | undefined>(
          (least, row) => (least === undefined || row.median < least.median ? row : least),
          undefined,
        );
      if (best === undefined) return [];
      return [{ name: `${measure} ÷ best peer (${best.library}), ${subject}`, value: median / best.median }];
    });
}

async function main(): Promise<void> {
  const { kind, json, runs, budgetSeconds, libraries, subjects: asked } = readOptions();
  warnWhenBusy();
  const say = (line: string): void => {
    process.stderr.write(`${line}\n`);
  };
  const turns = new Turns(await bundle('bench/types/worker.ts', 'types-worker'), say);
  const rows: Row[] = [];
  for (const { name, moves } of subjects[kind]) {
    if (!asked.includes(name)) continue;
    const takingPart = libraries.filter(library => moves !== true || canMove.includes(library));
    const cells = takingPart.map(library => ({ library, measure: name, args: [library, kind, name] }));
    const outcomes = await turns.take(cells, runs, budgetSeconds);
    const all = [...outcomes].flatMap(([library, outcome]) => rowsOf(name, 'time', library, outcome));
    // Figure by figure, as they are compared.
    rows.push(
      ...[...new Set(all.map(({ measure }) => measure))].flatMap(measure =>
        all.filter(row => row.measure === measure),
      ),
    );
  }
  conclude({ suite: kind, rows, musts: [], ratios: ratiosOf(rows) }, json);
}

try {
  await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
