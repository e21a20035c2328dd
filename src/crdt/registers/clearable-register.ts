/**
 * The registers of a document, which go when their key is removed. A register that keeps one value and its stamp cannot be
 * emptied: a write made at the same time, by a clock that is behind, would lose to what was just removed, and whoever
 * had dropped it as a loser could not bring it back.
 *
 * So both are multi-value registers: what no known write has overwritten is kept, and clearing is a write of nothing.
 * A write made at the same time is not overwritten by it and shows alone. The register of one value reads the latest of
 * what is kept, by stamp and then by id. That is what an LWW-Register shows (lww-register.ts): whoever overwrites a value
 * stamps later than it, so the latest of all writes is never one that was overwritten. Nor does a stamp win for
 * ever: even the last there is goes with the write that carries it.
 *
 * In the register underneath, `null` is nothing, and a value stands in an array: with its stamp before it, or alone.
 */
import type { Reader } from '../../base/codec.ts';
import { compareHybridTime, isHybridTime, type HybridTime } from '../../clocks/hybrid-logical-clock.ts';
import type { Applied, Context } from '../context.ts';
import { readArrayHead, readValue, type Value } from '../value.ts';
import type { MVSetOp } from './messages.ts';
import { MVRegister } from './mv-register.ts';

/** The register shows `value` now; `undefined`: nothing. */
export interface RegisterChange {
  readonly value: Value | undefined;
}

/** The register holds `values` now. */
export interface ValuesChange {
  readonly values: readonly Value[];
}

abstract class Clearable<Change> {
  /** The state itself, for the codec. */
  readonly register: MVRegister;

  constructor(context: Context, register = new MVRegister(context)) {
    this.register = register;
  }

  /** Is `held` what this register writes? */
  protected abstract isHeld(held: Value): boolean;
  protected abstract change(): Change;

  /** Takes away what is held now. No operation when that is nothing. */
  localClear(): readonly MVSetOp[] {
    return this.register.values().every(held => held === null) ? [] : this.register.localSet(null);
  }

  /** Why `apply` would refuse `ops`; changes nothing. */
  refuse(ops: readonly MVSetOp[]): string | undefined {
    for (const { value } of ops) if (value !== null && !this.isHeld(value)) return 'malformed value';
    return this.register.refuse(ops);
  }

  /** All or none. What is here already is skipped. */
  apply(ops: readonly MVSetOp[]): Applied<Change> {
    const reason = this.refuse(ops);
    if (reason !== undefined) return { ok: false, reason };
    const applied = this.register.apply(ops);
    if (!applied.ok) return applied;
    return { ok: true, changes: applied.changes.length === 0 ? [] : [this.change()] };
  }
}

/** What is held of one write. */
interface Stamped {
  readonly stamp: HybridTime;
  readonly value: Value;
}

/** One value: the latest. */
export class ClearableRegister extends Clearable<RegisterChange> {
  readonly #context: Context;

  constructor(context: Context, register?: MVRegister) {
    super(context, register);
    this.#context = context;
  }

  /** `undefined` when nothing was written since it was last cleared. */
  get value(): Value | undefined {
    return this.#latest()?.value;
  }

  localSet(value: Value): readonly MVSetOp[] {
    const { wallMs, logical } = this.#context.stamp(this.#latest()?.stamp);
    return this.register.localSet([wallMs, logical, value]);
  }

  protected isHeld(held: Value): boolean {
    return stampedOf(held) !== undefined;
  }

  protected change(): RegisterChange {
    return { value: this.value };
  }

  #latest(): Stamped | undefined {
    let latest: Stamped | undefined;
    // By replica id, so that the later of two equal stamps is the higher id.
    for (const { value } of this.register.siblings.siblings()) {
      const stamped = stampedOf(value);
      if (stamped === undefined) continue;
      if (latest === undefined || compareHybridTime(stamped.stamp, latest.stamp) >= 0) latest = stamped;
    }
    return latest;
  }
}

/** All that was written at the same time. */
export class ClearableMVRegister extends Clearable<ValuesChange> {
  /** In the order of their authors' ids; empty when nothing was written since it was last cleared. */
  values(): readonly Value[] {
    return this.register.values().flatMap(held => aloneOf(held) ?? []);
  }

  /** Overwrites all that is held now. */
  localSet(value: Value): readonly MVSetOp[] {
    return this.register.localSet([value]);
  }

  protected isHeld(held: Value): boolean {
    return aloneOf(held) !== undefined;
  }

  protected change(): ValuesChange {
    return { values: this.values() };
  }
}

function stampedOf(held: Value): Stamped | undefined {
  if (!isList(held) || held.length !== 3) return undefined;
  const [wallMs, logical, value] = held;
  if (typeof wallMs !== 'number' || typeof logical !== 'number' || value === undefined) return undefined;
  const stamp = { wallMs, logical };
  return isHybridTime(stamp) ? { stamp, value } : undefined;
}

function aloneOf(held: Value): readonly [Value] | undefined {
  const [value] = isList(held) && held.length === 1 ? held : [];
  return value === undefined ? undefined : [value];
}

function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

/** Refuses bytes of what a register does not hold: neither nothing nor a stamp and a value. Whoever only looks has no value to ask. */
export function checkStamped(reader: Reader): void {
  if (reader.peek() === 0) return;
  const [length, wallMs, logical] = [readArrayHead(reader), readValue(reader), readValue(reader)];
  const isStamp =
    typeof wallMs === 'number' && typeof logical === 'number' && isHybridTime({ wallMs, logical });
  if (length !== 3 || !isStamp) reader.fail('malformed value');
}

/** The same for a register of many values, which stand alone. */
export function checkAlone(reader: Reader): void {
  if (reader.peek() !== 0 && readArrayHead(reader) !== 1) reader.fail('malformed value');
}
