/** Bundles what is measured as Vite bundles the app: what a person's browser runs is not what tsx would run. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { build, type Rolldown } from 'vite';
import { ROOT } from './report.ts';

/** The file to run: `entry`, a path from the root, with all of Peerloom that it imports. `name`: a folder of its own. */
export async function bundle(entry: string, name: string, minify = false): Promise<string> {
  // Inside bench/node_modules, so that a worker finds the others' libraries there.
  const outDir = join(ROOT, 'bench', 'node_modules', '.cache', name);
  rmSync(outDir, { recursive: true, force: true });
  const built = (await build({
    configFile: false,
    logLevel: 'error',
    root: ROOT,
    build: {
      target: 'es2022',
      minify,
      ssr: true,
      outDir,
      reportCompressedSize: false,
      rolldownOptions: { input: join(ROOT, entry), output: { entryFileNames: '[name].mjs' } },
    },
  })) as Rolldown.RolldownOutput;
  return join(outDir, built.output[0].fileName);
}
