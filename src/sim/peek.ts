/**
 * Reads what checkers must know of a message straight from its bytes: the full decoders make objects and hash, and a
 * checker that looks at every message sent would cost more than what it checks. Own well-formed messages only.
 */
export const codeOf = { clock: 3, batches: 5 } as const;

/** A varint's value and where it ends, without an object: `end` is read after `varUint`. */
export class Peek {
  at = 0;
  bytes: Uint8Array;
  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }
  varUint(): number {
    let value = 0;
    let scale = 1;
    for (;;) {
      const byte = this.bytes[this.at++] as number;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 128;
    }
  }
}

/** Places in an encoded batch (docs/protocols/batch.md): version, space, then the replica's id. */
export const replicaAt = 17;
const incarnationAt = replicaAt + 16;

/** Sequence number of the batch that begins at `at`; leaves `peek` behind it. */
export function sequenceAt(peek: Peek, at: number): number {
  peek.at = at + incarnationAt;
  peek.varUint();
  return peek.varUint();
}

export interface Stamp {
  readonly wallMs: number;
  readonly logical: number;
}

/** The stamp of an encoded batch. */
export function stampOf(batch: Uint8Array): Stamp {
  const peek = new Peek(batch);
  const sequence = sequenceAt(peek, 0);
  if (sequence > 0) peek.at += 32;
  const dependencies = peek.varUint();
  peek.at += 32 * dependencies;
  return { wallMs: peek.varUint(), logical: peek.varUint() };
}
