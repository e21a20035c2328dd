/**
 * What a document asks of a type of value. Each type keeps its own operations, codecs and rules; the document only
 * carries them, so that a new type is one more object of this shape (kinds.ts).
 */
import type { Decoded } from '../../base/codec.ts';
import type { ReplicaId } from '../../base/ids.ts';
import type { Applied, Context, OpId } from '../context.ts';
import type { Replicas } from '../replicas.ts';

export interface Kind<Value, Op extends { readonly id: OpId }, Change> {
  /** Stands in the bytes, for ever. */
  readonly code: number;
  readonly name: string;
  /** The first byte of the operation lists this version writes. A list with a higher one is kept unread. */
  readonly opsVersion: number;
  readonly create: (context: Context) => Value;
  /** Why `apply` would refuse `ops` whole; changes nothing. */
  readonly refuse: (value: Value, ops: readonly Op[]) => string | undefined;
  readonly apply: (value: Value, ops: readonly Op[]) => Applied<Change>;
  /**
   * Takes away everything `value` holds now and nothing that others add meanwhile: two replicas that clear at once
   * have cleared once. Returns the operations.
   */
  readonly clear: (value: Value) => readonly Op[];
  /** Counters one operation takes, at least 1. */
  readonly countersOf: (op: Op) => number;
  /** The same operations in fewer. */
  readonly join: (ops: readonly Op[]) => readonly Op[];
  readonly encodeOps: (ops: readonly Op[], replicaId: ReplicaId, firstCounter: number) => Uint8Array;
  /** Refused, too, when they do not take `counters` counters. */
  readonly decodeOps: (
    bytes: Uint8Array,
    replicaId: ReplicaId,
    firstCounter: number,
    counters: number,
  ) => Decoded<readonly Op[]>;
  /** Where the operations of many entries are saved as one list, and cut again at the counters given. */
  readonly history?: {
    readonly join: (ops: readonly Op[]) => readonly Op[];
    /** `undefined` when an operation cannot be cut there. */
    readonly split: (
      ops: readonly Op[],
      counters: readonly number[],
    ) => readonly (readonly Op[])[] | undefined;
  };
  /** Canonical: equal values have equal bytes. `replicas`: those of the document that it is in. */
  readonly encode: (value: Value, replicas?: Replicas) => Uint8Array;
  /**
   * Refused, too, when it has ids that the document has not seen: they would be given out again. Inside of what is only looked at
   * (`decodeLooked`) the value may be `undefined` or half of it.
   */
  readonly decode: (bytes: Uint8Array, context: Context, replicas?: Replicas) => Decoded<Value>;
}
