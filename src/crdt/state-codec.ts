/**
 * Pieces of canonical state encodings: equal states must have equal bytes, so whatever has no order of its own is written
 * sorted, and a reader refuses what is not. No count is believed beyond what the bytes left could hold.
 */
import { equalBytes, fromHex, toHex } from '../base/bytes.ts';
import type { Reader, Writer } from '../base/codec.ts';
import { idBytes, type ReplicaId } from '../base/ids.ts';
import { counterMax } from '../base/limits.ts';
import type { OpId } from './context.ts';

/**
 * The ids read last, by a few of their bits: the same few replicas are named again and again, and a string made anew is also
 * hashed anew by every map that it is looked up in.
 */
const recent: { readonly bytes: Uint8Array; readonly replicaId: ReplicaId }[] = [];
const recentMask = 255;

export function readReplicaId(reader: Reader): ReplicaId {
  return replicaIdAt(reader.bytes(idBytes), 0);
}

/** The id whose bytes begin there. */
export function replicaIdAt(all: Uint8Array, at: number): ReplicaId {
  const bytes = at === 0 && all.length === idBytes ? all : all.subarray(at, at + idBytes);
  const place = ((bytes[0] as number) ^ (bytes[7] as number) ^ (bytes[15] as number)) & recentMask;
  const known = recent[place];
  if (known !== undefined && equalBytes(known.bytes, bytes)) return known.replicaId;
  const replicaId = toHex(bytes) as ReplicaId;
  recent[place] = { bytes: bytes.slice(), replicaId };
  return replicaId;
}

export function writeOpId(writer: Writer, { replicaId, counter }: OpId): void {
  writer.bytes(fromHex(replicaId)).varUint(counter);
}

export function readOpId(reader: Reader): OpId {
  return { replicaId: readReplicaId(reader), counter: reader.varUint(counterMax - 1) };
}
