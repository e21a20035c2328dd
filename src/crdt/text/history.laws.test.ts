import { expect, test } from 'vitest';
import { SeededRandom } from '../../base/random.ts';
import { drawHistoryPlan, playHistory } from './history-world.model.ts';

// `npm run test:laws` plays as many as one likes.
const runs = 200;

test('[TEXT16] [TEXT17] [TEXT18] [TEXT21] [TEXT22] a history says of each counter what happened, saved, loaded and pruned', () => {
  for (let run = 0; run < runs; run++) {
    const plan = drawHistoryPlan(new SeededRandom('histories').split(String(run)), 30);
    expect(() => playHistory(plan), `run ${String(run)}`).not.toThrow();
  }
}, 60_000);
