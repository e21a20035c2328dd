/** The operations of the registers. SPEC.md has the rules, docs/protocols/values.md the bytes. */
import type { HybridTime } from '../../clocks/hybrid-logical-clock.ts';
import type { OpId } from '../context.ts';
import type { Value } from '../value.ts';

/** LWW-Register. Takes one counter, as every operation here. */
export interface LWWSetOp {
  readonly type: 'set';
  readonly id: OpId;
  readonly stamp: HybridTime;
  readonly value: Value;
  /** Writes of others that this one had seen and that no stamp can beat; empty unless `stamp` is the last there is. */
  readonly overwrites: readonly OpId[];
}

/** Multi-value register. */
export interface MVSetOp {
  readonly type: 'set';
  readonly id: OpId;
  readonly value: Value;
  /** Writes of others that this one had seen. Its author's own earlier writes go without saying. */
  readonly overwrites: readonly OpId[];
}

/** The LWW-Register shows `value` now. */
export interface LWWChange {
  readonly value: Value;
}

/** The multi-value register holds `values` now. */
export interface MVChange {
  readonly values: readonly Value[];
}
