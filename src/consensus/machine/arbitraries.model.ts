/** Commands at random, over few names, so that they meet. */
import fc from 'fast-check';
import type { Command, LogEntry, Operation } from './commands.ts';

const key = fc.constantFrom('a', 'b', 'c', 'ä');
const value = fc.uint8Array({ maxLength: 3 });
const lock = fc.constantFrom('door', 'gate');
const wish = fc.constantFrom('w1', 'w2', 'w3', 'w4', 'w5');
const resource = fc.constantFrom('room', 'room', 'room', 'nowhere');
const place = fc.nat(2);
/** Indexes and revisions that there may be. */
const number = fc.nat(15);
const ttlMs = fc.integer({ min: 1, max: 100 });

const operations: fc.Arbitrary<readonly Operation[]> = fc.uniqueArray(
  fc.oneof(
    fc.record({ type: fc.constant('put' as const), key, value }),
    fc.record({ type: fc.constantFrom('delete' as const, 'get' as const), key }),
  ),
  { maxLength: 4, selector: one => one.key },
);
const comparison = fc.oneof(
  fc.record({ type: fc.constant('revision' as const), key, revision: fc.nat(6) }),
  fc.record({ type: fc.constant('value' as const), key, value }),
  fc.record({ type: fc.constant('holds' as const), lock, token: number }),
);
export const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      type: fc.constant('transaction' as const),
      comparisons: fc.array(comparison, { maxLength: 1 }),
      operations,
      otherwise: operations,
    }),
  },
  fc.record({ type: fc.constant('compact' as const), revision: fc.nat(8) }),
  { weight: 4, arbitrary: fc.record({ type: fc.constant('grant' as const), ttlMs }) },
  fc.record({ type: fc.constantFrom('renew' as const, 'revoke' as const), lease: number }),
  { weight: 5, arbitrary: fc.record({ type: fc.constant('acquire' as const), lock, lease: number }) },
  fc.record({ type: fc.constant('release' as const), lock, token: number }),
  { weight: 2, arbitrary: fc.record({ type: fc.constant('offer' as const), resource, places: place }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('book' as const), wish, resource, place }) },
  {
    weight: 3,
    arbitrary: fc.record({ type: fc.constant('reserve' as const), wish, resource, place, ttlMs }),
  },
  { weight: 2, arbitrary: fc.record({ type: fc.constantFrom('confirm' as const, 'cancel' as const), wish }) },
  fc.constant({ type: 'nothing' as const }),
);
export const entry: fc.Arbitrary<LogEntry> = fc.oneof(
  { weight: 1, arbitrary: fc.record({ type: fc.constant('advance' as const), byMs: fc.nat(60) }) },
  {
    weight: 8,
    arbitrary: fc.record({
      type: fc.constant('request' as const),
      session: fc.integer({ min: 1, max: 2 }),
      sequence: fc.integer({ min: 1, max: 60 }),
      unansweredFrom: fc.constant(1),
      command,
    }),
  },
);
