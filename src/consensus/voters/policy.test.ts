/** Who votes: see SPEC.md. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  changeConfiguration,
  emptyConfiguration,
  isJoint,
  leaveJoint,
  type Configuration,
  type ConfigurationChange,
} from '../configuration.ts';
import type { MemberId } from '../entry.ts';
import { classOf, policyBoundsDefault, protectionOf, VoterPolicy, type Candidate } from './policy.ts';

const bounds = { ...policyBoundsDefault, stableMs: 1000, goneMs: 300, windowMs: 900 };
const tab = (member: MemberId, more: Partial<Candidate> = {}): Candidate => ({
  member,
  device: `device ${member}`,
  isUp: true,
  lag: 0,
  isAlwaysOn: false,
  isVisible: true,
  isPersisted: true,
  isInstalled: false,
  isMobile: false,
  ...more,
});

/** A group whose leader proposes what the policy says, and whose changes are applied at once. */
class Group {
  configuration: Configuration;
  readonly proposed: ConfigurationChange[] = [];
  readonly policy: VoterPolicy;
  nowMs = 0;
  constructor(voters: readonly MemberId[], founder = 1) {
    this.configuration = { ...emptyConfiguration, incoming: voters };
    this.policy = new VoterPolicy(founder, bounds);
  }
  pass(ms: number, candidates: readonly Candidate[]): void {
    for (const untilMs = this.nowMs + ms; this.nowMs < untilMs; this.nowMs += 100) {
      const change = this.policy.decide(this.nowMs, this.configuration, candidates, false);
      if (change === undefined) continue;
      this.proposed.push(change);
      const changed = changeConfiguration(this.configuration, change);
      expect(changed.ok).toBe(true);
      if (!changed.ok) return;
      this.configuration = changed.configuration;
      if (!isJoint(this.configuration)) continue;
      const left = leaveJoint(this.configuration);
      if (left.ok) this.configuration = left.configuration;
    }
  }
  get voters(): readonly MemberId[] {
    return this.configuration.incoming;
  }
}

test('[VOTE2][VOTE3] one voter becomes three in one change, and not before two more are stable', () => {
  const group = new Group([1]);
  group.pass(500, [tab(1), tab(2), tab(3)]);
  expect(group.voters).toEqual([1]);
  expect(group.configuration.learners).toEqual([2, 3]);
  group.pass(2000, [tab(1), tab(2)]);
  expect(group.voters).toEqual([1]);
  group.pass(2000, [tab(1), tab(2), tab(3)]);
  expect(group.voters).toEqual([1, 2, 3]);
  expect(group.proposed.filter(({ changes }) => changes.length === 2)).toHaveLength(1);
});

test('[VOTE2] whoever comes and goes, or lags behind, is not stable', () => {
  const group = new Group([1]);
  for (let n = 0; n < 20; n++) {
    group.pass(800, [tab(1), tab(2), tab(3, { lag: 1000 })]);
    group.pass(100, [tab(1), tab(2, { isUp: false }), tab(3, { lag: 1000 })]);
  }
  expect(group.voters).toEqual([1]);
});

test('[VOTE1] a device has one voter, however many tabs it has', () => {
  const group = new Group([1]);
  group.pass(5000, [tab(1), tab(2, { device: 'one' }), tab(3, { device: 'one' })]);
  expect(group.voters).toEqual([1]);
});

test('[VOTE3] three become five when devices are many', () => {
  const tabs = [1, 2, 3, 4, 5, 6, 7].map(member => tab(member));
  const few = new Group([1, 2, 3]);
  few.pass(5000, tabs.slice(0, 6));
  expect(few.voters).toEqual([1, 2, 3]);
  const many = new Group([1, 2, 3]);
  many.pass(5000, tabs);
  expect(many.voters).toHaveLength(5);
});

