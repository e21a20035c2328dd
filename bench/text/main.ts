/** `npm run bench -- text`: the text engine beside others, on real editing histories. See bench/README.md. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { conclude, ROOT, rowOf, warnWhenBusy, type Row } from '../report.ts';
import { rowsOf, Turns, type Outcome } from '../turns.ts';
import { buildWorker, engineBytes } from './build.ts';
import { clients } from './measures.ts';
import { Musts, tenTimesSuffix } from './musts.ts';
import { nameOf, readTrace, repeated, traceFiles, type Trace } from './traces.ts';

const libraries = ['gap-buffer', 'peerloom', 'json-joy', 'diamond-types', 'yjs', 'loro', 'automerge'];
const withoutReplicas = 'gap-buffer';

const measures = [
  'size',
  'local',
  'local with updates',
  'remote',
  'merged',
  'session',
  'session warm',
  'load',
  'heap',
  'ten times',
  'clients',
  'bundle',
] as const;
type Measure = (typeof measures)[number];

/** These begin with bytes that the library has made of the trace before. */
const needsBytes = ['remote', 'merged', 'load', 'heap'] as const;
/** Those bytes are made once, so making them may take longer than a run. */
const sizeBudgetFactor = 6;

interface Options {
  readonly json: boolean;
  readonly traces: string;
  readonly runs: number;
  readonly budgetSeconds: number;
  readonly libraries: readonly string[];
  readonly only: readonly Measure[];
  readonly subjects: readonly string[];
}

