/** Opens the replica of a device's slot from what its disk holds, under the first incarnation that may be gone on with. */
import { replicaIdOf } from '../base/ids.ts';
import type { StoredSpace } from '../storage/store.ts';
import type { ReplicaConfig } from './config.ts';
import { Replica } from './replica.ts';

/**
 * A log whose end cannot be read back is never continued: the slot goes on under its next incarnation, at least `incarnationMin`:
 * where it is known that what the disk held is gone, the logs in it are, too.
 */
export function openReplica(
  config: Omit<ReplicaConfig, 'replicaId' | 'incarnation'>,
  stored: StoredSpace,
  incarnationMin = 0,
): Replica {
  for (let incarnation = incarnationMin; ; incarnation++) {
    const { crypto, device, keys, slot } = config;
    const replicaId = replicaIdOf(crypto, device.deviceKey, keys.spaceId, slot, incarnation);
    // Where its log ended is not to be read any more.
    if (stored.damaged.some(record => record.kind === 'head' && record.replicaId === replicaId)) continue;
    const replica = new Replica({ ...config, replicaId, incarnation }, stored);
    const head = stored.heads.find(row => row.replicaId === replicaId);
    if (head === undefined || replica.clock.get(replicaId) === head.sequence + 1) return replica;
  }
}
