/** What the suite bundles: its worker, and the text engine alone. */
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { bundle } from '../bundle.ts';

/** The file to run. */
export function buildWorker(): Promise<string> {
  return bundle('bench/text/worker.ts', 'text-worker');
}

/** Bytes of the text engine alone, minified and packed: what a page that only edits text has to fetch. */
export async function engineBytes(): Promise<{ readonly minified: number; readonly gzip: number }> {
  const code = readFileSync(await bundle('bench/text/engine.ts', 'text-engine', true));
  return { minified: code.length, gzip: gzipSync(code, { level: 9 }).length };
}
