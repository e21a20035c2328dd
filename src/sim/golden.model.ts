/** Plans whose trace hashes every engine must give. When the simulator or what it runs does other things, they change. */
import type { Plan } from './plan.ts';
import { play } from './play.ts';
import { scenarioOf } from './scenarios.ts';

export const goldenRuns: readonly (readonly [scenario: string, seed: string, hash: string])[] = [
  ['sync', '1', '38ed4758ef20abf0'],
  ['sync', '4', '980a5ecd10e4a962'],
  ['sync', '9', '619966b381210c8f'],
  ['the-network-is-reliable', '0', 'e7873e670c676af0'],
  ['crash-recovery', '0', '7aaccb44e9e4882f'],
  ['byzantine-oversized', '0', '635b40bd602b2693'],
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
