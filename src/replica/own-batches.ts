/**
 * Our own log grows here: what is pending becomes a batch, the batch is signed. From then on it is delivered and
 * kept like any other.
 *
 * A batch a keystroke would be a signature and a transaction each, and both queue behind one another. So there is
 * one own batch under way at a time: what is typed meanwhile gathers and shares the next. Typing goes out at
 * once, and a burst is not one batch a character.
 */
import type { BatchId } from '../base/ids.ts';
import type { HybridLogicalClock } from '../clocks/hybrid-logical-clock.ts';
import type { BatchLog } from '../sync/batch-log.ts';
import {
  encodeUnsigned,
  signedMessage,
  withSignature,
  type Batch,
  type BatchHeader,
  type Certificate,
  type Operations,
} from '../sync/batch.ts';
import { certificateFor } from '../sync/certificate.ts';
import type { ReplicaConfig } from './config.ts';
import type { Documents } from './documents.ts';
import type { Effect, Token } from './effects.ts';

export interface OwnBatchesContext {
  readonly config: ReplicaConfig;
  readonly log: BatchLog;
  readonly stamps: HybridLogicalClock;
  readonly documents: Documents;
  readonly newToken: () => Token;
  readonly emit: (effect: Effect) => void;
}

interface Unsigned {
  readonly token: Token;
  readonly id: BatchId;
  readonly header: BatchHeader;
  readonly body: Certificate | Operations;
  readonly bytes: Uint8Array;
}

export class OwnBatches {
  readonly #context: OwnBatchesContext;
  #signing: Unsigned | undefined;

  constructor(context: OwnBatchesContext) {
    this.#context = context;
  }

  /** Edits no batch of the log holds: those being signed, and those that wait for them. */
  get unlogged(): number {
    return Number(this.#signing?.body.type === 'operations') + Number(this.#context.documents.hasPending);
  }

  /** Closes a batch over what is pending; the log's first is its certificate. Not while one is being signed. */
  close(): void {
    const { config, log, stamps, documents, newToken, emit } = this.#context;
    const { keys, crypto, replicaId, device, slot, incarnation, clock } = config;
    const tail = log.tailOf(replicaId);
    if (this.#signing !== undefined || (tail !== undefined && !documents.hasPending)) return;
    const body =
      tail === undefined ? certificateFor(crypto, keys, replicaId, device, slot) : documents.takePending();
    const header: BatchHeader = {
      spaceId: keys.spaceId,
      replicaId,
      incarnation,
      sequence: log.clock.get(replicaId) ?? 0,
      previous: tail?.id,
      dependencies: log.dependenciesFor(replicaId),
      stamp: stamps.stamp(clock.wallMs()),
    };
    const { id, unsigned } = encodeUnsigned(crypto, header, body);
    const token = newToken();
    this.#signing = { token, id, header, body, bytes: unsigned };
    emit({ type: 'sign', token, message: signedMessage(id) });
  }

  /** The batch this signature completes; undefined when it answers no question of ours. */
  signed(token: Token, signature: Uint8Array): Batch | undefined {
    if (this.#signing?.token !== token) return undefined;
    const { id, header, body, bytes } = this.#signing;
    this.#signing = undefined;
    return withSignature(id, header, body, bytes, signature);
  }
}
