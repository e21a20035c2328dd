/**
 * Damaged bytes for decoders: what was written honestly, with a few bytes changed, lost, doubled or put in. Damage is
 * small, so that much of it passes the first checks and reaches the ones behind. Drawn from a seed and not by
 * fast-check, which is ten times as slow and has nothing to shrink here.
 */
import { deepStrictEqual, fail, ok } from 'node:assert/strict';
import { concatBytes, equalBytes, toHex } from '../../base/bytes.ts';
import type { ReplicaId } from '../../base/ids.ts';
import { SeededRandom } from '../../base/random.ts';
import type { Context, OpId } from '../context.ts';
import type { Kind } from './world.model.ts';

/** What became of the damaged inputs: a test checks that its damage reached every outcome. */
export interface Outcomes {
  readonly refused: number;
  /** Decoded, and refused by the state it was applied to. */
  readonly refusedByState: number;
  readonly taken: number;
}

/** `runs` damaged forms of `good`, the same ones for the same `seed`. */
export function* damaged(good: Uint8Array, runs: number, seed: string): Generator<Uint8Array> {
  const random = new SeededRandom(seed);
  for (let run = 0; run < runs; run++) {
    let bytes: Uint8Array = good.slice();
    for (let times = 1 + random.below(3); times > 0; times--) bytes = damageOnce(bytes, random);
    yield bytes;
  }
}

/**
 * `runs` hostile forms of `good`: damage as above, and besides what an attacker would do: lengths and counts blown up, pieces
 * said again and again, pieces of `other`, which is valid somewhere else.
 */
export function* hostile(
  good: Uint8Array,
  other: Uint8Array,
  runs: number,
  seed: string,
): Generator<Uint8Array> {
  const random = new SeededRandom(seed);
  for (let run = 0; run < runs; run++) {
    let bytes: Uint8Array = good.slice();
    if (random.below(3) > 0) bytes = attackOnce(bytes, other, random);
    for (let times = random.below(3); times > 0; times--) bytes = damageOnce(bytes, random);
    yield bytes;
  }
}

/** Whole numbers as attackers like them, as varints: 127, 16,383, 2^21 - 1, 2^32 - 1, 2^48, 2^53 - 1 and beyond. */
const huge = [
  [0x7f],
  [0xff, 0x7f],
  [0xff, 0xff, 0x7f],
  [0xff, 0xff, 0xff, 0xff, 0x0f],
  [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x40],
  [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f],
  [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
].map(bytes => Uint8Array.from(bytes));

function attackOnce(bytes: Uint8Array, other: Uint8Array, random: SeededRandom): Uint8Array {
  const at = random.below(bytes.length + 1);
  const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)];
  switch (random.below(3)) {
    case 0:
      return concatBytes(before, huge[random.below(huge.length)] ?? bytes, after.subarray(random.below(2)));
    case 1: {
      const piece = after.subarray(0, 1 + random.below(32));
      return concatBytes(before, ...Array.from({ length: 1 + random.below(8) }, () => piece), after);
    }
    default: {
      const from = random.below(other.length + 1);
      return concatBytes(
        before,
        other.subarray(from, from + 1 + random.below(32)),
        after.subarray(random.below(9)),
      );
    }
  }
}

const telling = [0, 1, 2, 0x7f, 0x80, 0xff];

function damageOnce(bytes: Uint8Array, random: SeededRandom): Uint8Array {
  const at = random.below(bytes.length + 1);
  const length = 1 + random.below(4);
  switch (random.below(7)) {
    case 0:
      return bytes.subarray(0, at);
    case 1:
      return concatBytes(bytes.subarray(0, at), bytes.subarray(at + length));
    case 2:
      return concatBytes(bytes.subarray(0, at + length), bytes.subarray(at));
    case 3:
      return concatBytes(bytes.subarray(0, at), Uint8Array.of(random.below(256)), bytes.subarray(at));
    case 4:
      if (at < bytes.length) bytes[at] = telling[random.below(telling.length)] ?? 0;
      return bytes;
    default:
      if (at < bytes.length) bytes[at] = random.below(256);
      return bytes;
  }
}

/**
 * Decodes damaged operations of `author` and applies them to what `reader` makes. Throws when a decoder or `apply`
 * does, when what is refused changed something, or when what was taken left a state that cannot be saved and loaded.
 */
export function damageOps<X, Op extends { readonly id: OpId }, Change, Edit, View>(
  kind: Kind<X, Op, Change, Edit, View>,
  good: Uint8Array,
  author: { readonly replicaId: ReplicaId; readonly first: number },
  reader: () => { readonly x: X; readonly context: Context },
  runs: number,
): Outcomes {
  const outcomes = { refused: 0, refusedByState: 0, taken: 0 };
  let { x, context } = reader();
  const before = kind.encode(x);
  for (const bytes of damaged(good, runs, 'ops')) {
    const decoded = kind.decodeOps(bytes, author.replicaId, author.first);
    if (!decoded.ok) {
      outcomes.refused++;
      continue;
    }
    const applied = kind.apply(x, decoded.value);
    const after = kind.encode(x);
    if (!applied.ok) {
      outcomes.refusedByState++;
      ok(equalBytes(after, before), `refused operations change nothing: ${toHex(bytes)}`);
      continue;
    }
    outcomes.taken++;
    const loaded = kind.decode(after, context);
    ok(loaded.ok, `what was taken can be saved and loaded: ${toHex(bytes)}`);
    deepStrictEqual(kind.view(loaded.value), kind.view(x));
    ({ x, context } = reader());
  }
  return outcomes;
}

/** Decodes damaged states. Throws when the decoder does, or takes what is not in its one form. */
export function damageState<X, Op extends { readonly id: OpId }, Change, Edit, View>(
  kind: Kind<X, Op, Change, Edit, View>,
  good: Uint8Array,
  context: Context,
  runs: number,
): Outcomes {
  const outcomes = { refused: 0, refusedByState: 0, taken: 0 };
  for (const bytes of damaged(good, runs, 'state')) {
    const decoded = kind.decode(bytes, context);
    if (!decoded.ok) {
      outcomes.refused++;
      continue;
    }
    outcomes.taken++;
    if (!equalBytes(kind.encode(decoded.value), bytes)) fail(`not in its one form: ${toHex(bytes)}`);
  }
  return outcomes;
}
