import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { ROOT } from '../run.mjs';
import { bundle, filesOf, planted } from '../sim/bundle.mjs';
import { plants } from './plants.mjs';

test.each(plants.map(plant => [plant.name, plant]))('%s fits the code as it is', (_name, plant) => {
  for (const file of filesOf(plant)) {
    const code = readFileSync(join(ROOT, file), 'utf8');
    expect(planted(code, file, plant)).not.toBe(code);
  }
});

test('there are at least eight bugs, each under a name of its own', () => {
  expect(new Set(plants.map(({ name }) => name)).size).toBe(plants.length);
  expect(plants.length).toBeGreaterThanOrEqual(8);
});

/** Seeds that must be enough. None of the first 300 finds anything where nothing is planted; src/sim/crowd/worlds.test.ts plays 40 of them. */
const seedsMax = 200;

test.each(plants.map(plant => [plant.name, plant]))('%s is found', async (_name, plant) => {
  const { script, remove } = await bundle('src/sim/crowd/hunt.model.ts', 'peerloom-crowd', plant);
  try {
    const { hunt } = await import(pathToFileURL(script).href);
    expect(hunt(seedsMax)).toBeDefined();
  } finally {
    remove();
  }
});
