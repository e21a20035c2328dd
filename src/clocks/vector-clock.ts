/**
 * Vector clocks over batch logs (Fidge 1988, Mattern 1988): for each replica, **how many** of its batches are
 * known, so 0 means none and the entry is also the next sequence number expected. Because logs are gap-free,
 * comparing two clocks says exactly what each side lacks in one round.
 */
import { utf8 } from '../base/bytes.ts';
import type { Reader, Writer } from '../base/codec.ts';
import { idBytes, type ReplicaId } from '../base/ids.ts';
import { clockEntriesMax, counterMax } from '../base/limits.ts';
import type { Crypto } from '../base/ports.ts';

export type ReadonlyVectorClock = ReadonlyMap<ReplicaId, number>;
export type VectorClock = Map<ReplicaId, number>;

/** How many batches `clock` has that `other` lacks. */
export function countAhead(clock: ReadonlyVectorClock, other: ReadonlyVectorClock): number {
  let ahead = 0;
  for (const [replicaId, count] of clock) ahead += Math.max(0, count - (other.get(replicaId) ?? 0));
  return ahead;
}

/** Whether everything in `other` is in `clock` too. */
export function covers(clock: ReadonlyVectorClock, other: ReadonlyVectorClock): boolean {
  for (const [replicaId, count] of other) if ((clock.get(replicaId) ?? 0) < count) return false;
  return true;
}

/** Raises `clock` to the pairwise maximum. */
export function mergeInto(clock: VectorClock, other: ReadonlyVectorClock): void {
  for (const [replicaId, count] of other) {
    if ((clock.get(replicaId) ?? 0) < count) clock.set(replicaId, count);
  }
}

/** The logs of which something is known, ascending. */
function knownIn(clock: ReadonlyVectorClock): ReplicaId[] {
  const known: ReplicaId[] = [];
  for (const [replicaId, count] of clock) if (count > 0) known.push(replicaId);
  return known.length > 1 ? known.sort() : known;
}

export function writeClock(writer: Writer, clock: ReadonlyVectorClock): void {
  const known = knownIn(clock);
  writer.varUint(known.length);
  for (const replicaId of known) writer.id(replicaId).varUint(clock.get(replicaId) ?? 0);
}

/** Entries must rise strictly by replica id: one clock has one encoding. */
export function readClock(reader: Reader): VectorClock {
  const clock: VectorClock = new Map();
  const entries = reader.varUint(clockEntriesMax);
  let last = '';
  for (let i = 0; i < entries; i++) {
    const replicaId = reader.id(idBytes) as ReplicaId;
    if (replicaId <= last) reader.fail('clock not sorted');
    last = replicaId;
    const count = reader.varUint(counterMax);
    if (count === 0) reader.fail('empty clock entry');
    if (!reader.looks) clock.set(replicaId, count);
  }
  return clock;
}

/**
 * 8 bytes that differ when the clocks do, or `root`, 32 bytes that stand for the content that the clock counts: what a heartbeat
 * carries instead of both.
 */
export function stateHash(crypto: Crypto, clock: ReadonlyVectorClock, root: Uint8Array): Uint8Array {
  const text = knownIn(clock).map(replicaId => `${replicaId}:${String(clock.get(replicaId) ?? 0)}`);
  return crypto.hashParts('peerloom/state', [utf8(text.join()), root]).slice(0, 8);
}
