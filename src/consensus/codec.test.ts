import fc from 'fast-check';
import { expect, test } from 'vitest';
import { toHex, utf8 } from '../base/bytes.ts';
import { messageBytesMax, raftEntriesMax } from '../base/limits.ts';
import { SeededRandom } from '../base/random.ts';
import { decodeMessage, encodeMessage } from './codec.ts';
import type { Configuration } from './configuration.ts';
import type { Proposal } from './entry.ts';
import type { Message } from './messages.ts';

const counter = fc.oneof(fc.nat(300), fc.integer({ min: 0, max: 2 ** 40 }));
const member = fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 2 ** 47 }));
const data = fc.uint8Array({ maxLength: 20 });
const proposal: fc.Arbitrary<Proposal> = fc.oneof(
  data.map(bytes => ({ type: 'normal' as const, data: bytes })),
  fc
    .record(
      {
        transition: fc.constantFrom('auto' as const, 'implicit' as const, 'explicit' as const),
        changes: fc.array(
          fc.record({
            type: fc.constantFrom(
              'add-voter' as const,
              'add-learner' as const,
              'remove' as const,
              'update' as const,
            ),
            id: member,
          }),
          { maxLength: 4 },
        ),
        context: data,
      },
      { requiredKeys: ['transition', 'changes'] },
    )
    .map(change => ({ type: 'configuration' as const, change })),
);
const configuration: fc.Arbitrary<Configuration> = fc
  .uniqueArray(member, { minLength: 6, maxLength: 6 })
  .chain(ids =>
    fc.record({ joint: fc.boolean(), autoLeave: fc.boolean() }).map(({ joint, autoLeave }) => {
      const set = (...at: number[]) => at.map(n => ids[n] ?? 0).sort((a, b) => a - b);
      return joint
        ? { incoming: set(0, 1), outgoing: set(1, 2), learners: set(3, 4), learnersNext: set(2), autoLeave }
        : { incoming: set(0, 1, 2), outgoing: [], learners: set(3), learnersNext: [], autoLeave: false };
    }),
  );
const envelope = { from: member, to: member, term: counter.map(term => term + 1) };
const outsideTerms = { from: member, to: member, term: fc.constant(0) };
const messages: fc.Arbitrary<Message> = fc.oneof(
  fc.record({
    ...envelope,
    type: fc.constantFrom('pre-vote' as const, 'request-vote' as const),
    lastLogIndex: counter,
    lastLogTerm: counter,
    transfer: fc.boolean(),
  }),
  fc.record({
    ...envelope,
    type: fc.constantFrom('pre-vote-response' as const, 'request-vote-response' as const),
    granted: fc.boolean(),
  }),
  fc
    .record({
      ...envelope,
      prevLogIndex: counter,
      leaderCommit: counter,
      session: counter,
      proposals: fc.array(proposal, { maxLength: 5 }),
    })
    .map(({ proposals, ...rest }) => ({
      ...rest,
      type: 'append-entries' as const,
      prevLogTerm: rest.term - 1,
      entries: proposals.map((entry, at) => ({
        ...entry,
        index: rest.prevLogIndex + at + 1,
        term: at === 0 && rest.term > 1 ? rest.term - 1 : rest.term,
      })),
    })),
  fc.record(
    {
      ...envelope,
      type: fc.constant('append-response' as const),
      index: fc.constant(2 ** 40),
      session: counter,
      refused: fc.record({ hintIndex: counter, hintTerm: counter }),
    },
    { requiredKeys: ['from', 'to', 'term', 'type', 'index', 'session'] },
  ),
  fc.record({
    ...envelope,
    type: fc.constant('install-snapshot' as const),
    session: counter,
    snapshot: fc.record({
      index: fc.integer({ min: 1, max: 1000 }),
      term: fc.constant(1),
      configuration,
      data,
    }),
  }),
  fc.record({ ...envelope, type: fc.constant('heartbeat' as const), leaderCommit: counter, round: counter }),
  fc.record({ ...envelope, type: fc.constant('heartbeat-response' as const), round: counter }),
  fc.record({ ...envelope, type: fc.constant('timeout-now' as const) }),
  fc.record({ ...envelope, type: fc.constant('transfer-leadership' as const), transferee: member }),
  fc.record({
    ...outsideTerms,
    type: fc.constant('propose' as const),
    proposals: fc.array(proposal, { minLength: 1, maxLength: 5 }),
  }),
  fc.record({ ...outsideTerms, type: fc.constant('read-index' as const), context: data }),
  fc.record({
    ...envelope,
    type: fc.constant('read-index-response' as const),
    index: counter,
    context: data,
  }),
);

