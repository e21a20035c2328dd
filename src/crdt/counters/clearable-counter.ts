/**
 * A counter of a document, which goes when its key is removed. Counting back what it shows is the obvious way to clear
 * it, and wrong: two replicas that clear at once count back twice, and the counter goes on from below nothing.
 *
 * So a clear names what it has seen: for each replica, how far its two sums had come. Sums only grow and a later clear
 * has seen at least as much, so the highest seen of each is all there is to remember, in whatever order clears come;
 * the value is what was counted beyond it.
 */
import { assert } from '../../base/assert.ts';
import { isId, type ReplicaId } from '../../base/ids.ts';
import type { Applied, Context, OpId } from '../context.ts';
import { drawId, refuseId } from '../log-order.ts';
import type { CounterChange, PNCounterOp } from './messages.ts';
import { PNCounter } from './pn-counter.ts';

/** How far one replica's sums had come. Not both 0. */
export interface Seen {
  readonly replicaId: ReplicaId;
  readonly increments: number;
  readonly decrements: number;
}

/** `clear`: what was counted up to `seen` (rising by replica id, never empty) is gone. Takes one counter. */
export interface CounterClearOp {
  readonly type: 'clear';
  readonly id: OpId;
  readonly seen: readonly Seen[];
}

export type ClearableCounterOp = PNCounterOp | CounterClearOp;

export class ClearableCounter {
  readonly counter: PNCounter;
  /** The highest that any clear has seen. */
  readonly floors: Map<ReplicaId, Seen>;
  readonly #context: Context;
  /** Exact. Counted when first asked for and after a clear, then kept: adding it up costs every replica that ever counted. */
  #sum: bigint | undefined = undefined;

  constructor(context: Context, counter = new PNCounter(context), floors = new Map<ReplicaId, Seen>()) {
    this.#context = context;
    this.counter = counter;
    this.floors = floors;
  }

  /** Exact while it is a safe integer, and the end of the safe range beyond. */
  get value(): number {
    const sum = (this.#sum ??= this.#count());
    return Number(sum > most ? most : sum < -most ? -most : sum);
  }

  /** How much this replica may still count up and down, ever. */
  get room(): { readonly increments: number; readonly decrements: number } {
    return this.counter.room;
  }

  /** `amount`: whole, not 0, within `room`; negative to count down. */
  localAdd(amount: number): readonly ClearableCounterOp[] {
    return this.#keepingSum([this.#context.replicaId], () =>
      amount > 0 ? this.counter.localIncrement(amount) : this.counter.localDecrement(-amount),
    );
  }

  /** Takes away what was counted so far, by whomever; what others count meanwhile stays. */
  localClear(): readonly ClearableCounterOp[] {
    const seen: Seen[] = [];
    for (const [replicaId, { increments, decrements }] of this.counter.tally.shares) {
      const floor = this.floors.get(replicaId);
      if (increments > (floor?.increments ?? 0) || decrements > (floor?.decrements ?? 0))
        seen.push({ replicaId, increments, decrements });
    }
    if (seen.length === 0) return [];
    seen.sort((a, b) => (a.replicaId < b.replicaId ? -1 : 1));
    const id = drawId(this.#context, this.counter.tally.shareOf(this.#context.replicaId).next);
    const op: CounterClearOp = { type: 'clear', id, seen };
    this.#clear(op);
    return [op];
  }

  refuse(ops: readonly ClearableCounterOp[]): string | undefined {
    for (const op of ops) {
      const reason = op.type === 'clear' ? (refuseId(op.id) ?? refuseSeen(op.seen)) : undefined;
      if (reason !== undefined) return reason;
    }
    return this.counter.refuse(counts(ops));
  }

  /** All or none. What is here already is skipped. */
  apply(ops: readonly ClearableCounterOp[]): Applied<CounterChange> {
    const reason = this.refuse(ops);
    if (reason !== undefined) return { ok: false, reason };
    const before = this.value;
    const authors = new Set(ops.map(({ id }) => id.replicaId));
    const applied = this.#keepingSum(authors, () => this.counter.apply(counts(ops)));
    assert(applied.ok, 'what was checked is applied');
    for (const op of ops) if (op.type === 'clear') this.#clear(op);
    const { value } = this;
    return { ok: true, changes: value === before ? [] : [{ value }] };
  }

  #clear({ seen }: CounterClearOp): void {
    for (const { replicaId, increments, decrements } of seen) {
      const floor = this.floors.get(replicaId);
      this.floors.set(replicaId, {
        replicaId,
        increments: Math.max(increments, floor?.increments ?? 0),
        decrements: Math.max(decrements, floor?.decrements ?? 0),
      });
    }
    this.#sum = undefined;
  }

  /** Runs `count`, by which nobody but `authors` counts further. */
  #keepingSum<T>(authors: Iterable<ReplicaId>, count: () => T): T {
    const shown = () => {
      let sum = 0n;
      for (const author of authors) sum += this.#shownOf(author);
      return sum;
    };
    const before = shown();
    const result = count();
    if (this.#sum !== undefined) this.#sum += shown() - before;
    return result;
  }

  #count(): bigint {
    let sum = 0n;
    for (const replicaId of this.counter.tally.shares.keys()) sum += this.#shownOf(replicaId);
    return sum;
  }

  /** What `replicaId` counted and nobody cleared. */
  #shownOf(replicaId: ReplicaId): bigint {
    const { increments, decrements } = this.counter.tally.shareOf(replicaId);
    const floor = this.floors.get(replicaId);
    // A clear that claims more than was counted takes away no more than that.
    const up = Math.max(0, increments - (floor?.increments ?? 0));
    return BigInt(up) - BigInt(Math.max(0, decrements - (floor?.decrements ?? 0)));
  }
}

const most = BigInt(Number.MAX_SAFE_INTEGER);

function counts(ops: readonly ClearableCounterOp[]): readonly PNCounterOp[] {
  return ops.filter(op => op.type !== 'clear');
}

function refuseSeen(seen: readonly Seen[]): string | undefined {
  let last = '';
  for (const { replicaId, increments, decrements } of seen) {
    if (!isId(replicaId) || replicaId <= last) return 'malformed clear';
    last = replicaId;
    const inRange = [increments, decrements].every(sum => Number.isSafeInteger(sum) && sum >= 0);
    if (!inRange || increments + decrements === 0) return 'amount out of range';
  }
  return seen.length > 0 ? undefined : 'malformed clear';
}
