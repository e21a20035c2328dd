import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { ROOT } from '../run.mjs';
import { bundle, filesOf, planted } from '../sim/bundle.mjs';
import { operationPlants } from './operation-plants.mjs';
import { plants } from './plants.mjs';

const all = [...plants, ...operationPlants];

test.each(all.map(plant => [plant.name, plant]))('%s fits the code as it is', (_name, plant) => {
  for (const file of filesOf(plant)) {
    const code = readFileSync(join(ROOT, file), 'utf8');
    expect(planted(code, file, plant)).not.toBe(code);
  }
});

test('there are at least twenty bugs, each under a name of its own', () => {
  expect(new Set(all.map(({ name }) => name)).size).toBe(all.length);
  expect(all.length).toBeGreaterThanOrEqual(20);
});

/** Seeds that must be enough. None of them finds anything where nothing is planted: worlds.test.ts plays the first 60. */
const seedsMax = 200;

test.each(plants.map(plant => [plant.name, plant]))('%s is found', async (_name, plant) => {
  const { script, remove } = await bundle('src/consensus/world.model.ts', 'peerloom-raft', plant);
  try {
    const { World } = await import(pathToFileURL(script).href);
    let found;
    for (let seed = 1; seed <= seedsMax && found === undefined; seed++) {
      try {
        new World(seed).play(3000);
      } catch (error) {
        found = error;
      }
    }
    // An assertion of the core that fires has found it, too.
    expect(['Violation', 'AssertionError']).toContain(found?.name);
  } finally {
    remove();
  }
});
