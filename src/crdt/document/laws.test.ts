import { describe, expect, test } from 'vitest';
import { SeededRandom } from '../../base/random.ts';
import { drawPlan, World } from './world.model.ts';

describe('laws', () => {
  test('[DOC1] replicas that know the same batches see the same and have equal encodings', () => {
    for (let run = 0; run < 300; run++) {
      const plan = drawPlan(new SeededRandom('laws').split(String(run)), 30);
      try {
        World.play(plan, { model: true });
      } catch (error) {
        throw new Error(`run ${String(run)}`, { cause: error });
      }
    }
    expect(true).toBe(true);
  });
});
