/**
 * One run: `worker LIBRARY KIND SUBJECT`, in a process of its own. Prints one line of JSON. This is bundled as the app
 * is, so that Peerloom runs as it is shipped; the others' libraries come from bench/node_modules.
 */
import { createRequire } from 'node:module';
import process from 'node:process';
import type { Require } from '../require.ts';
import type { Library, Shared } from './library.ts';
import { automerge } from './libraries/automerge.ts';
import { jsonJoy } from './libraries/json-joy.ts';
import { loro } from './libraries/loro.ts';
import { peerloom } from './libraries/peerloom.ts';
import { yjs } from './libraries/yjs.ts';
import { measure, type Result } from './measure.ts';
import { subjects } from './subjects.ts';
import type { Subject } from './workload.ts';

const open: Readonly<Record<string, (require: Require) => Library>> = {
  peerloom,
  yjs,
  'json-joy': jsonJoy,
  loro,
  automerge,
};

function run([name = '', kind = '', subject = '']: readonly string[]): Result {
  const library = open[name]?.(createRequire(import.meta.url) as Require);
  if (library === undefined) throw new Error(`there is no library called ${name}`);
  switch (kind) {
    case 'counters':
      return runOf({ shared: library.counters, subjects: subjects.counters }, subject);
    case 'sets':
      return runOf({ shared: library.sets, subjects: subjects.sets }, subject);
    case 'maps':
      return runOf({ shared: library.maps, subjects: subjects.maps }, subject);
    case 'lists':
      return runOf({ shared: library.lists, subjects: subjects.lists }, subject);
    case 'trees':
      return runOf({ shared: library.trees, subjects: subjects.trees }, subject);
    default:
      throw new Error(`there is no kind called ${kind}`);
  }
}

/** Of one kind only, whichever it is: what a library has of it and what is done to it belong together. */
interface Pair<V> {
  readonly shared: (() => Shared<V>) | undefined;
  readonly subjects: readonly Subject<V>[];
}

function runOf<V extends { view(): unknown }>({ shared, subjects }: Pair<V>, name: string): Result {
  const subject = subjects.find(one => one.name === name);
  if (shared === undefined) throw new Error('it has nothing of the kind');
  if (subject === undefined) throw new Error(`there is no subject called ${name}`);
  return measure(shared(), subject.workload());
}

try {
  process.stdout.write(`${JSON.stringify({ result: run(process.argv.slice(2)) })}\n`);
} catch (error) {
  process.stdout.write(
    `${JSON.stringify({ failed: error instanceof Error ? error.message : String(error) })}\n`,
  );
}
