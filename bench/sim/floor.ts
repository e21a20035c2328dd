/**
 * What no simulator could save: of a played world only its batches, decoded, hashed, verified, put in their order and applied by
 * each replica that did not write them, and put in order and applied by the one that did, with the production code and nothing else. No events, messages, acknowledgements,
 * timers, disks, faults, links or checkers. The speed that a simulator of this code can have lies below this.
 */
import process from 'node:process';
import type { ReplicaId } from '../../src/base/ids.ts';
import type { Crypto } from '../../src/base/ports.ts';
import { documentEngine } from '../../src/replica/document-engine.ts';
import { Documents } from '../../src/replica/documents.ts';
import { syncCheckers } from '../../src/sim/checkers/sync-checkers.ts';
import { schedule } from '../../src/sim/inflict.ts';
import type { Plan } from '../../src/sim/plan.ts';
import { sharedHashing } from '../../src/sim/shared-hashing.ts';
import { isSignedBy } from '../../src/sim/signer.ts';
import { World } from '../../src/sim/world.ts';
import { decodeBatch, signedMessage, type Batch } from '../../src/sync/batch.ts';
import { BatchLog } from '../../src/sync/batch-log.ts';
import { nobleCrypto } from '../../src/sync/crypto.ts';

/** All batches that the first device of `plan` has after its safety phase, in an order of delivery. */
export function batchesOf(plan: Plan): Batch[] {
  const world = new World(plan, syncCheckers);
  schedule(world, plan.faults);
  world.run(plan.safetyMs);
  const log = new BatchLog();
  const stored = world
    .device(0)
    .disk.load()
    .batches.map(({ bytes }) => bytes);
  log.load(
    stored.map(bytes => decoded(nobleCrypto, bytes)),
    () => undefined,
  );
  return [...log.delivered];
}

function decoded(crypto: Crypto, bytes: Uint8Array): Batch {
  const batch = decodeBatch(crypto, bytes);
  return batch.ok ? batch.value : refuse(batch.reason);
}

function refuse(reason: string): never {
  throw new Error(`a batch of the world is refused: ${reason}`);
}

/** The worlds write texts alone, which stamp nothing. */
function unstamped(): never {
  throw new Error('a text stamps nothing');
}

/** Milliseconds of a core in which as many replicas as wrote them take in all of the batches. */
export function takenInMs(batches: readonly Batch[]): number {
  const crypto = sharedHashing(nobleCrypto);
  const keys = new Map<ReplicaId, Uint8Array>();
  for (const { replicaId, body } of batches)
    if (body.type === 'certificate') keys.set(replicaId, body.deviceKey);
  const replicas = [...keys.keys()].map(id => ({
    id,
    log: new BatchLog(),
    documents: new Documents(id, documentEngine, unstamped),
  }));
  let taken = 0;
  const before = process.cpuUsage();
  // Each batch at everybody, then the next: as the simulator meets them, so that the hash is known four times of five.
  for (const written of batches) {
    const key = keys.get(written.replicaId);
    for (const { id, log, documents } of replicas) {
      // What writing costs is not counted, so that the floor lies low.
      const batch = id === written.replicaId ? written : decoded(crypto, written.bytes);
      if (batch !== written && !(key && isSignedBy(key, signedMessage(batch.id), batch.signature)))
        return refuse('signature');
      log.admit(batch, given => {
        documents.apply(given, () => undefined, refuse);
        taken++;
      });
    }
  }
  const { user, system } = process.cpuUsage(before);
  if (taken !== batches.length * replicas.length) refuse('some were not delivered');
  return (user + system) / 1000;
}
