/**
 * `npm run build:crdt`, or `build:consensus`: the libraries `peerloom/crdt` and `peerloom/consensus` as plain JavaScript with declarations,
 * in dist-lib/, where package.json's `exports` point. Node cannot load TypeScript, and whoever uses the library should not have to.
 */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import { ROOT, binOf, run } from './run.mjs';
import { ensureInstalled } from './setup.mjs';

/** @returns {Promise<{ ok: boolean, output: string, seconds: number }>} */
export async function buildCrdt() {
  rmSync(join(ROOT, 'dist-lib'), { recursive: true, force: true });
  const built = await run(binOf('typescript', 'tsc'), ['-p', 'tsconfig.lib.json', '--pretty', 'false']);
  if (built.ok) nameDeclarations(join(ROOT, 'dist-lib'));
  return built;
}

/** The compiler writes the endings of imports anew in code and leaves them in declarations, where `.ts` names no file. */
function nameDeclarations(folder) {
  for (const entry of readdirSync(folder, { recursive: true })) {
    if (!String(entry).endsWith('.d.ts')) continue;
    const path = join(folder, String(entry));
    const text = readFileSync(path, 'utf8');
    writeFileSync(path, text.replaceAll(/(from|import\() ?'(\.[^']*)\.ts'/g, "$1 '$2.js'"));
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await ensureInstalled();
  const { ok, output } = await buildCrdt();
  process.stdout.write(ok ? 'Built dist-lib/.\n' : output);
  process.exitCode = ok ? 0 : 1;
}
