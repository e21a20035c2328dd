/**
 * One replica alone with the test, which plays its disk, its signatures and its peers by hand; and an author
 * of batches who keeps the rules until told to break one.
 */
import { assertNever } from '../base/assert.ts';
import { concatBytes, equalBytes, utf8 } from '../base/bytes.ts';
import { Writer } from '../base/codec.ts';
import { firstPageIdOf, replicaIdOf, type BatchId, type DocumentId, type ReplicaId } from '../base/ids.ts';
import { spaceKeysOf } from '../base/space-keys.ts';
import { HybridLogicalClock } from '../clocks/hybrid-logical-clock.ts';
import type { ReadonlyVectorClock } from '../clocks/vector-clock.ts';
import type { TextChange } from '../crdt/text/messages.ts';
import type { LinkId } from '../net/transport.ts';
import { epochMs } from '../sim/device-clock.ts';
import { sealingKeyOf, type DeviceKeys } from '../sim/node.ts';
import { signatureOf } from '../sim/signer.ts';
import type { BatchKey, CommitResult, ScrubStep, StoredSpace, StoreTransaction } from '../storage/store.ts';
import {
  decodeBatch,
  encodeUnsigned,
  fillSignature,
  signedMessage,
  withSignature,
  type Batch,
  type BatchHeader,
  type Certificate,
  type Operations,
} from '../sync/batch.ts';
import { certificateFor } from '../sync/certificate.ts';
import { nobleCrypto } from '../sync/crypto.ts';
import {
  decodeSyncMessage,
  encodeSyncMessage,
  protocolVersion,
  rootBytes,
  type SyncMessage,
} from '../sync/messages.ts';
import { documentEngine } from './document-engine.ts';
import { Documents } from './documents.ts';
import type { Effect, Input } from './effects.ts';
import { gatherMs } from './keeper.ts';
import { Replica } from './replica.ts';

/** What a replica holds, with a clock that stands still: stamps then count. */
export function documentsOf(replicaId: ReplicaId): Documents {
  const stamps = new HybridLogicalClock();
  return new Documents(replicaId, documentEngine, overwritten => stamps.stampOver(overwritten, epochMs));
}

/** Of the space that simulated worlds are in, too. */
export const keys = spaceKeysOf(nobleCrypto, new Uint8Array(32).fill(7));
export const page = firstPageIdOf(nobleCrypto, keys.spaceId);

function deviceOf(device: number): DeviceKeys {
  return {
    deviceKey: nobleCrypto.sha256(utf8(`device ${String(device)}`)),
    sealingKey: sealingKeyOf(nobleCrypto.sha256(utf8(`sealing ${String(device)}`))),
  };
}

const nothing: StoredSpace = { batches: [], heads: [], outbox: [], damaged: [] };

export class Lone {
  nowMs = 1000;
  readonly replica: Replica;
  readonly sent: { readonly linkId: LinkId; readonly message: SyncMessage }[] = [];
  readonly drops: { readonly linkId: LinkId; readonly reason: string }[] = [];
  readonly kept: BatchId[] = [];
  commits = 0;
  disk: CommitResult = { ok: true };
  /** Where scrubs were asked to go on from. */
  readonly scrubs: (BatchKey | undefined)[] = [];
  /** What is found on the disk; undefined when it does not answer. */
  scrub: (after: BatchKey | undefined) => ScrubStep | undefined = () => undefined;
  readonly transactions: StoreTransaction[] = [];
  /** Signatures wait here while set. */
  holdsSignatures = false;
  readonly #heldBack: Input[] = [];
  readonly #deviceKey: Uint8Array;
  readonly #effects: Effect[] = [];
  #busy = false;

  constructor({ device = 0, slot = 0, stored = nothing } = {}) {
    const { deviceKey, sealingKey } = deviceOf(device);
    this.#deviceKey = deviceKey;
    this.replica = new Replica(
      {
        keys,
        replicaId: replicaIdOf(nobleCrypto, deviceKey, keys.spaceId, slot, 0),
        incarnation: 0,
        slot,
        device: { deviceKey, sealingKey },
        crypto: nobleCrypto,
        documents: documentEngine,
        clock: { monotonicMs: () => this.nowMs, wallMs: () => epochMs + this.nowMs },
        traced: true,
      },
      stored,
    );
    this.#take(this.replica.open({ name: 'Lone', colour: 1 }));
    this.pass(100);
  }

