/**
 * A register that keeps what was written at the same time (multi-value register; DeCandia et al. 2007, Dynamo; Shapiro
 * et al. 2011, section 3.2.2): it holds one value after one write, and several while nobody has seen all of them and
 * decided. No clock is asked: a write names the writes it has seen (their dots), and those are overwritten.
 *
 * The state is a set of dotted version vectors (src/clocks/dotted-version-vector.ts).
 */
import { assert } from '../../base/assert.ts';
import { contains, DottedVersionVectorSet } from '../../clocks/dotted-version-vector.ts';
import type { Applied, Context } from '../context.ts';
import { drawId, refuseId } from '../log-order.ts';
import { storable, type Value } from '../value.ts';
import type { MVChange, MVSetOp } from './messages.ts';
import { OverwriteCheck, type Siblings } from './siblings.ts';

export class MVRegister {
  /** The state itself, for the codec. */
  readonly siblings: Siblings;
  readonly #context: Context;

  constructor(context: Context, siblings: Siblings = new DottedVersionVectorSet<Value>()) {
    this.#context = context;
    this.siblings = siblings;
  }

  /**
   * One for each write that none overwrote, in the order of their authors' ids: the same on every replica. Empty
   * before the first write; two may be equal when two people wrote the same.
   */
  values(): readonly Value[] {
    return this.siblings.siblings().map(({ value }) => value);
  }

  /** Overwrites all that is held now. */
  localSet(value: Value): readonly MVSetOp[] {
    const copy = storable(value);
    const { replicaId } = this.#context;
    const id = drawId(this.#context, this.siblings.context.get(replicaId) ?? 0);
    const overwrites = this.siblings.overwrittenBy(replicaId);
    const ops: readonly MVSetOp[] = [{ type: 'set', id, value: copy, overwrites }];
    const applied = this.apply(ops);
    assert(applied.ok, 'a write made here breaks no rule');
    return ops;
  }

  /** Why `apply` would refuse `ops`; changes nothing. */
  refuse(ops: readonly MVSetOp[]): string | undefined {
    const [only] = ops;
    if (only !== undefined && ops.length === 1) return refuseId(only.id) ?? this.#refuseOnly(only);
    const check = new OverwriteCheck(this.siblings.context);
    for (const { id, overwrites } of ops) {
      const reason = refuseId(id) ?? check.refuse(id, overwrites);
      if (reason !== undefined) return reason;
    }
    return undefined;
  }

  /** A write by itself: nothing before it in its list need be remembered. */
  #refuseOnly({ id, overwrites }: MVSetOp): string | undefined {
    const { context } = this.siblings;
    if (contains(context, id)) return undefined;
    for (const dot of overwrites) if (!contains(context, dot)) return 'unknown write';
    return undefined;
  }

  /** All or none. What is here already is skipped. */
  apply(ops: readonly MVSetOp[]): Applied<MVChange> {
    const reason = this.refuse(ops);
    if (reason !== undefined) return { ok: false, reason };
    let changed = false;
    for (const { id, value, overwrites } of ops)
      if (this.siblings.write(id, value, overwrites)) changed = true;
    return { ok: true, changes: changed ? [{ values: this.values() }] : [] };
  }
}
