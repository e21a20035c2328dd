/**
 * The obvious registers, each told every operation once: all writes are kept, and what is shown is worked out from
 * them by definition whenever somebody looks.
 */
import fc from 'fast-check';
import { stampLogicalMax, stampWallMsMax } from '../../base/limits.ts';
import { compareHybridTime, lastHybridTime, type HybridTime } from '../../clocks/hybrid-logical-clock.ts';
import { compareOpIds, type Context } from '../context.ts';
import { lawOf } from '../testing/laws.model.ts';
import type { Kind, Model } from '../testing/world.model.ts';
import type { Value } from '../value.ts';
import {
  countersOfRegisterOps,
  decodeLWWOps,
  decodeLWWRegister,
  decodeMVOps,
  decodeMVRegister,
  encodeLWWOps,
  encodeLWWRegister,
  encodeMVOps,
  encodeMVRegister,
} from './codec.ts';
import { LWWRegister } from './lww-register.ts';
import type { LWWChange, LWWSetOp, MVChange, MVSetOp } from './messages.ts';
import { MVRegister } from './mv-register.ts';

/** The writes that no other one names, nor follows in the same log; by author. */
function standing<Op extends MVSetOp>(writes: readonly Op[]): readonly Op[] {
  return writes
    .filter(({ id }) =>
      writes.every(
        other =>
          !other.overwrites.some(dot => compareOpIds(dot, id) === 0) &&
          (other.id.replicaId !== id.replicaId || other.id.counter <= id.counter),
      ),
    )
    .sort((a, b) => compareOpIds(a.id, b.id));
}

class LWWModel implements Model<LWWSetOp, Value | undefined> {
  readonly #writes: LWWSetOp[] = [];
  apply(op: LWWSetOp): void {
    this.#writes.push(op);
  }
  view(): Value | undefined {
    const last = this.#writes.filter(({ stamp }) => compareHybridTime(stamp, lastHybridTime) === 0);
    if (last.length > 0) return standing(last).at(-1)?.value;
    return [...this.#writes]
      .sort((a, b) => compareHybridTime(a.stamp, b.stamp) || compareOpIds(a.id, b.id))
      .at(-1)?.value;
  }
}

class MVModel implements Model<MVSetOp, readonly Value[]> {
  readonly #writes: MVSetOp[] = [];
  apply(op: MVSetOp): void {
    this.#writes.push(op);
  }
  view(): readonly Value[] {
    return standing(this.#writes).map(({ value }) => value);
  }
}

/** A value to write; `forged`, if not null, is the stamp that it gets instead of an honest one. */
export interface LWWEdit {
  readonly value: Value;
  readonly forged: HybridTime | null;
}

/** The stamp that the edit under way forges. */
let forgery: HybridTime | null = null;
const forging = (context: Context): Context => ({
  ...context,
  stamp: overwritten => forgery ?? context.stamp(overwritten),
});

export const lwwRegisterKind: Kind<LWWRegister, LWWSetOp, LWWChange, LWWEdit, Value | undefined> = {
  create: context => new LWWRegister(forging(context)),
  edit: (register, { value, forged }) => {
    const shown = register.written?.stamp;
    const isLater = forged !== null && (shown === undefined || compareHybridTime(forged, shown) > 0);
    forgery = isLater ? forged : null;
    const ops = register.localSet(value);
    forgery = null;
    return ops;
  },
  apply: (register, ops) => register.apply(ops),
  countersOf: countersOfRegisterOps,
  encodeOps: encodeLWWOps,
  decodeOps: decodeLWWOps,
  encode: encodeLWWRegister,
  decode: (bytes, context) => decodeLWWRegister(bytes, forging(context)),
  view: register => register.value,
  model: () => new LWWModel(),
  replay: (before, changes) => (changes.length === 0 ? before : changes.at(-1)?.value),
};

export const mvRegisterKind: Kind<MVRegister, MVSetOp, MVChange, Value, readonly Value[]> = {
  create: context => new MVRegister(context),
  edit: (register, value) => register.localSet(value),
  apply: (register, ops) => register.apply(ops),
  countersOf: countersOfRegisterOps,
  encodeOps: encodeMVOps,
  decodeOps: decodeMVOps,
  encode: encodeMVRegister,
  decode: decodeMVRegister,
  view: register => register.values(),
  model: () => new MVModel(),
  replay: (before, changes) => changes.at(-1)?.values ?? before,
};

const values: fc.Arbitrary<Value> = fc.oneof(
  fc.nat(99),
  fc.constantFrom<Value>('a', '', null, true, -1, 0.5, ['x'], { k: 1 }),
);
/** Up to the last stamp there is and just below, so that writes over a forgery reach the end too. */
const forgeries = fc.oneof(
  { weight: 12, arbitrary: fc.constant(null) },
  {
    weight: 1,
    arbitrary: fc.constantFrom<HybridTime>(
      { wallMs: 2 ** 46, logical: 3 },
      { wallMs: 2 ** 46, logical: stampLogicalMax },
      { wallMs: stampWallMsMax, logical: stampLogicalMax - 1 },
      lastHybridTime,
    ),
  },
);

export const registerLaws = [
  lawOf('LWW-Register', lwwRegisterKind, fc.record({ value: values, forged: fc.constant(null) })),
  lawOf('LWW-Register under forged stamps', lwwRegisterKind, fc.record({ value: values, forged: forgeries })),
  lawOf('multi-value register', mvRegisterKind, values),
];
