import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toHex } from '../../base/bytes.ts';
import type { ReplicaId } from '../../base/ids.ts';
import { damageOps, damageState } from '../testing/damage.model.ts';
import { lawOf } from '../testing/laws.model.ts';
import { contextOf, replicaIdOf, type Kind, type Model } from '../testing/world.model.ts';
import {
  decodeClearableCounter,
  decodeClearableOps,
  encodeClearableCounter,
  encodeClearableOps,
} from './clearable-codec.ts';
import {
  ClearableCounter,
  type ClearableCounterOp,
  type CounterClearOp,
  type Seen,
} from './clearable-counter.ts';
import type { CounterChange } from './messages.ts';

const alice = replicaIdOf('a');
const bob = replicaIdOf('b');

/** Every count one by one, in the order of its author's log; a clear strikes out those it has seen. */
class ClearableModel implements Model<ClearableCounterOp, number> {
  readonly #counts = new Map<ReplicaId, { amount: number; gone: boolean }[]>();

  apply(op: ClearableCounterOp): void {
    if (op.type === 'clear') {
      for (const { replicaId, increments, decrements } of op.seen) {
        let up = increments;
        let down = decrements;
        for (const count of this.#counts.get(replicaId) ?? []) {
          if (count.amount > 0) up -= count.amount;
          else down += count.amount;
          if (count.amount > 0 ? up >= 0 : down >= 0) count.gone = true;
        }
      }
      return;
    }
    const counts = this.#counts.get(op.id.replicaId) ?? [];
    this.#counts.set(op.id.replicaId, counts);
    counts.push({ amount: op.type === 'increment' ? op.amount : -op.amount, gone: false });
  }

