/**
 * Batches of others, from bytes to a signature that holds. Nothing is held, let alone applied, before form, space
 * and certificate were checked; and what waits for an answer is bounded, since whoever sends it is a stranger until
 * its signature says otherwise. What is dropped for want of room is no loss: sync asks for it again.
 */
import type { BatchId, ReplicaId } from '../base/ids.ts';
import type { BatchLog } from '../sync/batch-log.ts';
import { decodeBatch, signedMessage, type Batch } from '../sync/batch.ts';
import { certificateHolds } from '../sync/certificate.ts';
import type { ReplicaConfig } from './config.ts';
import type { Effect, Token } from './effects.ts';

/** Signatures under way, in bytes, before further batches are dropped. */
export const verifyingBytesMax = 8 * 1024 * 1024;
/** Bytes that wait for their log's certificate: counted apart, since it may never come. */
export const uncertifiedBytesMax = 2 * 1024 * 1024;

export interface ReceivingContext {
  readonly config: ReplicaConfig;
  readonly log: BatchLog;
  /** The key of a log whose certificate was delivered. */
  readonly deviceKeyOf: (replicaId: ReplicaId) => Uint8Array | undefined;
  readonly newToken: () => Token;
  readonly emit: (effect: Effect) => void;
  readonly refuse: (reason: string, from: ReplicaId) => void;
}

/** Batches of others on their way into the log. */
export interface Held {
  /** Whose signature is being checked; at most `verifyingBytesMax`. */
  readonly verifyingBytes: number;
  /** Whose log's certificate is missing; at most `uncertifiedBytesMax`. */
  readonly uncertifiedBytes: number;
  /** Which wait for what they build on; at most `waitingBatchesMax` and `waitingBytesMax`, beside what the disk brought. */
  readonly waitingBatches: number;
  readonly waitingBytes: number;
}

export interface Received {
  readonly batch: Batch;
  readonly from: ReplicaId;
}

export class Receiving {
  readonly #context: ReceivingContext;
  readonly #verifying = new Map<Token, Received>();
  #verifyingBytes = 0;
  /** Batches that came before their log's certificate. */
  readonly #uncertified = new Map<ReplicaId, Map<BatchId, Received>>();
  #uncertifiedBytes = 0;

  constructor(context: ReceivingContext) {
    this.#context = context;
  }

  get verifyingBytes(): number {
    return this.#verifyingBytes;
  }
  get uncertifiedBytes(): number {
    return this.#uncertifiedBytes;
  }

  /** Returns what the bytes say they are; undefined when they are malformed. */
  receive(bytes: Uint8Array, from: ReplicaId): Batch | undefined {
    // The frame's buffer is the channel's; what we keep is a copy of this batch alone.
    const decoded = decodeBatch(this.#context.config.crypto, bytes.slice());
    if (decoded.ok) this.#examine(decoded.value, from);
    else this.#context.refuse(`batch: ${decoded.reason}`, from);
    return decoded.ok ? decoded.value : undefined;
  }

  /** The batch asked about, when its signature holds. */
  verified(token: Token, holds: boolean): Received | undefined {
    const received = this.#verifying.get(token);
    if (received === undefined) return undefined;
    this.#verifying.delete(token);
    this.#verifyingBytes -= received.batch.bytes.length;
    if (holds) return received;
    this.#context.refuse('batch: signature', received.from);
    return undefined;
  }

  /** This log's certificate is here: what came before it can be verified. */
  certified(replicaId: ReplicaId): void {
    const held = this.#uncertified.get(replicaId);
    this.#uncertified.delete(replicaId);
    for (const received of held?.values() ?? []) {
      this.#uncertifiedBytes -= received.batch.bytes.length;
      this.#verify(received);
    }
  }

  #examine(batch: Batch, from: ReplicaId): void {
    const { config, log, refuse } = this.#context;
    if (batch.spaceId !== config.keys.spaceId) refuse('batch: another space', from);
    else if (log.has(batch.id) || log.isWaiting(batch.id)) return;
    else if (this.#verifyingBytes + batch.bytes.length > verifyingBytesMax) refuse('batch: overflow', from);
    else if (batch.body.type === 'certificate' && !certificateHolds(config.crypto, config.keys, batch)) {
      refuse('batch: certificate', from);
    } else this.#verify({ batch, from });
  }

  #verify(received: Received): void {
    const { deviceKeyOf, newToken, emit } = this.#context;
    const { id, replicaId, body, signature, bytes } = received.batch;
    // The replica id is a hash of the device key, so a certificate that holds is a key to trust already.
    const deviceKey = body.type === 'certificate' ? body.deviceKey : deviceKeyOf(replicaId);
    if (deviceKey === undefined) {
      this.#awaitCertificate(received);
      return;
    }
    this.#verifyingBytes += bytes.length;
    const token = newToken();
    this.#verifying.set(token, received);
    emit({ type: 'verify', token, deviceKey, signature, message: signedMessage(id) });
  }

  #awaitCertificate(received: Received): void {
    const { batch, from } = received;
    const held = this.#uncertified.get(batch.replicaId) ?? new Map<BatchId, Received>();
    if (held.has(batch.id)) return;
    if (this.#uncertifiedBytes + batch.bytes.length > uncertifiedBytesMax) {
      this.#context.refuse('batch: overflow', from);
      return;
    }
    this.#uncertifiedBytes += batch.bytes.length;
    this.#uncertified.set(batch.replicaId, held.set(batch.id, received));
  }
}
