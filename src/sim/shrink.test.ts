import { expect, test } from 'vitest';
import type { Plan } from './plan.ts';
import { scenarioOf } from './scenarios.ts';
import { asTest, shrinkPlan } from './shrink.ts';

const drawn = scenarioOf('sync')?.plan('7', 10);

test('of a plan with many faults the two that matter are left, at the node that matters', () => {
  expect(drawn).toBeDefined();
  if (drawn === undefined) return;
  const crash = { atMs: 61_000, forMs: 900, draw: 1, harm: { type: 'crash', node: 1 } } as const;
  const full = { atMs: 62_000, forMs: 800, draw: 2, harm: { type: 'full', device: 0 } } as const;
  const plan: Plan = { ...drawn, faults: [...drawn.faults, crash, full].sort((a, b) => a.atMs - b.atMs) };
  expect(plan.faults.length).toBeGreaterThan(10);
  const fails = ({ faults, safetyMs }: Plan) => {
    const crashed = faults.find(({ harm }) => harm.type === 'crash');
    return (
      crashed !== undefined && faults.some(({ harm }) => harm.type === 'full') && safetyMs > crashed.atMs
    );
  };
  const { plan: least, played } = shrinkPlan(plan, fails);
  expect(least.faults.map(({ harm }) => harm.type).sort()).toEqual(['crash', 'full']);
  expect(least.nodes.length).toBeLessThanOrEqual(2);
  expect(least.weather).toEqual({});
  expect(least.strangers).toEqual([]);
  expect(played).toBeLessThanOrEqual(300);
  expect(fails(least)).toBe(true);
  // Nothing of it can go, so once through is enough.
  const again = shrinkPlan(least, fails);
  expect(again.plan).toEqual(least);
  expect(again.played).toBeLessThan(60);
});

test('what is printed names the plan whole', () => {
  if (drawn === undefined) throw new Error('there is a plan');
  const printed = asTest(drawn, 'a name');
  for (const { draw } of drawn.faults) expect(printed).toContain(String(draw));
  expect(printed).toContain('test("a name"');
});