  view(): number {
    return [...this.#counts.values()]
      .flat()
      .reduce((sum, { amount, gone }) => (gone ? sum : sum + amount), 0);
  }
}

/** An edit is an amount to count; 0 clears. */
const kind: Kind<ClearableCounter, ClearableCounterOp, CounterChange, number, number> = {
  create: context => new ClearableCounter(context),
  edit: (counter, amount) => (amount === 0 ? counter.localClear() : counter.localAdd(amount)),
  apply: (counter, ops) => counter.apply(ops),
  countersOf: ops => ops.length,
  encodeOps: encodeClearableOps,
  decodeOps: decodeClearableOps,
  encode: encodeClearableCounter,
  decode: decodeClearableCounter,
  view: counter => counter.value,
  model: () => new ClearableModel(),
  replay: (before, changes) => changes.at(-1)?.value ?? before,
};

function cleared(counter: number, ...seen: readonly Seen[]): CounterClearOp {
  return { type: 'clear', id: { replicaId: bob, counter }, seen };
}

describe('a counter that can be emptied', () => {
  test('[CNT1] [CNT2] [CNT6] [CNT9] replicas that know the same show the same, and what the model says', () => {
    const amounts = fc.oneof(
      { weight: 4, arbitrary: fc.integer({ min: -300, max: 300 }) },
      { weight: 1, arbitrary: fc.constant(0) },
    );
    fc.assert(lawOf('clearable', kind, amounts).property, { numRuns: 200 });
  });

  test('[CNT9] two that clear at once have cleared once; what is counted meanwhile stays', () => {
    const [a, b, c] = [alice, bob, replicaIdOf('c')].map(id => new ClearableCounter(contextOf(id)));
    const five = a!.localAdd(5);
    b!.apply(five);
    c!.apply(five);
    const clears = [...a!.localClear(), ...b!.localClear()];
    const two = c!.localAdd(-2);
    for (const each of [a!, b!, c!]) {
      each.apply(clears);
      each.apply(two);
      expect(each.value).toBe(-2);
    }
    expect(a!.room.increments).toBe(Number.MAX_SAFE_INTEGER - 5);
  });

  test('[CNT9] of two clears at once, the one that had seen less takes nothing back, in either order and after loading', () => {
    const author = new ClearableCounter(contextOf(alice));
    const early = author.localAdd(5).concat(author.localAdd(-1));
    const late = author.localAdd(7).concat(author.localAdd(-2));
    const clearers = [bob, replicaIdOf('c')].map(id => new ClearableCounter(contextOf(id)));
    const [less, more] = clearers.map((each, i) => {
      each.apply(i === 0 ? early : [...early, ...late]);
      return each.localClear();
    }) as [readonly ClearableCounterOp[], readonly ClearableCounterOp[]];
    const after = author.localAdd(3);
    const encodings = [
      [...less, ...more],
      [...more, ...less],
    ].map(clears => {
      let reader = new ClearableCounter(contextOf(replicaIdOf('d')));
      for (const op of [...early, ...late, ...clears]) {
        expect(reader.apply([op]).ok).toBe(true);
        const loaded = decodeClearableCounter(encodeClearableCounter(reader), contextOf(replicaIdOf('d')));
        if (!loaded.ok) throw new Error(loaded.reason);
        reader = loaded.value;
      }
      expect(reader.value).toBe(0);
      reader.apply(after);
      expect(reader.value).toBe(3);
      return toHex(encodeClearableCounter(reader));
    });
    expect(encodings[0]).toBe(encodings[1]);
  });

  test('[CNT10] a clear of nothing is no operation', () => {
    const counter = new ClearableCounter(contextOf(alice));
    expect(counter.localClear()).toEqual([]);
    counter.localAdd(3);
    expect(counter.localClear()).toHaveLength(1);
    expect(counter.localClear()).toEqual([]);
    expect(counter.value).toBe(0);
  });

  test('[CNT10] a clear that claims more than was counted takes away no more than that', () => {
    const counter = new ClearableCounter(contextOf(alice));
    counter.localAdd(3);
    expect(counter.apply([cleared(0, { replicaId: alice, increments: 10, decrements: 4 })]).ok).toBe(true);
    expect(counter.value).toBe(0);
    counter.localAdd(8);
    expect(counter.value).toBe(1);
  });

  test.each<[string, CounterClearOp]>([
    ['malformed clear', cleared(0)],
    [
      'malformed clear',
      cleared(
        0,
        { replicaId: bob, increments: 1, decrements: 0 },
        { replicaId: alice, increments: 1, decrements: 0 },
      ),
    ],
    ['malformed clear', cleared(0, { replicaId: 'bob' as ReplicaId, increments: 1, decrements: 0 })],
    ['amount out of range', cleared(0, { replicaId: alice, increments: 0, decrements: 0 })],
    ['amount out of range', cleared(0, { replicaId: alice, increments: -1, decrements: 2 })],
    ['counter out of range', cleared(-1, { replicaId: alice, increments: 1, decrements: 0 })],
  ])('[CNT10] %s: refused whole', (reason, bad) => {
    const counter = new ClearableCounter(contextOf(alice));
    counter.localAdd(7);
    const good = cleared(5, { replicaId: alice, increments: 7, decrements: 0 });
    expect(counter.apply([good, bad])).toEqual({ ok: false, reason });
    expect(counter.value).toBe(7);
  });

  test('[CNT8] the released bytes of version 1 stay what they are', () => {
    const ops: readonly ClearableCounterOp[] = [
      { type: 'increment', id: { replicaId: bob, counter: 5 }, amount: 63 },
      { type: 'decrement', id: { replicaId: bob, counter: 6 }, amount: 64 },
      cleared(7, { replicaId: alice, increments: 300, decrements: 1 }),
    ];
    expect(toHex(encodeClearableOps(ops, bob, 5))).toBe(`01fc01400201${alice}ac0201`);
    expect(decodeClearableOps(encodeClearableOps(ops, bob, 5), bob, 5)).toEqual({ ok: true, value: ops });
    const counter = new ClearableCounter(contextOf(alice));
    counter.localAdd(2);
    counter.localClear();
    expect(toHex(encodeClearableCounter(counter))).toBe(`01150101${alice}01020001${alice}0200`);
  });

  test('[CNT8] damaged inputs throw nothing, and what is refused changes nothing', () => {
    const author = new ClearableCounter(contextOf(alice, 100));
    const ops = [1, 70, -3].flatMap(amount => author.localAdd(amount)).concat(author.localClear());
    const reader = () => {
      const context = contextOf(bob);
      const x = new ClearableCounter(context);
      x.localAdd(9);
      return { x, context };
    };
    const bytes = encodeClearableOps(ops, alice, 100);
    const outcomes = [
      damageOps(kind, bytes, { replicaId: alice, first: 100 }, reader, 20_000),
      damageState(kind, encodeClearableCounter(author), contextOf(bob), 20_000),
    ];
    for (const { refused, taken } of outcomes) {
      expect(refused).toBeGreaterThan(1000);
      expect(taken).toBeGreaterThan(1000);
    }
  }, 60_000);
});
