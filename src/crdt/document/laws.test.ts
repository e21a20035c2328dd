import { expect, test } from 'vitest';
import { SeededRandom } from '../../base/random.ts';
import { drawPlan, World } from './world.model.ts';

// `npm run test:laws` plays as many as one likes; these are the first of them.
const runs = 100;

test('[DOC1] [DOC3] [DOC4] [DOC5] [DOC7] [DOC9] [DOC11] [DOC14] the laws hold in random worlds of all types', () => {
  for (let run = 0; run < runs; run++) {
    const plan = drawPlan(new SeededRandom('laws').split(String(run)), 30);
    expect(() => World.play(plan, { model: true }), `run ${String(run)}`).not.toThrow();
  }
});
