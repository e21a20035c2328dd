/** Each scenario, for half a minute of virtual time: that it holds, and that it does what it is called after. */
import { describe, expect, test } from 'vitest';
import { play } from './play.ts';
import { scenarioOf, scenarios } from './scenarios.ts';

const planOf = (name: string, seed: string, minutes = 0.5) => {
  const plan = scenarioOf(name)?.plan(seed, minutes);
  if (plan === undefined) throw new Error(`there is a scenario ${name}`);
  return plan;
};

test.each(scenarios.map(({ name, invariant }) => [name, invariant] as const))(
  '%s: %s',
  (name, _invariant) => {
    const { violation, counts } = play(planOf(name, 'named'));
    if (violation !== undefined) throw violation;
    for (const count of [counts.edits, counts.messages, counts.merges, counts.commits])
      expect(count).toBeGreaterThan(0);
  },
);

describe('faults happen', () => {
  test('processes crash and come back in crash-recovery', () => {
    const { counts } = play(planOf('crash-recovery', '1', 1));
    expect(counts.crashes).toBeGreaterThan(5);
    expect(counts.restarts).toBeGreaterThan(5);
  });

  test('a seed of the swarm is drawn the same way twice, and each seed in its own', () => {
    expect(planOf('sync', '3')).toEqual(planOf('sync', '3'));
    expect(planOf('sync', '3')).not.toEqual(planOf('sync', '4'));
  });

  test('over some seeds the swarm has every kind of fault', () => {
    const kinds = new Set<string>();
    for (let seed = 0; seed < 120; seed++)
      for (const { harm } of planOf('sync', String(seed), 3).faults) kinds.add(harm.type);
    expect([...kinds].sort()).toEqual([
      'clog',
      'clone',
      'close',
      'corrupt',
      'crash',
      'drift',
      'failing',
      'freeze',
      'full',
      'offline',
      'partition',
      'power',
      'shape',
      'signaling',
      'sleep',
      'slow',
      'switch',
      'swizzle',
      'throttle',
      'wall',
      'wipe',
    ]);
  });
});
