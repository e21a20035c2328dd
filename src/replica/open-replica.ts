/** Opens the replica of a device's slot from what its disk holds, under the first incarnation that may be gone on with. */
import { replicaIdOf, type ReplicaId } from '../base/ids.ts';
import type { StoredSpace } from '../storage/store.ts';
import type { ReplicaConfig } from './config.ts';
import { Replica } from './replica.ts';

/**
 * A log whose end cannot be read back, or that a copy of the profile has written too, is never continued: the slot goes on under
 * another incarnation, at least `incarnationMin`: where it is known that what the disk held is gone, the logs in it are, too.
 */
export function openReplica(
  config: Omit<ReplicaConfig, 'replicaId' | 'incarnation'>,
  stored: StoredSpace,
  incarnationMin = 0,
): Replica {
  const { crypto, device, keys, slot } = config;
  for (let incarnation = incarnationMin; ;) {
    const replicaId = replicaIdOf(crypto, device.deviceKey, keys.spaceId, slot, incarnation);
    // Where its log ended is not to be read any more.
    if (stored.damaged.some(record => record.kind === 'head' && record.replicaId === replicaId)) {
      incarnation++;
      continue;
    }
    const replica = new Replica({ ...config, replicaId, incarnation }, stored);
    const head = stored.heads.find(row => row.replicaId === replicaId);
    const own = head === undefined ? undefined : replica.ownLog(head.batchId);
    if (own === undefined || own.type === 'whole') return replica;
    incarnation = own.type === 'lost' ? incarnation + 1 : incarnationOf(own.branch);
  }
}

/**
 * The next incarnation of whoever wrote `branch`: original and copy both begin one now, with the same key, and must not
 * choose the same. Above 2^40, which nobody counts up to, and below `counterMax`.
 */
function incarnationOf(branch: ReplicaId): number {
  return 2 ** 40 + parseInt(branch.slice(0, 10), 16);
}
