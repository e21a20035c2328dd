/** Plans whose trace hashes every engine must give. When the simulator or what it runs does other things, they change. */
import type { Plan } from './plan.ts';
import { play } from './play.ts';
import { scenarioOf } from './scenarios.ts';

export const goldenRuns: readonly (readonly [scenario: string, seed: string, hash: string])[] = [
  ['sync', '1', '298b99cb27265671'],
  ['sync', '4', '88084352e5e2e0de'],
  ['sync', '9', '9125651c4cc112d4'],
  ['the-network-is-reliable', '0', 'a42d17ab43b516e5'],
  ['crash-recovery', '0', '66f419f8eb4850c5'],
  ['byzantine-oversized', '0', 'b05ada8cce0e8dcf'],
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
