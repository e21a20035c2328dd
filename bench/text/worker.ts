/**
 * One run: `worker LIBRARY MEASURE TRACE-FILE ARTIFACTS-FILE`, in a process of its own. Prints one line of JSON. This is
 * bundled as the app is, so that Peerloom runs as it is shipped; the others' libraries come from bench/node_modules.
 */
import { createRequire } from 'node:module';
import { readFileSync, writeFileSync } from 'node:fs';
import process from 'node:process';
import { gzipSync } from 'node:zlib';
import { readArtifacts, writeArtifacts } from './artifacts.ts';
import type { Require } from '../require.ts';
import type { Library } from './library.ts';
import { automerge } from './libraries/automerge.ts';
import { diamondTypes } from './libraries/diamond-types.ts';
import { gapBuffer } from './libraries/gap-buffer.ts';
import { jsonJoy } from './libraries/json-joy.ts';
import { loro } from './libraries/loro.ts';
import { peerloom } from './libraries/peerloom.ts';
import { yjs } from './libraries/yjs.ts';
import * as measures from './measures.ts';
import type { Artifacts, Result } from './measures.ts';
import type { Trace } from './traces.ts';

const open: Readonly<Record<string, (require: Require) => Library>> = {
  peerloom,
  yjs,
  'json-joy': jsonJoy,
  loro,
  automerge,
  'diamond-types': diamondTypes,
  'gap-buffer': gapBuffer,
};

function run([name = '', measure = '', traceFile = '', artifactsFile = '']: readonly string[]): Result {
  if (measure === 'heap') measures.watchWasmMemory();
  const library = open[name]?.(createRequire(import.meta.url) as Require);
  if (library === undefined) throw new Error(`there is no library called ${name}`);
  const readTrace = (): Trace => JSON.parse(readFileSync(traceFile, 'utf8')) as Trace;
  const artifacts = (): Artifacts => readArtifacts(artifactsFile);
  if (measure === 'local') return measures.local(library, readTrace());
  if (!('open' in library)) throw new Error(`${name} merges nothing`);
  switch (measure) {
    case 'local with updates':
      return measures.localWithUpdates(library, readTrace());
    case 'remote':
      return measures.remote(library, readTrace(), artifacts());
    case 'merged':
      return measures.merged(library, readTrace(), artifacts());
    case 'session':
      return measures.session(library, readTrace());
    case 'session warm':
      return measures.sessionWarm(library, readTrace());
    case 'load':
      return measures.load(library, readTrace(), artifacts());
    case 'heap':
      return measures.heap(library, readTrace(), artifacts());
    case 'clients':
      return measures.manyClients(library);
    case 'size': {
      const made = measures.prepareArtifacts(library, readTrace());
      writeFileSync(artifactsFile, writeArtifacts(made));
      return sizes(made);
    }
    default:
      throw new Error(`there is no measure called ${measure}`);
  }
}

function sizes({ updates, merged, state, history }: Artifacts): Result {
  const result: Record<string, number> = {
    'update bytes': updates.reduce((sum, { length }) => sum + length, 0),
    'merged update bytes': merged.length,
  };
  const weigh = (what: string, bytes: Uint8Array | undefined): void => {
    if (bytes === undefined) return;
    result[`${what} bytes`] = bytes.length;
    result[`${what} bytes, gzip`] = gzipSync(bytes, { level: 9 }).length;
  };
  weigh('state', state);
  weigh('history', history);
  return result;
}

try {
  process.stdout.write(`${JSON.stringify({ result: run(process.argv.slice(2)) })}\n`);
} catch (error) {
  process.stdout.write(
    `${JSON.stringify({ failed: error instanceof Error ? error.message : String(error) })}\n`,
  );
}
