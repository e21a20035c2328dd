/** The obvious counter: the sum of the amounts of all operations, each told once. */
import fc from 'fast-check';
import { lawOf } from '../testing/laws.model.ts';
import type { Kind, Model } from '../testing/world.model.ts';
import {
  countersOfCounterOps,
  decodeGCounter,
  decodeGCounterOps,
  decodePNCounter,
  decodePNCounterOps,
  encodeCounterOps,
  encodeGCounter,
  encodePNCounter,
} from './codec.ts';
import { GCounter } from './g-counter.ts';
import type { CounterChange, GCounterOp, PNCounterOp } from './messages.ts';
import { PNCounter } from './pn-counter.ts';

class CounterModel implements Model<PNCounterOp, number> {
  #sum = 0n;
  apply(op: PNCounterOp): void {
    this.#sum += BigInt(op.type === 'increment' ? op.amount : -op.amount);
  }
  view(): number {
    const most = BigInt(Number.MAX_SAFE_INTEGER);
    return Number(this.#sum > most ? most : this.#sum < -most ? -most : this.#sum);
  }
}

const shared = {
  countersOf: countersOfCounterOps,
  encodeOps: encodeCounterOps,
  model: () => new CounterModel(),
  replay: (before: number, changes: readonly CounterChange[]) => changes.at(-1)?.value ?? before,
};

/** An edit is an amount to count. */
export const gCounterKind: Kind<GCounter, GCounterOp, CounterChange, number, number> = {
  ...shared,
  create: context => new GCounter(context),
  edit: (counter, amount) => (amount > counter.room ? [] : counter.localIncrement(amount)),
  apply: (counter, ops) => counter.apply(ops),
  decodeOps: decodeGCounterOps,
  encode: encodeGCounter,
  decode: decodeGCounter,
  view: counter => counter.value,
};

/** An edit is an amount to count, down if negative. */
export const pnCounterKind: Kind<PNCounter, PNCounterOp, CounterChange, number, number> = {
  ...shared,
  create: context => new PNCounter(context),
  edit: (counter, amount) => {
    if (amount > 0) return amount > counter.room.increments ? [] : counter.localIncrement(amount);
    return -amount > counter.room.decrements ? [] : counter.localDecrement(-amount);
  },
  apply: (counter, ops) => counter.apply(ops),
  decodeOps: decodePNCounterOps,
  encode: encodePNCounter,
  decode: decodePNCounter,
  view: counter => counter.value,
};

/** Mostly small, now and then so large that the sums leave the safe range. */
const amounts = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 1, max: 300 }) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }) },
  { weight: 1, arbitrary: fc.constant(Number.MAX_SAFE_INTEGER) },
);

export const counterLaws = [
  lawOf('G-Counter', gCounterKind, amounts),
  lawOf(
    'PN-Counter',
    pnCounterKind,
    fc.tuple(amounts, fc.boolean()).map(([amount, down]) => (down ? -amount : amount)),
  ),
];
