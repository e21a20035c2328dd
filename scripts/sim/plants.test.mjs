import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT } from '../run.mjs';
import { filesOf, planted } from './bundle.mjs';
import { plants } from './plants.mjs';

test.each(plants.map(plant => [plant.name, plant]))('%s fits the code as it is', (_name, plant) => {
  for (const file of filesOf(plant)) {
    const code = readFileSync(join(ROOT, file), 'utf8');
    expect(planted(code, file, plant)).not.toBe(code);
  }
});

test('there are bugs of documents, sync, clocks and storage, each under a name of its own', () => {
  expect(new Set(plants.map(({ name }) => name)).size).toBe(plants.length);
  expect(new Set(plants.map(({ area }) => area))).toEqual(new Set(['crdt', 'sync', 'clocks', 'storage']));
  expect(plants.length).toBeGreaterThanOrEqual(12);
});
