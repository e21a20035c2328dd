import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ReplicaId } from '../base/ids.ts';
import {
  concurrent,
  contains,
  descends,
  DottedVersionVectorSet,
  type DottedVersionVector,
  type Dot,
} from './dotted-version-vector.ts';

const names = ['c', '1', 'f', '07'].map(name => name.padEnd(32, '0') as ReplicaId);

type Step =
  | { readonly type: 'write'; readonly at: number; readonly gap: number }
  | { readonly type: 'join'; readonly at: number; readonly from: number }
  | { readonly type: 'again'; readonly at: number; readonly pick: number };
const at = fc.nat(names.length - 1);
const steps = fc.array(
  fc.oneof<fc.Arbitrary<Step>[]>(
    fc.record({ type: fc.constant('write'), at, gap: fc.nat(2) }),
    fc.record({ type: fc.constant('join'), at, from: at }),
    fc.record({ type: fc.constant('again'), at, pick: fc.nat(99) }),
  ),
  { maxLength: 50, size: 'max' },
);

/** A write with its causal history written out: what dotted version vectors say in a few numbers. */
interface Write {
  readonly vector: DottedVersionVector;
  readonly overwrites: readonly Dot[];
  readonly history: ReadonlySet<Write>;
}

const copy = (set: DottedVersionVectorSet<Write>) =>
  new DottedVersionVectorSet(new Map(set.context), set.siblings());
const plain = (set: DottedVersionVectorSet<Write>) => ({
  context: new Map([...set.context].sort()),
  siblings: set.siblings().map(({ dot }) => dot),
});
const joined = (...[first, ...rest]: readonly DottedVersionVectorSet<Write>[]) => {
  const all = copy(first!);
  for (const set of rest) all.join(set);
  return plain(all);
};

/** Replicas that write and join, each beside the set of writes it has heard of. */
function play(plan: readonly Step[]) {
  const replicas = names.map(name => ({
    name,
    next: 0,
    set: new DottedVersionVectorSet<Write>(),
    heard: new Set<Write>(),
  }));
  const writes: Write[] = [];
  for (const step of plan) {
    const replica = replicas[step.at]!;
    if (step.type === 'write') {
      const dot = { replicaId: replica.name, counter: (replica.next += step.gap) };
      const vector = { dot, context: new Map(replica.set.context) };
      const overwrites = replica.set.overwrittenBy(replica.name);
      const write = { vector, overwrites, history: new Set(replica.heard) };
      expect(replica.set.write(dot, write, overwrites)).toBe(true);
      replica.next += 1;
      replica.heard.add(write);
      writes.push(write);
    } else if (step.type === 'join') {
      replica.set.join(replicas[step.from]!.set);
      for (const write of replicas[step.from]!.heard) replica.heard.add(write);
    } else {
      const write = writes[step.pick % Math.max(1, writes.length)];
      // By operation what others get by joining: a write after everything it was made on.
      if (write === undefined || ![...write.history].every(before => replica.heard.has(before))) continue;
      const isNew = !replica.heard.has(write);
      expect(replica.set.write(write.vector.dot, write, write.overwrites)).toBe(isNew);
      replica.heard.add(write);
    }
  }
  return { replicas, writes };
}

test('[CLK3] one write descends from another exactly when it was made with that in view', () => {
  fc.assert(
    fc.property(steps, plan => {
      const { writes } = play(plan);
      for (const a of writes) {
        expect(contains(a.vector.context, a.vector.dot)).toBe(false);
        for (const b of writes) {
          expect(descends(a.vector, b.vector)).toBe(a === b || a.history.has(b));
          expect(concurrent(a.vector, b.vector)).toBe(a !== b && !a.history.has(b) && !b.history.has(a));
        }
      }
    }),
  );
});

test('[CLK4] the siblings are the writes that no known write has seen, however they came', () => {
  fc.assert(
    fc.property(steps, plan => {
      const { replicas, writes } = play(plan);
      for (const { set, heard } of replicas) {
        const standing = [...heard].filter(write => ![...heard].some(other => other.history.has(write)));
        expect(new Set(set.siblings().map(({ value }) => value))).toEqual(new Set(standing));
        for (const write of writes) expect(contains(set.context, write.vector.dot)).toBe(heard.has(write));
      }
    }),
  );
});

test('[CLK5] joining is commutative, associative and idempotent', () => {
  fc.assert(
    fc.property(steps, plan => {
      const [a, b, c] = play(plan).replicas.map(({ set }) => set);
      expect(joined(a!, b!)).toEqual(joined(b!, a!));
      const ab = copy(a!);
      ab.join(b!);
      const bc = copy(b!);
      bc.join(c!);
      expect(joined(ab, c!)).toEqual(joined(a!, bc));
      expect(joined(a!, a!)).toEqual(plain(a!));
    }),
  );
});
