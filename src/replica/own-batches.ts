/**
 * Our own log grows here: what is pending becomes a batch. From then on it is delivered and kept like any other; its
 * signature comes with the transaction that keeps it, since whoever keeps it signs it first.
 *
 * A batch a keystroke would be a signature and a transaction each, and both queue behind one another. So there is
 * one own batch under way at a time: what is typed meanwhile gathers and shares the next. Typing goes out at
 * once, and a burst is not one batch a character.
 */
import type { ReplicaId } from '../base/ids.ts';
import type { HybridLogicalClock } from '../clocks/hybrid-logical-clock.ts';
import type { BatchLog } from '../sync/batch-log.ts';
import { encodeUnsigned, unsignedBatch, type Batch, type BatchHeader } from '../sync/batch.ts';
import { certificateFor } from '../sync/certificate.ts';
import type { ReplicaConfig } from './config.ts';
import type { Documents } from './documents.ts';

export interface OwnBatchesContext {
  readonly config: ReplicaConfig;
  readonly log: BatchLog;
  /** What clocks call the log that it goes into: this replica's name, or that of its branch. */
  readonly name: ReplicaId;
  readonly stamps: HybridLogicalClock;
  readonly documents: Documents;
}

/** A batch over what is pending, without its signature; the log's first is its certificate. Undefined when nothing is. */
export function closeBatch({ config, log, name, stamps, documents }: OwnBatchesContext): Batch | undefined {
  const { keys, crypto, replicaId, device, slot, incarnation, clock } = config;
  const tail = log.tailOf(name);
  if (tail !== undefined && !documents.hasPending) return undefined;
  const body =
    tail === undefined ? certificateFor(crypto, keys, replicaId, device, slot) : documents.takePending();
  const header: BatchHeader = {
    spaceId: keys.spaceId,
    replicaId,
    incarnation,
    sequence: log.clock.get(name) ?? 0,
    previous: tail?.id,
    dependencies: log.dependenciesFor(name),
    stamp: stamps.stamp(clock.wallMs()),
  };
  const { id, unsigned } = encodeUnsigned(crypto, header, body);
  return unsignedBatch(id, header, body, unsigned);
}
