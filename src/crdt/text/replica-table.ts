/** The table of other replicas that stands before operations which refer to them by their place in it. */
import type { Reader } from '../../base/codec.ts';
import { toHex } from '../../base/bytes.ts';
import { idBytes } from '../../base/ids.ts';
import type { ReplicaId } from '../../base/ids.ts';
import { clockEntriesMax } from '../../base/limits.ts';

const nobody: readonly ReplicaId[] = [];

/** Refuses a table that names a replica twice, or the author `replicaId`. */
export function readReplicaTable(reader: Reader, replicaId: ReplicaId): readonly ReplicaId[] {
  const size = reader.varUint(clockEntriesMax);
  if (size === 0) return nobody;
  if (size * idBytes > reader.left) reader.fail('short');
  const table = new Set<ReplicaId>();
  for (let i = 0; i < size; i++) {
    const foreign = toHex(reader.bytes(idBytes)) as ReplicaId;
    if (foreign === replicaId || table.has(foreign)) reader.fail('replica named twice');
    table.add(foreign);
  }
  return [...table];
}