function readOptions(): Options {
  const { values } = parseArgs({
    options: {
      json: { type: 'boolean', default: false },
      traces: { type: 'string' },
      runs: { type: 'string', default: '5' },
      budget: { type: 'string', default: '20' },
      libraries: { type: 'string', default: libraries.join() },
      only: { type: 'string', default: measures.join() },
      subjects: { type: 'string', default: '' },
    },
  });
  const wholeFrom1 = (name: 'runs' | 'budget'): number => {
    const value = Number(values[name]);
    if (!Number.isSafeInteger(value) || value < 1)
      throw new Error(`--${name} must be a whole number from 1 on.`);
    return value;
  };
  const someOf = <T extends string>(name: 'libraries' | 'only', all: readonly T[]): T[] => {
    const asked = values[name].split(',').map(part => part.trim());
    const unknown = asked.find(part => !all.some(known => known === part));
    if (unknown !== undefined) throw new Error(`--${name} takes ${all.join(', ')}; not "${unknown}".`);
    return all.filter(known => asked.includes(known));
  };
  const conformance = process.env.PEERLOOM_CONFORMANCE ?? join(ROOT, '..', 'shared', 'conformance');
  return {
    json: values.json,
    traces: resolve(values.traces ?? join(conformance, 'traces')),
    runs: wholeFrom1('runs'),
    budgetSeconds: wholeFrom1('budget'),
    libraries: someOf('libraries', libraries),
    only: someOf('only', measures),
    subjects: values.subjects === '' ? [] : values.subjects.split(','),
  };
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
const say = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

class Suite {
  readonly rows: Row[] = [];
  readonly #options: Options;
  readonly #turns: Turns;
  readonly #folder: string;

  constructor(options: Options, worker: string, folder: string) {
    this.#options = options;
    this.#turns = new Turns(worker, say);
    this.#folder = folder;
  }

  /** A file that cannot be replayed gets a row that says so, and the others are measured. */
  read(file: string): Trace | undefined {
    try {
      return readTrace(file);
    } catch (error) {
      say(messageOf(error));
      const of = { subject: nameOf(file), measure: 'trace', library: 'all', unit: 'ms' } as const;
      this.rows.push(rowOf(of, [], messageOf(error)));
      return undefined;
    }
  }

  async trace(trace: Trace): Promise<void> {
    say(`${trace.name}: ${trace.patches} patches, ${trace.replicas} replicas`);
    const traceFile = this.#write(trace);
    const { libraries, only, runs } = this.#options;
    const replicated = libraries.filter(library => library !== withoutReplicas);
    const wanted = (measure: Measure): boolean => only.includes(measure);
    const ready = new Set<string>();
    if (wanted('size') || needsBytes.some(wanted)) {
      // Sizes do not vary, so one run says them.
      const sizes = await this.#measure(trace.name, 'size', replicated, traceFile, 1, sizeBudgetFactor);
      for (const [library, { failed }] of sizes) if (failed === undefined) ready.add(library);
    }
    if (!trace.concurrent) {
      if (wanted('local')) await this.#measure(trace.name, 'local', libraries, traceFile, runs);
      if (wanted('local with updates'))
        await this.#measure(trace.name, 'local with updates', replicated, traceFile, runs);
    } else {
      if (wanted('session')) await this.#measure(trace.name, 'session', replicated, traceFile, runs);
      if (wanted('session warm'))
        await this.#measure(trace.name, 'session warm', replicated, traceFile, runs);
    }
    for (const measure of needsBytes) {
      const able = replicated.filter(library => ready.has(library));
      if (wanted(measure)) await this.#measure(trace.name, measure, able, traceFile, runs);
    }
  }

  async tenTimes(trace: Trace): Promise<void> {
    const long = repeated(trace, 10);
    const traceFile = this.#write({ ...long, name: `${trace.name}${tenTimesSuffix}` });
    const { libraries, runs } = this.#options;
    await this.#measure(`${trace.name}${tenTimesSuffix}`, 'local', libraries, traceFile, runs);
  }

  async clients(): Promise<void> {
    const { libraries, runs } = this.#options;
    const replicated = libraries.filter(library => library !== withoutReplicas);
    await this.#measure(`${clients} clients insert at 0`, 'clients', replicated, '', runs);
  }

  async bundle(): Promise<void> {
    const { minified, gzip } = await engineBytes();
    const of = { subject: 'text engine', library: 'peerloom', unit: 'bytes' } as const;
    this.rows.push(rowOf({ ...of, measure: 'bundle bytes' }, [minified], undefined));
    this.rows.push(rowOf({ ...of, measure: 'bundle bytes, gzip' }, [gzip], undefined));
  }

  #write(trace: Trace): string {
    const file = join(this.#folder, `${trace.name}.json`);
    writeFileSync(file, JSON.stringify(trace));
    return file;
  }

  async #measure(
    subject: string,
    measure: Exclude<Measure, 'ten times' | 'bundle'>,
    takingPart: readonly string[],
    traceFile: string,
    runs: number,
    budgetFactor = 1,
  ): Promise<Map<string, Outcome>> {
    const cells = takingPart.map(library => ({
      library,
      measure,
      args: [library, measure, traceFile, `${traceFile}.${library}`],
    }));
    const outcomes = await this.#turns.take(cells, runs, this.#options.budgetSeconds * budgetFactor);
    for (const [library, outcome] of outcomes) this.rows.push(...rowsOf(subject, measure, library, outcome));
    return outcomes;
  }
}

async function main(): Promise<void> {
  const options = readOptions();
  warnWhenBusy();
  const files = traceFiles(options.traces);
  if (files.length === 0) throw new Error(`There are no traces in ${options.traces}.`);
  const folder = mkdtempSync(join(tmpdir(), 'peerloom-bench-'));
  try {
    const suite = new Suite(options, await buildWorker(), folder);
    const shapes: Pick<Trace, 'name' | 'concurrent' | 'patches'>[] = [];
    let repeatedOne: Trace | undefined;
    for (const file of files) {
      if (options.subjects.length > 0 && !options.subjects.includes(nameOf(file))) continue;
      const trace = suite.read(file);
      if (trace === undefined) continue;
      shapes.push({ name: trace.name, concurrent: trace.concurrent, patches: trace.patches });
      if (trace.name === 'automerge-paper') repeatedOne = trace;
      await suite.trace(trace);
    }
    if (options.only.includes('ten times') && repeatedOne !== undefined) await suite.tenTimes(repeatedOne);
    if (options.only.includes('clients')) await suite.clients();
    if (options.only.includes('bundle')) await suite.bundle();
    conclude({ suite: 'text', rows: suite.rows, musts: new Musts(suite.rows, shapes).list }, options.json);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

try {
  await main();
} catch (error) {
  say(messageOf(error));
  process.exitCode = 1;
}
