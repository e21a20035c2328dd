/** Plans whose trace hashes every engine must give. When the simulator or what it runs does other things, they change. */
import type { Plan } from './plan.ts';
import { play } from './play.ts';
import { scenarioOf } from './scenarios.ts';

export const goldenRuns: readonly (readonly [scenario: string, seed: string, hash: string])[] = [
  ['sync', '1', 'cfa79b096f8fe798'],
  ['sync', '4', 'dde4786ab381d32e'],
  ['sync', '9', '93229dc25b4eff47'],
  ['the-network-is-reliable', '0', '27fe424ae8cf97fa'],
  ['crash-recovery', '0', '631638ba7c0c6f72'],
  ['byzantine-oversized', '0', '97c4f30c2f3a7d66'],
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
