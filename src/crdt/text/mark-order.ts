/**
 * Which of two marks with one name counts where both hold: the later stamp, then the greater id.
 *
 * Stamps are finite, and whoever writes the last one there is would own the name for ever, as a register would be owned
 * (../registers/lww-register.ts). So marks with the last stamp are settled by causality: each names the highest of those it was
 * written over (`follows`), and counts one further than that. How far a mark counts is nobody's claim: it is the length of
 * a chain of marks that are all there, so none of them ever goes. And an order it is, not only a relation between two: what
 * lost once has lost for good, which is all that the places where marks change remember (boundaries.ts).
 */
import { compareHybridTime, isLastHybridTime } from '../../clocks/hybrid-logical-clock.ts';
import { compareOpIds, type OpId } from '../context.ts';
import type { MarkOp } from './messages.ts';

export class MarkOrder {
  /** Marks with the last stamp, by id. */
  readonly #lasts = new Map<string, MarkOp>();
  readonly #ranks = new Map<string, number>();

  /** Takes note of `op`, after the one that it follows; false when it was known. */
  add(op: MarkOp): boolean {
    const key = keyOf(op.id);
    if (this.#lasts.has(key)) return false;
    this.#lasts.set(key, op);
    return true;
  }

  /** Is `id` a mark with the last stamp? */
  has(id: OpId): boolean {
    return this.#lasts.has(keyOf(id));
  }

  isLater(a: MarkOp, b: MarkOp): boolean {
    const byStamp = compareHybridTime(a.stamp, b.stamp);
    if (byStamp !== 0) return byStamp > 0;
    const byRank = isLastHybridTime(a.stamp) ? this.rankOf(a) - this.rankOf(b) : 0;
    return (byRank || compareOpIds(a.id, b.id)) > 0;
  }

  /** How many marks it follows, one after the other; `NaN` when they follow each other in a ring. */
  rankOf(op: MarkOp): number {
    const chain: string[] = [];
    const passed = new Set<string>();
    let rank = -1;
    for (let at: MarkOp | undefined = op; at !== undefined;) {
      const key = keyOf(at.id);
      const known = this.#ranks.get(key);
      if (known !== undefined) {
        rank = known;
        break;
      }
      if (passed.has(key)) return NaN;
      passed.add(key);
      chain.push(key);
      at = at.follows === undefined ? undefined : this.#lasts.get(keyOf(at.follows));
    }
    for (const key of chain.reverse()) this.#ranks.set(key, ++rank);
    return rank;
  }
}

function keyOf({ replicaId, counter }: OpId): string {
  return `${replicaId}.${String(counter)}`;
}