  text(documentId: DocumentId = page): string {
    return this.replica.text(documentId).toString();
  }
  refused(reason: string): number {
    return this.replica.refusals.get(reason);
  }
  edit(changes: readonly TextChange[]): void {
    this.#take(this.replica.edit(page, changes));
  }
  step(input: Input): void {
    this.#take(this.replica.step(input));
  }
  /** Time passes, in ticks of 20 ms. */
  pass(forMs: number): void {
    for (const untilMs = this.nowMs + forMs; this.nowMs < untilMs;) {
      this.nowMs += 20;
      this.step({ type: 'tick' });
    }
  }
  hear(linkId: LinkId, ...messages: readonly SyncMessage[]): void {
    for (const message of messages) this.hearBytes(linkId, encodeSyncMessage(message));
  }
  hearBytes(linkId: LinkId, bytes: Uint8Array): void {
    this.step({ type: 'message', linkId, lane: 'data', bytes });
  }
  /** A link comes up and its peer says its name. */
  meet(linkId: LinkId, replicaId: ReplicaId): void {
    this.step({ type: 'link-up', linkId });
    this.hear(linkId, { type: 'hello', version: protocolVersion, replicaId, heard: true });
  }
  /** Batches come from the peer, and the disk has time to take them. */
  batches(linkId: LinkId, ...batches: readonly (Batch | Uint8Array)[]): void {
    this.hear(linkId, {
      type: 'batches',
      batches: batches.map(batch => ('bytes' in batch ? batch.bytes : batch)),
    });
    this.pass(gatherMs + 20);
  }
  clockOf(linkId: LinkId, clock: ReadonlyVectorClock, root = new Uint8Array(rootBytes)): void {
    this.hear(linkId, { type: 'clock', partial: false, asks: false, clock, root });
  }
  sentOf<T extends SyncMessage['type']>(type: T, linkId?: LinkId): Extract<SyncMessage, { type: T }>[] {
    return this.sent
      .filter(sent => sent.message.type === type && (linkId === undefined || sent.linkId === linkId))
      .map(sent => sent.message as Extract<SyncMessage, { type: T }>);
  }
  releaseSignatures(): void {
    this.holdsSignatures = false;
    for (const input of this.#heldBack.splice(0)) this.step(input);
  }

  #note(linkId: LinkId, bytes: Uint8Array): void {
    const message = decodeSyncMessage(bytes.slice());
    if (message.ok) this.sent.push({ linkId, message: message.value });
  }

  /** Effects are carried out one after the other, those they cause after all before. */
  #take(effects: readonly Effect[]): void {
    this.#effects.push(...effects);
    if (this.#busy) return;
    this.#busy = true;
    for (let next = this.#effects.shift(); next !== undefined; next = this.#effects.shift())
      this.#effect(next);
    this.#busy = false;
  }
  #effect(effect: Effect): void {
    switch (effect.type) {
      case 'verify': {
        const holds = equalBytes(signatureOf(effect.deviceKey, effect.message), effect.signature);
        const answer: Input = { type: 'verified', token: effect.token, holds };
        if (this.holdsSignatures) this.#heldBack.push(answer);
        else this.step(answer);
        break;
      }
      case 'commit': {
        const { linkIds, message } = effect.push;
        const signature = effect.sign && signatureOf(this.#deviceKey, effect.sign.message);
        this.commits++;
        this.transactions.push(effect.transaction);
        if (this.disk.ok) {
          this.kept.push(...(effect.transaction.batches ?? []).map(batch => batch.batchId));
          if (signature !== undefined && message !== undefined) fillSignature(message, signature);
          if (message !== undefined) for (const linkId of linkIds) this.#note(linkId, message);
        }
        this.step({ type: 'committed', token: effect.token, result: this.disk, signature });
        break;
      }
      case 'send':
        this.#note(effect.linkId, effect.bytes);
        break;
      case 'drop-link':
        this.drops.push({ linkId: effect.linkId, reason: effect.reason });
        break;
      case 'scrub': {
        const { token, after } = effect;
        this.scrubs.push(after);
        const step = this.scrub(after);
        if (step !== undefined) this.step({ type: 'scrubbed', token, step });
        break;
      }
      case 'text-changed':
      case 'document-changed':
      case 'presence-changed':
      case 'status-changed':
      case 'trace':
        break;
      default:
        assertNever(effect);
    }
  }
}

/** Writes one log. What it makes it remembers as its own end, except when a rule is broken. */
export class Author {
  readonly replicaId: ReplicaId;
  readonly device: { deviceKey: Uint8Array; sealingKey: Uint8Array };
  readonly slot: number;
  sequence = 0;
  previous: BatchId | undefined;
  stampMs = epochMs;
  readonly #documents: Documents;

