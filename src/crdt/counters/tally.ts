/**
 * How much each replica has counted up and down: what both counters are made of.
 *
 * One total alone would count a repeated operation twice, and could not say whether another one still fits: a limit
 * on the total would refuse whichever operation comes last, which is a different one on each replica. So each replica
 * has its own two sums. Whether an operation fits then depends on its author's earlier ones alone, which every
 * replica has in the same order. The total is exact, whatever the sums, and shown within the safe range.
 */
import type { ReplicaId } from '../../base/ids.ts';
import type { Applied } from '../context.ts';
import { refuseId } from '../log-order.ts';
import type { CounterChange, PNCounterOp } from './messages.ts';

/** What one replica counted. Invariants: whole numbers; both sums `<= Number.MAX_SAFE_INTEGER`. */
export interface Share {
  /** First counter of the replica not seen. */
  readonly next: number;
  readonly increments: number;
  readonly decrements: number;
}

const nothing: Share = { next: 0, increments: 0, decrements: 0 };

export class Tally {
  readonly #shares: Map<ReplicaId, Share>;
  #total = 0n;

  constructor(shares: Map<ReplicaId, Share> = new Map<ReplicaId, Share>()) {
    this.#shares = shares;
    for (const share of shares.values()) this.#total += worthOf(share);
  }

  get shares(): ReadonlyMap<ReplicaId, Share> {
    return this.#shares;
  }

  shareOf(replicaId: ReplicaId): Share {
    return this.#shares.get(replicaId) ?? nothing;
  }

  /** Exact while it is a safe integer; beyond, the end of the safe range. */
  get value(): number {
    if (this.#total > safeMax) return Number.MAX_SAFE_INTEGER;
    return this.#total < -safeMax ? Number.MIN_SAFE_INTEGER : Number(this.#total);
  }

  /** Why `apply` would refuse `ops`; changes nothing. */
  refuse(ops: readonly PNCounterOp[]): string | undefined {
    const draft = this.#draft(ops);
    return typeof draft === 'string' ? draft : undefined;
  }

  /** All or none. */
  apply(ops: readonly PNCounterOp[]): Applied<CounterChange> {
    const draft = this.#draft(ops);
    if (typeof draft === 'string') return { ok: false, reason: draft };
    const before = this.value;
    for (const [replicaId, share] of draft) {
      this.#total += worthOf(share) - worthOf(this.shareOf(replicaId));
      this.#shares.set(replicaId, share);
    }
    const { value } = this;
    return { ok: true, changes: value === before ? [] : [{ value }] };
  }

  /** The shares as `ops` leave them, on a draft, which is thrown away when an operation breaks a rule; or the reason. */
  #draft(ops: readonly PNCounterOp[]): ReadonlyMap<ReplicaId, Share> | string {
    const draft = new Map<ReplicaId, Share>();
    for (const op of ops) {
      const { replicaId, counter } = op.id;
      const reason = refuseId(op.id) ?? refuseAmount(op.amount);
      if (reason !== undefined) return reason;
      const share = draft.get(replicaId) ?? this.shareOf(replicaId);
      if (counter < share.next) continue;
      const counted = count(share, op);
      if (counted === undefined) return 'counted out of range';
      draft.set(replicaId, counted);
    }
    return draft;
  }
}

const safeMax = BigInt(Number.MAX_SAFE_INTEGER);

function worthOf({ increments, decrements }: Share): bigint {
  return BigInt(increments) - BigInt(decrements);
}

/** `share` after `op`, or `undefined` when the replica would have counted beyond the safe range. */
function count(share: Share, { id, type, amount }: PNCounterOp): Share | undefined {
  const next = id.counter + 1;
  // Two safe integers add up without rounding below 2^54, so that the comparison is exact.
  if (type === 'increment') {
    const increments = share.increments + amount;
    return increments > Number.MAX_SAFE_INTEGER ? undefined : { ...share, next, increments };
  }
  const decrements = share.decrements + amount;
  return decrements > Number.MAX_SAFE_INTEGER ? undefined : { ...share, next, decrements };
}

function refuseAmount(amount: number): string | undefined {
  return Number.isSafeInteger(amount) && amount > 0 ? undefined : 'amount out of range';
}
