/** The parts that the core stands on: quorums, configurations, windows, progress. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  changeConfiguration,
  emptyConfiguration,
  membersOf,
  type Configuration,
  type MemberChange,
} from './configuration.ts';
import { Inflights } from './inflights.ts';
import { Progress } from './progress.ts';
import { jointReached, jointVote, majorityReached, majorityVote, votersOf, type Majority } from './quorum.ts';

const majority: fc.Arbitrary<Majority> = fc
  .uniqueArray(fc.integer({ min: 1, max: 9 }), { maxLength: 7 })
  .map(ids => ids.sort((a, b) => a - b));
const reached = fc.array(fc.nat(9), { minLength: 10, maxLength: 10 });

test('[RAFT10] what a majority has reached is the largest value that more than half have', () => {
  fc.assert(
    fc.property(majority, reached, (voters, values) => {
      const largest = Math.max(
        0,
        ...values.filter(value => 2 * voters.filter(id => (values[id] ?? 0) >= value).length > voters.length),
      );
      expect(majorityReached(voters, id => values[id])).toBe(voters.length === 0 ? Infinity : largest);
    }),
  );
});

test('[RAFT10] a joint quorum is both majorities, whichever comes first, and an empty half agrees', () => {
  fc.assert(
    fc.property(majority, majority, reached, (incoming, outgoing, values) => {
      const at = (id: number) => values[id];
      const both = Math.min(majorityReached(incoming, at), majorityReached(outgoing, at));
      expect(jointReached({ incoming, outgoing }, at)).toBe(both);
      expect(jointReached({ incoming: outgoing, outgoing: incoming }, at)).toBe(both);
      const voteOf = (id: number) => [undefined, true, false][(values[id] ?? 0) % 3];
      const votes = [majorityVote(incoming, voteOf), majorityVote(outgoing, voteOf)];
      const expected = votes.includes('lost') ? 'lost' : votes.includes('pending') ? 'pending' : 'won';
      expect(jointVote({ incoming, outgoing }, voteOf)).toBe(expected);
    }),
  );
});

const changes: fc.Arbitrary<readonly MemberChange[]> = fc.array(
  fc.record({
    type: fc.constantFrom('add-voter' as const, 'add-learner' as const, 'remove' as const, 'update' as const),
    id: fc.integer({ min: 0, max: 6 }),
  }),
  { maxLength: 4 },
);
const transition = fc.constantFrom('auto' as const, 'implicit' as const, 'explicit' as const);

/** Two sets of voters of which each is a quorum of one configuration, and which do not meet. */
function disjointQuorums(before: Configuration, after: Configuration): boolean {
  const everyone = [...new Set([...votersOf(before), ...votersOf(after)])];
  for (let bits = 0; bits < 2 ** everyone.length; bits++) {
    const inside = (id: number) => (bits & (1 << everyone.indexOf(id))) !== 0;
    if (jointVote(before, inside) === 'won' && jointVote(after, id => !inside(id)) === 'won') return true;
  }
  return false;
}

test('[RAFT30] whatever is changed, quorums before and after a change meet, and nobody votes and learns', () => {
  const starts: Configuration = { ...emptyConfiguration, incoming: [1, 2, 3] };
  fc.assert(
    fc.property(fc.array(fc.tuple(transition, changes), { maxLength: 6 }), steps => {
      let now = starts;
      for (const [how, what] of steps) {
        const changed = changeConfiguration(now, { transition: how, changes: what });
        if (!changed.ok) continue;
        const next = changed.configuration;
        expect(disjointQuorums(now, next)).toBe(false);
        const voters = votersOf(next);
        expect(next.incoming.length).toBeGreaterThan(0);
        expect(next.learners.filter(id => voters.includes(id))).toEqual([]);
        expect(
          next.learnersNext.filter(id => !next.outgoing.includes(id) || next.incoming.includes(id)),
        ).toEqual([]);
        if (next.outgoing.length === 0) expect([next.learnersNext, next.autoLeave]).toEqual([[], false]);
        // Members that stay are not forgotten; those that left are.
        const left = [...membersOf(now)].filter(id => !membersOf(next).has(id));
        expect(left.every(id => changed.forgotten.has(id))).toBe(true);
        now = next;
      }
    }),
  );
});

test('[RAFT22] inflight bytes do not leak: what is acknowledged is free again, whatever the order', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.boolean(), fc.nat(40)), { maxLength: 300 }), steps => {
      const inflights = new Inflights(100, 500);
      let expected: { readonly index: number; readonly bytes: number }[] = [];
      let index = 0;
      for (const [adds, value] of steps) {
        if (adds && !inflights.full) {
          expected.push({ index: (index += 1 + (value % 3)), bytes: value });
          inflights.add(index, value);
        } else if (!adds) {
          const upTo = index - value;
          inflights.freeUpTo(upTo);
          expected = expected.filter(append => append.index > upTo);
        }
        expect(inflights.count).toBe(expected.length);
        expect(inflights.bytes).toBe(expected.reduce((sum, { bytes }) => sum + bytes, 0));
        expect(inflights.full).toBe(inflights.count >= 100 || inflights.bytes >= 500);
      }
      inflights.clear();
      expect([inflights.count, inflights.bytes]).toEqual([0, 0]);
    }),
  );
});

test('[RAFT21] nextIndex stays above matchIndex, whatever answers come, old ones and lies among them', () => {
  const answers = fc.array(
    fc.tuple(
      fc.constantFrom('ack', 'refuse', 'sent', 'probe', 'replicate', 'snapshot'),
      fc.nat(30),
      fc.nat(30),
    ),
  );
  fc.assert(
    fc.property(answers, steps => {
      const progress = new Progress(5, { inflightCountMax: 4, inflightBytesMax: Infinity });
      let match = 0;
      for (const [what, a, b] of steps) {
        if (what === 'ack') progress.acknowledged(a);
        else if (what === 'refuse') progress.refused(a, b);
        else if (what === 'sent' && !progress.paused)
          progress.sent(progress.inflights.full ? 0 : 1 + (a % 3), b);
        else if (what === 'probe') progress.becomeProbe();
        else if (what === 'replicate') progress.becomeReplicate();
        else if (what === 'snapshot') progress.becomeSnapshot(progress.matchIndex + a);
        expect(progress.matchIndex).toBeGreaterThanOrEqual(match);
        expect(progress.nextIndex).toBeGreaterThan(progress.matchIndex);
        match = progress.matchIndex;
      }
    }),
  );
});
