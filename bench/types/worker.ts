/**
 * One run: `worker LIBRARY KIND SUBJECT`, in a process of its own. Prints one line of JSON. This is bundled as the app
 * is, so that Peerloom runs as it is shipped; the others' libraries come from bench/node_modules.
 */
import { createRequire } from 'node:module';
import process from 'node:process';
import type { Require } from '../require.ts';
import { kinds, type Kind, type Library } from './library.ts';
import { automerge } from './libraries/automerge.ts';
import { jsonJoy } from './libraries/json-joy.ts';
import { loro } from './libraries/loro.ts';
import { peerloom } from './libraries/peerloom.ts';
import { yjs } from './libraries/yjs.ts';
import { measure, type Result } from './measure.ts';
import { subjects } from './subjects.ts';

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
  const known = kinds.find(one => one === kind);
  if (known === undefined) throw new Error(`there is no kind called ${kind}`);
  return runOf(library, known, subject);
}

function runOf<K extends Kind>(library: Library, kind: K, name: string): Result {
  const shared = library[kind];
  if (shared === undefined) throw new Error(`it has no ${kind}`);
  const subject = subjects[kind].find(one => one.name === name);
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
