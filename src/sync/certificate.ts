/** A replica's certificate: who may begin a log, and how another replica checks it. */
import { equalBytes, fromHex, utf8, concatBytes } from '../base/bytes.ts';
import { replicaIdOf, type ReplicaId } from '../base/ids.ts';
import type { Crypto } from '../base/ports.ts';
import type { SpaceKeys } from '../base/space-keys.ts';
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
 * says, the key is one that signatures can be trusted under, and its writer knew the space's secret. The
 * signature itself is checked with every other batch's.
 */
export function certificateHolds(crypto: Crypto, keys: SpaceKeys, batch: Batch): boolean {
  if (batch.body.type !== 'certificate') return false;
  const { deviceKey, sealingKey, slot, proof } = batch.body;
  if (isWeakKey(deviceKey)) return false;
  const named = replicaIdOf(crypto, deviceKey, batch.spaceId, slot, batch.incarnation);
  return (
    named === batch.replicaId &&
    equalBytes(proof, proofOf(crypto, keys, batch.replicaId, deviceKey, sealingKey))
  );
}

/**
 * Ed25519 keys of small order (WebCrypto takes them, and a signature under one verifies for any message) and
 * encodings that are not canonical (y ≥ p), after Chalkias, Garillot, Nikolaenko 2020, table 1.
 */
export function isWeakKey(key: Uint8Array): boolean {
  const y = key.slice();
  y[31] = (y[31] ?? 0) & 0x7f;
  const lowest = y[0] ?? 0;
  const highOnes = y[31] === 0x7f && y.subarray(1, 31).every(byte => byte === 0xff);
  if (highOnes && lowest >= 0xec) return true; // p - 1 (order 2) and everything from p up
  if (y.subarray(1).every(byte => byte === 0) && lowest <= 1) return true; // 0 (order 4) and 1 (order 1)
  return orderEight.some(weak => equalBytes(weak, y));
}

const orderEight = [
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
].map(fromHex);