test('[RAFT40] what is encoded is decoded as it was', () => {
  fc.assert(
    fc.property(messages, message => {
      expect(decodeMessage(encodeMessage(message))).toEqual({ ok: true, value: message });
    }),
    { numRuns: 500 },
  );
});

test('[RAFT40] the bytes of version 1 stay as they are', () => {
  const append: Message = {
    type: 'append-entries',
    from: 1,
    to: 2,
    term: 3,
    prevLogIndex: 10,
    prevLogTerm: 2,
    leaderCommit: 9,
    session: 4,
    entries: [
      { type: 'normal', data: utf8('a'), index: 11, term: 2 },
      {
        type: 'configuration',
        change: { transition: 'auto', changes: [{ type: 'remove', id: 5 }] },
        index: 12,
        term: 3,
      },
    ],
  };
  expect(toHex(encodeMessage(append))).toBe('01040102030a02090402000001610101010205' + '00');
});

test('[RAFT41] what cannot be true is refused with a reason', () => {
  const reason = (message: Message) => {
    const decoded = decodeMessage(encodeMessage(message));
    return decoded.ok ? 'taken' : decoded.reason;
  };
  const append = {
    type: 'append-entries',
    from: 1,
    to: 2,
    term: 3,
    prevLogIndex: 1,
    prevLogTerm: 1,
  } as const;
  const rest = { leaderCommit: 0, session: 0 };
  const entry = (term: number) => ({ type: 'normal' as const, data: utf8(''), index: 2, term });
  expect(reason({ ...append, ...rest, entries: [entry(4)] })).toBe('an entry of a term that has not begun');
  const many = Array.from({ length: raftEntriesMax + 1 }, () => entry(1));
  expect(reason({ ...append, ...rest, entries: many })).toBe('number too large');
  expect(reason({ type: 'timeout-now', from: 0, to: 2, term: 1 })).toBe('nobody');
  expect(reason({ type: 'timeout-now', from: 1, to: 2, term: 0 })).toMatch('a term where none is');
  const snapshot = (configuration: Configuration): Message => ({
    type: 'install-snapshot',
    from: 1,
    to: 2,
    term: 1,
    session: 0,
    snapshot: { index: 1, term: 1, configuration, data: utf8('') },
  });
  const of = { incoming: [1, 2], outgoing: [], learners: [], learnersNext: [], autoLeave: false };
  expect(reason(snapshot({ ...of, learners: [2] }))).toBe('a voter that learns');
  expect(reason(snapshot({ ...of, learnersNext: [3] }))).toBe('a learner to be that does not vote yet');
  expect(reason(snapshot({ ...of, incoming: [] }))).toBe('nobody votes');
  expect(reason(snapshot({ ...of, autoLeave: true }))).toBe('nothing to leave');
  expect(decodeMessage(new Uint8Array(messageBytesMax + 1))).toEqual({ ok: false, reason: 'too large' });
});

test('[RAFT42] 100,000 mutated messages: nothing throws, and what is taken is encoded as it came', () => {
  const random = new SeededRandom('raft-codec');
  const seeds = fc.sample(messages, { numRuns: 200, seed: 8 }).map(encodeMessage);
  let taken = 0;
  for (let run = 0; run < 100_000; run++) {
    const bytes = Uint8Array.from(seeds[run % seeds.length] ?? []);
    for (let change = random.below(3); change >= 0; change--)
      bytes[random.below(bytes.length)] = random.below(256);
    const cut = random.below(4) === 0 ? bytes.subarray(0, random.below(bytes.length)) : bytes;
    const decoded = decodeMessage(cut);
    if (!decoded.ok) continue;
    taken++;
    if (run % 10 === 0) expect(toHex(encodeMessage(decoded.value))).toBe(toHex(cut));
  }
  expect(taken).toBeGreaterThan(1000);
});
