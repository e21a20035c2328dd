/** Whether a mark or a restore may be applied, by the rules of `validate.ts`. */
import { assertNever } from '../../base/assert.ts';
import { utf8 } from '../../base/bytes.ts';
import { isId } from '../../base/ids.ts';
import type { ReplicaId } from '../../base/ids.ts';
import { markNameBytesMax } from '../../base/limits.ts';
import { isHybridTime, isLastHybridTime } from '../../clocks/hybrid-logical-clock.ts';
import type { OpId } from '../context.ts';
import { isRange, lengthOfRanges } from './id-range.ts';
import type { ExtensionOp, IdRange, MarkOp, RelativePosition, RestoreOp } from './messages.ts';
import { pairsOf } from './surrogates.ts';

/** What is known when the operation comes: the text's characters and those of the operations before it. */
export interface Known {
  /** Counter after the last one of the known stretch that holds `counter`; 0 when that is unknown. */
  readonly knownEnd: (replicaId: ReplicaId, counter: number) => number;
  /** Are the ids `counter - 1` and `counter` one character? */
  readonly cutsPair: (replicaId: ReplicaId, counter: number) => boolean;
  /** Is that a mark with the last stamp? */
  readonly hasLastMark: (id: OpId) => boolean;
}

export function refuseExtension(op: ExtensionOp, known: Known): string | undefined {
  if (!isId(op.id.replicaId)) return 'malformed replica id';
  switch (op.type) {
    case 'mark':
      return refuseMark(op, known);
    case 'restore':
      return refuseRestore(op, known);
    case 'unknown':
      return isRange(op.id.counter, op.counters) ? undefined : 'counter out of range';
    default:
      return assertNever(op);
  }
}

function refuseMark({ id, start, end, name, stamp, follows }: MarkOp, known: Known): string | undefined {
  if (!isRange(id.counter, 1)) return 'counter out of range';
  if (name.length === 0) return 'mark without a name';
  if (name.length > markNameBytesMax || utf8(name).length > markNameBytesMax) return 'name too long';
  if (pairsOf(name) === undefined) return 'lone surrogate';
  if (!isHybridTime(stamp)) return 'stamp out of range';
  if (follows !== undefined) {
    if (!isLastHybridTime(stamp)) return 'follows another without the last stamp';
    if (follows.replicaId === id.replicaId && follows.counter >= id.counter) return 'mark is not older';
    if (!known.hasLastMark(follows)) return 'unknown mark';
  }
  if ((start.id === null && start.assoc === 1) || (end.id === null && end.assoc === -1))
    return 'mark of nothing';
  return refuseAnchor(start, id, known) ?? refuseAnchor(end, id, known);
}

function refuseAnchor({ id, assoc }: RelativePosition, author: OpId, known: Known): string | undefined {
  if (id === null) return undefined;
  const { replicaId, counter } = id;
  if (!isRange(counter, 1)) return 'target out of range';
  if (replicaId === author.replicaId && counter >= author.counter) return 'target is not older';
  if (known.knownEnd(replicaId, counter) === 0) return 'unknown target';
  return known.cutsPair(replicaId, assoc === 1 ? counter : counter + 1)
    ? 'splits a surrogate pair'
    : undefined;
}

function refuseRestore({ id, ranges }: RestoreOp, known: Known): string | undefined {
  if (!isRange(id.counter, 1)) return 'counter out of range';
  if (ranges.length === 0) return 'empty restore';
  let to = id.counter - lengthOfRanges(ranges);
  for (const range of ranges) {
    const { target, length } = range;
    if (!isRange(target.counter, length) || !isRange(to, length)) return 'target out of range';
    // Restored text is newer than what it restores, and each character restores one: chains have an end.
    if (target.replicaId === id.replicaId && target.counter + length > to) return 'target is not older';
    const restored = { target: { replicaId: id.replicaId, counter: to }, length };
    const reason = refuseRange(range, known) ?? refuseRange(restored, known);
    if (reason !== undefined) return reason;
    to += length;
  }
  return undefined;
}

function refuseRange({ target, length }: IdRange, known: Known): string | undefined {
  const { replicaId, counter } = target;
  const end = counter + length;
  // Each step passes one stretch of known ids, so a length from outside cannot make this longer than our own text.
  for (let at = counter; at < end;) {
    at = known.knownEnd(replicaId, at);
    if (at === 0) return 'unknown target';
  }
  return known.cutsPair(replicaId, counter) || known.cutsPair(replicaId, end)
    ? 'splits a surrogate pair'
    : undefined;
}
