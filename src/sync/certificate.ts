/** A replica's certificate: who may begin a log, and how another replica checks it. */
import { equalBytes, fromHex, utf8, concatBytes } from '../base/bytes.ts';
import { replicaIdOf, type ReplicaId } from '../base/ids.ts';
import type { Crypto } from '../base/ports.ts';
import type { SpaceKeys } from '../base/space-keys.ts';
import { isWeakKey, isWeakSealingKey } from '../base/weak-keys.ts';
import type { Batch, Certificate } from './batch.ts';

function proofOf(
  crypto: Crypto,
  keys: SpaceKeys,
  replicaId: ReplicaId,
  deviceKey: Uint8Array,
  sealingKey: Uint8Array,
): Uint8Array {
  const message = concatBytes(utf8('peerloom/certificate/v1'), fromHex(replicaId), deviceKey, sealingKey);
  return crypto.hmacSha256(keys.membership, message);
}

export function certificateFor(
  crypto: Crypto,
  keys: SpaceKeys,
  replicaId: ReplicaId,
  device: { readonly deviceKey: Uint8Array; readonly sealingKey: Uint8Array },
  slot: number,
): Certificate {
  const proof = proofOf(crypto, keys, replicaId, device.deviceKey, device.sealingKey);
  return { type: 'certificate', deviceKey: device.deviceKey, sealingKey: device.sealingKey, slot, proof };
}

/**
 * Whether the first batch of a log names itself rightly: the replica id is the hash of what the certificate
 * says, its keys are such that signatures and sealing can be trusted under, and its writer knew the space's secret. The
 * signature itself is checked with every other batch's.
 */
export function certificateHolds(crypto: Crypto, keys: SpaceKeys, batch: Batch): boolean {
  if (batch.body.type !== 'certificate') return false;
  const { deviceKey, sealingKey, slot, proof } = batch.body;
  if (isWeakKey(deviceKey) || isWeakSealingKey(sealingKey)) return false;
  const named = replicaIdOf(crypto, deviceKey, batch.spaceId, slot, batch.incarnation);
  return (
    named === batch.replicaId &&
    equalBytes(proof, proofOf(crypto, keys, batch.replicaId, deviceKey, sealingKey))
  );
}
