/**
 * Plants each bug in turn and plays until it is found. What counts is an invariant that breaks with the bug and not without it: the
 * same seed is played again as the code is, and if anything breaks then too, the search goes on behind it.
 */
import { bundleSim } from './bundle.mjs';
import { plantsOf } from './plants-of.mjs';
import { playSeeds } from './processes.mjs';

/** Within which a bug has to be found. */
export const plantedSeeds = 200;
/** Of virtual time, in each seed: what a bug needs to show is soon there. */
export const plantedMinutes = 2;
/** Share of the bugs that must be found. */
export const foundShare = 0.95;

const firstBroken = outcomes =>
  outcomes
    .filter(({ invariant }) => invariant !== undefined)
    .sort((a, b) => Number(a.seed) - Number(b.seed))[0];

/** Plays `script` until a seed breaks that `plain` plays to its end. */
async function find(script, plain, { scenario, from, seeds, minutes }) {
  const swarm = { scenario: scenario === 'raft' ? scenario : 'sync', minutes, stop: true };
  const outcomes = [];
  let next = from;
  while (next < from + seeds) {
    outcomes.push(...(await playSeeds(script, { ...swarm, from: next, seeds: from + seeds - next })));
    const broken = firstBroken(outcomes.filter(({ seed }) => Number(seed) >= next));
    if (broken === undefined) break;
    const without = await playSeeds(plain, { ...swarm, from: Number(broken.seed), seeds: 1 });
    if (firstBroken(without) === undefined) return { outcomes, broken };
    next = Number(broken.seed) + 1;
  }
  return { outcomes, broken: undefined };
}

/** Of each bug what was played and which outcome shows it, if any. */
export async function findPlanted({ onPlant, ...range }) {
  const results = [];
  const plain = await bundleSim();
  try {
    for (const plant of plantsOf(range.scenario)) {
      const { script, remove } = await bundleSim(plant.name, range.scenario);
      try {
        const result = { plant, ...(await find(script, plain.script, range)) };
        results.push(result);
        onPlant(result);
      } finally {
        remove();
      }
    }
  } finally {
    plain.remove();
  }
  return results;
}
