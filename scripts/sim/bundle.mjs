/** Bundles the simulator, as it is or with a bug planted in the production code that it runs. */
import { rmSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import process from 'node:process';
import { ROOT } from '../run.mjs';
import { plantsOf } from './plants-of.mjs';

/**
 * What becomes of a file that the bug is planted in.
 * @param {string} code
 * @param {string} file
 * @param {{ name: string, file: string, edits: readonly (readonly [string, string, string?])[] }} plant
 */
export function planted(code, file, plant) {
  let changed = code;
  for (const [before, after, where = plant.file] of plant.edits) {
    if (where !== file) continue;
    if (changed.split(before).length !== 2)
      throw new Error(`"${plant.name}" does not fit ${file} any more: this must stand there once: ${before}`);
    changed = changed.replace(before, () => after);
  }
  return changed;
}

export function filesOf(plant) {
  return [...new Set(plant.edits.map(([, , where = plant.file]) => where))];
}

/** Changes files on their way into the bundle. */
function planting(plant) {
  const left = new Set(filesOf(plant));
  return {
    name: 'plant',
    enforce: 'pre',
    transform(code, id) {
      const file = relative(ROOT, id.split('?')[0]).split(sep).join('/');
      if (!left.delete(file)) return undefined;
      return { code: planted(code, file, plant), map: null };
    },
    buildEnd() {
      if (left.size > 0)
        throw new Error(`${[...left].join()} is no part of the bundle, so nothing can be planted there.`);
    },
  };
}

/**
 * The script to run.
 * @param {string} [plantName]
 * @param {string} [scenario]
 */
export async function bundleSim(plantName, scenario) {
  const plants = plantsOf(scenario);
  const plant = plants.find(({ name }) => name === plantName);
  if (plantName !== undefined && plant === undefined)
    throw new Error(
      `There is no bug called "${plantName}"; there are ${plants.map(({ name }) => name).join(', ')}.`,
    );
  return bundle('src/sim/main.ts', 'peerloom-sim', plant);
}

/**
 * Bundles `input`, with a bug planted in it where there is one.
 * @param {string} input
 * @param {string} cache
 * @param {{ name: string, file: string, edits: readonly (readonly [string, string, string?])[] } | undefined} plant
 * @param {readonly string[]} external packages that stay outside: native ones look for their binaries beside themselves
 */
export async function bundle(input, cache, plant, external = []) {
  const outDir = join(ROOT, 'node_modules', '.cache', cache, `${plant?.name ?? 'plain'}-${process.pid}`);
  // Not at the top: a fresh clone has no packages yet when this file is read.
  const { build } = await import('vite');
  await build({
    configFile: false,
    logLevel: 'error',
    root: ROOT,
    plugins: plant === undefined ? [] : [planting(plant)],
    ssr: { noExternal: true, external: [...external] },
    build: {
      target: 'es2022',
      minify: false,
      ssr: true,
      outDir,
      emptyOutDir: true,
      reportCompressedSize: false,
      rolldownOptions: { input: join(ROOT, input), output: { entryFileNames: 'main.mjs' } },
    },
  });
  return { script: join(outDir, 'main.mjs'), remove: () => rmSync(outDir, { recursive: true, force: true }) };
}