  constructor(device: number, slot = 0) {
    this.device = deviceOf(device);
    this.slot = slot;
    this.replicaId = replicaIdOf(nobleCrypto, this.device.deviceKey, keys.spaceId, slot, 0);
    this.#documents = documentsOf(this.replicaId);
  }

  header(dependencies: readonly BatchId[] = []): BatchHeader {
    return {
      spaceId: keys.spaceId,
      replicaId: this.replicaId,
      incarnation: 0,
      sequence: this.sequence,
      previous: this.previous,
      dependencies,
      stamp: { wallMs: this.stampMs, logical: 0 },
    };
  }
  certificateBody(): Certificate {
    return certificateFor(nobleCrypto, keys, this.replicaId, this.device, this.slot);
  }
  certificate(): Batch {
    return this.goOn(sign(this.header(), this.certificateBody(), this.device.deviceKey));
  }
  /** Operations that insert `insert` at the start of the page as this author knows it. */
  operations(insert: string, documentId: DocumentId = page): Operations {
    this.#documents.edit(documentId, [{ from: 0, to: 0, insert }]);
    return this.#documents.takePending();
  }
  write(insert: string, dependencies: readonly BatchId[] = []): Batch {
    return this.goOn(sign(this.header(dependencies), this.operations(insert), this.device.deviceKey));
  }
  goOn(batch: Batch): Batch {
    this.sequence = batch.sequence + 1;
    this.previous = batch.id;
    return batch;
  }
  clock(): ReadonlyVectorClock {
    return new Map([[this.replicaId, this.sequence]]);
  }
}

export function sign(header: BatchHeader, body: Certificate | Operations, deviceKey: Uint8Array): Batch {
  const { id, unsigned } = encodeUnsigned(nobleCrypto, header, body);
  return withSignature(id, header, body, unsigned, signatureOf(deviceKey, signedMessage(id)));
}

/** A batch whose body is of a kind this version does not know. */
export function signUnknown(
  header: BatchHeader,
  kind: number,
  body: Uint8Array,
  deviceKey: Uint8Array,
): Batch {
  const empty = { type: 'operations', firstCounter: 0, sections: [] } as const;
  const { unsigned } = encodeUnsigned(nobleCrypto, header, empty);
  // The empty body is a kind, a length and two bytes.
  const start = unsigned.subarray(0, unsigned.length - 4);
  const own = concatBytes(start, new Writer().varUint(kind).varBytes(body).finish());
  const id = nobleCrypto.sha256(own);
  const message = concatBytes(signedMessage('' as BatchId), id);
  const decoded = decodeBatch(nobleCrypto, concatBytes(own, signatureOf(deviceKey, message)));
  if (!decoded.ok) throw new Error(decoded.reason);
  return decoded.value;
}

export function presenceUpdate(client: number, clock: number, json: string): Uint8Array {
  return new Writer().varUint(1).varUint(client).varUint(clock).varString(json).finish();
}
export function clientOf(replicaId: ReplicaId): number {
  return parseInt(replicaId.slice(0, 12), 16);
}
