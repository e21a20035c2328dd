/** Bundles what is measured as Vite bundles the app: what a person's browser runs is not what tsx would run. */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build, type Rolldown } from 'vite';
import { ROOT } from '../report.ts';

/** Inside bench/node_modules, so that the worker finds the others' libraries there. */
const cache = join(ROOT, 'bench', 'node_modules', '.cache', 'text');

async function bundle(entry: string, minify: boolean): Promise<string> {
  const built = (await build({
    configFile: false,
    logLevel: 'error',
    root: ROOT,
    build: {
      target: 'es2022',
      minify,
      ssr: true,
      outDir: join(cache, minify ? 'minified' : 'plain'),
      reportCompressedSize: false,
      rolldownOptions: { input: join(ROOT, entry), output: { entryFileNames: '[name].mjs' } },
    },
  })) as Rolldown.RolldownOutput;
  const file = built.output[0].fileName;
  return join(cache, minify ? 'minified' : 'plain', file);
}

/** The file to run. */
export async function buildWorker(): Promise<string> {
  rmSync(cache, { recursive: true, force: true });
  return bundle('bench/text/worker.ts', false);
}

/** Bytes of the text engine alone, minified and packed: what a page that only edits text has to fetch. */
export async function engineBytes(): Promise<{ readonly minified: number; readonly gzip: number }> {
  const code = readFileSync(await bundle('bench/text/engine.ts', true));
  return { minified: code.length, gzip: gzipSync(code, { level: 9 }).length };
}