test('[VOTE4] a voter that is gone is swapped in one joint change; of three, one in a window', () => {
  const group = new Group([1, 2, 3]);
  const standBys = [tab(4), tab(5)];
  group.pass(2000, [tab(1), tab(2), tab(3), ...standBys]);
  const before = group.proposed.length;
  group.pass(600, [tab(1), ...standBys]);
  expect(group.voters).toEqual([1, 3, 4]);
  expect(group.proposed.slice(before)).toEqual([
    {
      transition: 'auto',
      changes: [
        { type: 'remove', id: 2 },
        { type: 'add-voter', id: 4 },
      ],
    },
  ]);
  group.pass(2000, [tab(1), ...standBys]);
  expect(group.voters).toEqual([1, 4, 5]);
});

test('[VOTE1] the founder is not swapped, however long it is gone', () => {
  const group = new Group([1, 2, 3]);
  group.pass(20_000, [tab(2), tab(3), tab(4), tab(5)]);
  expect(group.voters).toEqual([1, 2, 3]);
});

test('[VOTE5] tabs do not shrink their group; a replica that is always on may be left alone', () => {
  const tabs = new Group([1, 2, 3]);
  tabs.pass(20_000, [tab(1), tab(2)]);
  expect(tabs.voters).toEqual([1, 2, 3]);
  const withServer = new Group([1, 2, 3]);
  withServer.pass(20_000, [tab(2), tab(3, { isAlwaysOn: true })].slice(1));
  expect(withServer.voters).toEqual([3]);
  // Who founded the group is asked again when it is there: it learns, and votes.
  expect(withServer.configuration.learners).toEqual([]);
});

test('[VOTE6] who is there gives way to a better class only, and only after a long time', () => {
  const classes = [
    tab(1, { isAlwaysOn: true, isVisible: false }),
    tab(1),
    tab(1, { isPersisted: false }),
    tab(1, { isVisible: false, isInstalled: true }),
    tab(1, { isVisible: false, isPersisted: false }),
    tab(1, { isVisible: false, isMobile: true }),
  ].map(classOf);
  expect(classes).toEqual([5, 4, 3, 2, 1, 0]);
  const group = new Group([1, 2, 3]);
  const all = [tab(1), tab(2), tab(3, { isVisible: false }), tab(4)];
  group.pass(2500, all);
  expect(group.voters).toEqual([1, 2, 3]);
  group.pass(2500, all);
  expect(group.voters).toEqual([1, 2, 4]);
});

test('[VOTE7] while a change is on its way nothing is proposed', () => {
  const policy = new VoterPolicy(1, bounds);
  const configuration = { ...emptyConfiguration, incoming: [1] };
  expect(policy.decide(0, configuration, [tab(1), tab(2)], true)).toBeUndefined();
  const joint = { ...configuration, outgoing: [1, 2, 3] };
  expect(policy.decide(0, joint, [tab(1), tab(2)], false)).toBeUndefined();
});

test('[VOTE8] a group says how it is protected', () => {
  const of = (incoming: readonly MemberId[]) => protectionOf({ ...emptyConfiguration, incoming });
  expect(of([4])).toEqual({ type: 'alone', decides: 4 });
  expect(of([4, 5])).toEqual({ type: 'unprotected' });
  expect(of([1, 2, 3, 4, 5])).toEqual({ type: 'protected', spare: 2 });
});

test('[VOTE1][VOTE3] whatever comes and goes: the founder votes, sets are odd, one voter a device, no more than five', () => {
  const step = fc.record({
    up: fc.uniqueArray(fc.integer({ min: 2, max: 9 }), { maxLength: 8 }),
    hidden: fc.uniqueArray(fc.integer({ min: 2, max: 9 }), { maxLength: 4 }),
    ms: fc.integer({ min: 1, max: 30 }).map(n => 100 * n),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 25 }), steps => {
      const group = new Group([1]);
      for (const { up, hidden, ms } of steps) {
        const candidates = up.map(id => tab(id, { device: `d${id >> 1}`, isVisible: !hidden.includes(id) }));
        group.pass(ms, [tab(1), ...candidates]);
        const { voters } = group;
        expect(voters).toContain(1);
        expect([1, 3, 5]).toContain(voters.length);
        expect(new Set(voters.map(id => id >> 1)).size).toBe(voters.length);
      }
    }),
    { numRuns: 60 },
  );
});
