/** Some seconds of what `npm run sim -- --scenario raft` plays for longer. */
import { expect, test } from 'vitest';
import { days, playDay } from './day.ts';
import { drawGroup, type GroupPlan } from './plan.ts';
import { playGroup } from './play.ts';
import { shrinkGroupPlan } from './shrink.ts';

test('ten groups agree, whatever happens to them', () => {
  for (let seed = 0; seed < 10; seed++) {
    const { violation, counts } = playGroup(drawGroup(String(seed), 1));
    expect(violation?.message, `seed ${seed}`).toBeUndefined();
    expect(counts.commits).toBeGreaterThan(0);
  }
});

test('the same seed plays the same world', () => {
  const hash = (seed: string) => playGroup(drawGroup(seed, 0.7)).hash;
  expect(hash('7')).toBe(hash('7'));
  expect(hash('7')).not.toBe(hash('8'));
});

test('a snapshot that takes the place of another log is not mistaken for what it replaced', () => {
  // Seed 163 of an earlier weather: a checker that kept the replaced entries said that another entry was committed.
  const earlier = { tickMs: 150, thinkMs: 600 };
  const { violation } = playGroup({ ...drawGroup('163', 2), ...earlier });
  expect(violation?.message).toBeUndefined();
});

test('the least plan that breaks keeps the fault that breaks it, and no other', () => {
  const plan = drawGroup('3', 5);
  const wanted = plan.faults[7];
  const breaks = (candidate: GroupPlan) => wanted !== undefined && candidate.faults.includes(wanted);
  expect(shrinkGroupPlan(plan, breaks).plan.faults).toEqual([wanted]);
});

test('in ten minutes of tabs that come and go three come to vote, and locks can be had', () => {
  const [day] = days;
  if (day === undefined) throw new Error('there are days');
  const { violation, counts } = playDay('1', day, 8);
  expect(violation?.message).toBeUndefined();
  expect(counts.changes).toBeGreaterThan(3);
  expect(counts.locksHad).toBeGreaterThan(0.95 * (counts.locksAsked ?? 0));
});
