/**
 * Which changes a replica has, in 32 bytes: equal on two replicas when and only when both have the same ones.
 *
 * Hashing the texts would cost their length with each look, and could not tell two histories of one text apart. But each
 * log is a chain: a batch names the hash of the one before it, so the hash of its last one stands for all of it
 * (Merkle 1987; Haber and Stornetta 1991). What is hashed here is that last one of each log, in the order of the replicas' ids.
 *
 * The root in heartbeats (`keeper.ts`) says the same of what the disk holds. While a disk is full or slow a screen shows more than
 * that, and two screens that differ must not show one cloth.
 */
import { utf8 } from '../base/bytes.ts';
import type { Crypto } from '../base/ports.ts';
import type { BatchLog } from '../sync/batch-log.ts';

export function fingerprintOf(crypto: Crypto, log: Pick<BatchLog, 'clock' | 'tailOf'>): Uint8Array {
  const ends = [...log.clock.keys()]
    .sort()
    .map(replicaId => `${replicaId}:${log.tailOf(replicaId)?.id ?? ''}`);
  return crypto.sha256(utf8(`peerloom fingerprint 1\n${ends.join('\n')}`));
}
