/**
 * A register in which the last write wins (LWW-Register; Johnson and Thomas 1975; Shapiro et al. 2011, section
 * 3.2.1). "Last" is by hybrid logical clock, then by id: wall clocks alone would let whoever's clock is ahead undo what
 * others write after having read it, so a write is stamped later than what it overwrites (`Context.stamp`).
 *
 * That alone does not keep a promise: stamps are finite, and who writes the highest one there is would own the register
 * for ever. No rule about numbers helps, since every finite range has an end, and refusing high stamps only moves it. So
 * writes that carry the **last stamp** are settled by causality instead: such a write names the ones it overwrites,
 * as in the multi-value register beside this one, and of those left the highest id is shown. Up to then, which is
 * always in honest use, the state is one value, its stamp and its id, and any order of arrival will do.
 */
import { assert } from '../../base/assert.ts';
import { DottedVersionVectorSet } from '../../clocks/dotted-version-vector.ts';
import {
  compareHybridTime,
  isHybridTime,
  isLastHybridTime,
  lastHybridTime,
  type HybridTime,
} from '../../clocks/hybrid-logical-clock.ts';
import type { ReadonlyVectorClock } from '../../clocks/vector-clock.ts';
import { compareOpIds, type Applied, type Context, type OpId } from '../context.ts';
import { drawId, refuseId } from '../log-order.ts';
import { storable, type Value } from '../value.ts';
import type { LWWChange, LWWSetOp } from './messages.ts';
import { OverwriteCheck, type Siblings } from './siblings.ts';

/** The write that a register shows. */
export interface Written {
  readonly id: OpId;
  readonly stamp: HybridTime;
  readonly value: Value;
}

/** Never written; the latest of the writes; or the writes with the last stamp that none of them overwrites. */
export type LWWState = Written | Siblings | undefined;

const nothing: ReadonlyVectorClock = new Map();

export class LWWRegister {
  #state: LWWState;
  readonly #context: Context;

  constructor(context: Context, state?: LWWState) {
    this.#context = context;
    this.#state = state;
  }

  /** For the codec. */
  get state(): LWWState {
    return this.#state;
  }

  /** `undefined` before the first write. */
  get value(): Value | undefined {
    return this.written?.value;
  }

  /** The write that is shown, or `undefined` before the first. */
  get written(): Written | undefined {
    if (!(this.#state instanceof DottedVersionVectorSet)) return this.#state;
    const shown = this.#state.siblings().at(-1);
    return shown === undefined ? undefined : { id: shown.dot, stamp: lastHybridTime, value: shown.value };
  }

  /** Also when the register shows the same value already: it is the later word. */
  localSet(value: Value): readonly LWWSetOp[] {
    const copy = storable(value);
    const { replicaId } = this.#context;
    const shown = this.written;
    const stamp = this.#context.stamp(shown?.stamp);
    const isLast = isLastHybridTime(stamp);
    const beats = shown === undefined || compareHybridTime(stamp, shown.stamp) > 0 || isLast;
    assert(isHybridTime(stamp) && beats, 'a stamp is in range and later than the one it overwrites');
    const siblings = this.#state instanceof DottedVersionVectorSet ? this.#state : undefined;
    const floor = shown?.id.replicaId === replicaId ? shown.id.counter + 1 : siblings?.context.get(replicaId);
    const id = drawId(this.#context, floor ?? 0);
    const overwrites = isLast ? (siblings?.overwrittenBy(replicaId) ?? []) : [];
    const op: LWWSetOp = { type: 'set', id, stamp, value: copy, overwrites };
    this.#write(op);
    return [op];
  }

  /** All or none. What is here already, or was overwritten before it came, is skipped. */
  apply(ops: readonly LWWSetOp[]): Applied<LWWChange> {
    const reason = this.#refuse(ops);
    if (reason !== undefined) return { ok: false, reason };
    const before = this.written;
    for (const op of ops) this.#write(op);
    const after = this.written;
    const same = after === undefined || (before !== undefined && compareOpIds(before.id, after.id) === 0);
    return { ok: true, changes: same ? [] : [{ value: after.value }] };
  }

  #refuse(ops: readonly LWWSetOp[]): string | undefined {
    let check: OverwriteCheck | undefined;
    for (const { id, stamp, overwrites } of ops) {
      const badId = refuseId(id);
      if (badId !== undefined) return badId;
      if (!isHybridTime(stamp)) return 'stamp out of range';
      if (isLastHybridTime(stamp)) {
        const seen = this.#state instanceof DottedVersionVectorSet ? this.#state.context : nothing;
        check ??= new OverwriteCheck(seen);
        const reason = check.refuse(id, overwrites);
        if (reason !== undefined) return reason;
      } else if (overwrites.length > 0) return 'overwrites without the last stamp';
    }
    return undefined;
  }

  #write({ id, stamp, value, overwrites }: LWWSetOp): void {
    const state = this.#state;
    if (isLastHybridTime(stamp)) {
      const siblings: Siblings =
        state instanceof DottedVersionVectorSet ? state : new DottedVersionVectorSet<Value>();
      siblings.write(id, value, overwrites);
      this.#state = siblings;
      return;
    }
    if (state instanceof DottedVersionVectorSet) return;
    const order =
      state === undefined ? 1 : compareHybridTime(stamp, state.stamp) || compareOpIds(id, state.id);
    if (order > 0) this.#state = { id, stamp, value };
  }
}
