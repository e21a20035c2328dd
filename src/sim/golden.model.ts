/** Plans whose trace hashes every engine must give. When the simulator or what it runs does other things, they change. */
import type { Plan } from './plan.ts';
import { play } from './play.ts';
import { scenarioOf } from './scenarios.ts';

export const goldenRuns: readonly (readonly [scenario: string, seed: string, hash: string])[] = [
  ['sync', '1', 'da1f286e9dd5e40c'],
  ['sync', '4', '11dc5646c048fe32'],
  ['sync', '9', '7f39463a02280f01'],
  ['the-network-is-reliable', '0', '7afe3410496df2de'],
  ['crash-recovery', '0', '23a525ffbb0e9365'],
  ['byzantine-oversized', '0', '6cdfdca03172699a'],
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
