import { expect, test } from 'vitest';
import { toHex } from '../base/bytes.ts';
import { Scene } from '../sim/scene.model.ts';

const prints = (scene: Scene): string[] => scene.running().map(({ replica }) => toHex(replica.fingerprint()));

test('[SYNC90] fingerprints part with the first change that one side lacks, and are one again when nobody lacks any', () => {
  const scene = new Scene({ replicas: 5 });
  scene.run(3000);
  scene.converge(30_000);
  expect(new Set(prints(scene)).size).toBe(1);
  scene.partition([0, 1], [2, 3, 4]);
  scene.type(0, 'left');
  scene.run(1000);
  const [ana, bo, cleo, dev, eli] = prints(scene);
  expect([bo, dev, eli]).toEqual([ana, cleo, cleo]);
  expect(ana).not.toBe(cleo);
  // The same letters at the same place, and yet another history.
  scene.type(3, 'left');
  scene.run(1000);
  expect(scene.textOf(0)).toBe(scene.textOf(3));
  expect(new Set(prints(scene)).size).toBe(2);
  scene.heal();
  scene.converge(30_000);
  expect(new Set(prints(scene)).size).toBe(1);
});

test('[SYNC90] a fingerprint is the same after a restart, whatever the order in which batches came', () => {
  const scene = new Scene({ replicas: 3 });
  scene.run(3000);
  for (const index of [0, 1, 2]) scene.type(index, `word ${String(index)} `);
  scene.converge(30_000);
  const [before] = prints(scene);
  scene.close(2);
  scene.open(2);
  expect(toHex(scene.peer(2).replica.fingerprint())).toBe(before);
});
