/**
 * What `npm test` plays in the simulator: the swarm's first seeds, whole. The named scenarios are tests of `src/sim`; longer searches
 * are `npm run sim`'s: more seeds, `--exhaust`, `--planted`.
 */
import { bundleSim } from './bundle.mjs';
import { idleness, sumUp } from './outcomes.mjs';
import { playSeeds } from './processes.mjs';

/** Seeds and virtual minutes. */
const swarm = { scenario: 'sync', seeds: 200, minutes: 10 };

/** One test: no seed breaks an invariant, and all of them did something. */
export async function simulate(say) {
  const { script, remove } = await bundleSim();
  try {
    const sum = sumUp(await playSeeds(script, { ...swarm, from: 0 }), swarm);
    const hours = (sum.simulatedMs / 3_600_000).toFixed(1);
    say(`${sum.seeds} seeds, ${hours} hours, ${sum.speed.toFixed(0)} times real time a core`);
    for (const { seed, invariant, message, command } of sum.violations)
      say(`seed ${seed} breaks "${invariant}": ${message}; ${command}`);
    const short = sum.seeds < swarm.seeds ? `only ${sum.seeds} seeds were played` : undefined;
    const idle = short ?? idleness(sum, swarm.scenario);
    if (idle !== undefined) say(idle);
    return idle === undefined && sum.violations.length === 0 ? { passed: 1 } : { failed: 1 };
  } finally {
    remove();
  }
}
