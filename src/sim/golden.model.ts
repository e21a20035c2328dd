/** Plans whose trace hashes every engine must give. When the simulator or what it runs does other things, they change. */
import type { Plan } from './plan.ts';
import { play } from './play.ts';
import { scenarioOf } from './scenarios.ts';

export const goldenRuns: readonly (readonly [scenario: string, seed: string, hash: string])[] = [
  ['sync', '1', 'e194b304ebf9512f'],
  ['sync', '4', '23eaffa545fd9a17'],
  ['sync', '9', '2cd4f0205b264d48'],
  ['the-network-is-reliable', '0', '0c7a28f862c1d0af'],
  ['crash-recovery', '0', 'd9a8bf9a100a02b1'],
  ['byzantine-oversized', '0', '29bdd0474eafdf23'],
];
const minutes = 0.5;

export function goldenPlan(scenario: string, seed: string): Plan {
  const plan = scenarioOf(scenario)?.plan(seed, minutes);
  if (plan === undefined) throw new Error(`there is no scenario ${scenario}`);
  return plan;
}

export function goldenHash(scenario: string, seed: string): string {
  const { violation, counts, hash } = play(goldenPlan(scenario, seed));
  if (violation !== undefined) throw violation;
  if (counts.merges === 0) throw new Error('nothing happened');
  return hash;
}
