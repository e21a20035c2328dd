/**
 * The batch: the signed, hash-chained unit a replica appends to its own log. Everything that is kept or sent
 * is a batch; docs/protocols/batch.md has the bytes.
 *
 * Each batch names its predecessor in the log and the frontier it was written on by **hash**, so a log cannot
 * be rewritten and a dependency says which branch of a fork it means; the sequence number alone could not
 * (Kleppmann, "Making CRDTs Byzantine fault tolerant", 2022). The id is the hash of the unsigned bytes: a
 * second valid signature over the same content is the same batch.
 */
import { concatBytes, fromHex, idAt, utf8 } from '../base/bytes.ts';
import { decode, Writer, type Decoded, type Reader } from '../base/codec.ts';
import {
  batchIdBytes,
  idBytes,
  type BatchId,
  type DocumentId,
  type ReplicaId,
  type SpaceId,
} from '../base/ids.ts';
import {
  batchBodyBytesMax,
  batchDependenciesMax,
  batchSectionsMax,
  counterMax,
  slotMax,
} from '../base/limits.ts';
import type { Crypto } from '../base/ports.ts';
import type { HybridTime } from '../clocks/hybrid-logical-clock.ts';

const version = 1;
export const signatureBytes = 64;

export interface BatchHeader {
  readonly spaceId: SpaceId;
  readonly replicaId: ReplicaId;
  readonly incarnation: number;
  /** 0 for the certificate, then exactly one more each. */
  readonly sequence: number;
  /** The batch before it in the same log; undefined for the first. */
  readonly previous: BatchId | undefined;
  /** The rest of the frontier it was written on, ascending: batches of other replicas. */
  readonly dependencies: readonly BatchId[];
  readonly stamp: HybridTime;
}

export interface Batch extends BatchHeader {
  readonly id: BatchId;
  readonly body: Body;
  readonly signature: Uint8Array;
  /** The whole batch as it travels and is stored, signature included. */
  readonly bytes: Uint8Array;
}

/** What the device vouches for in the first batch of a log. */
export interface Certificate {
  readonly type: 'certificate';
  /** Ed25519, 32 bytes: signs this log's batches. */
  readonly deviceKey: Uint8Array;
  /** X25519, 32 bytes: for sealing key epochs to this device, later. */
  readonly sealingKey: Uint8Array;
  readonly slot: number;
  /** HMAC under the space's membership key: whoever wrote this knew the secret. */
  readonly proof: Uint8Array;
}

/** The operations of one document within a batch, still encoded. */
export interface Section {
  readonly documentId: DocumentId;
  /** Which CRDT they belong to: `textSection`, `documentSection`. Others are kept and passed on unharmed. */
  readonly kind: number;
  /** Counters they use up, so that a replica that cannot read them still counts on. */
  readonly counters: number;
  readonly operations: Uint8Array;
}
export const textSection = 1;
/** A transaction on a document of named values (src/replica/document-engine.ts). It uses up none of the log's counters. */
export const documentSection = 2;

export interface Operations {
  readonly type: 'operations';
  /** The first counter this batch uses: exactly where the log's previous batch stopped. */
  readonly firstCounter: number;
  readonly sections: readonly Section[];
}

/** A body of a later version: kept, counted as nothing, passed on. */
export interface UnknownBody {
  readonly type: 'unknown';
  readonly kind: number;
}

export type Body = Certificate | Operations | UnknownBody;

const bodyKinds = { certificate: 0, operations: 1 } as const;

function encodeBody(body: Certificate | Operations): Uint8Array {
  const writer = new Writer();
  if (body.type === 'certificate') {
    return writer.bytes(body.deviceKey).bytes(body.sealingKey).varUint(body.slot).bytes(body.proof).finish();
  }
  writer.varUint(body.firstCounter).varUint(body.sections.length);
  for (const section of body.sections) {
    writer.id(section.documentId).varUint(section.kind).varUint(section.counters);
    writer.varBytes(section.operations);
  }
  return writer.finish();
}

/** All that is left. */
function readBody(kind: number, reader: Reader): Body {
  if (kind === bodyKinds.certificate) {
    const [deviceKey, sealingKey] = [reader.bytes(32), reader.bytes(32)];
    return {
      type: 'certificate',
      deviceKey,
      sealingKey,
      slot: reader.varUint(slotMax),
      proof: reader.bytes(32),
    };
  }
  if (kind === bodyKinds.operations) {
    const firstCounter = reader.varUint(counterMax);
    const count = reader.varUint(batchSectionsMax);
    const sections: Section[] = [];
    for (let i = 0; i < count; i++) sections.push(readSection(reader));
    return { type: 'operations', firstCounter, sections };
  }
  reader.bytes(reader.left);
  return { type: 'unknown', kind };
}

function readSection(reader: Reader): Section {
  const documentId = reader.id(idBytes) as DocumentId;
  const kind = reader.varUint(0xffff);
  const counters = reader.varUint(counterMax);
  return { documentId, kind, counters, operations: reader.varBytes(batchBodyBytesMax) };
}

/** The unsigned bytes and their id. `signedMessage(id)` is what the device key signs. */
export function encodeUnsigned(
  crypto: Crypto,
  header: BatchHeader,
  body: Certificate | Operations,
): { readonly id: BatchId; readonly unsigned: Uint8Array } {
  const writer = new Writer().byte(version).id(header.spaceId).id(header.replicaId);
  writer.varUint(header.incarnation).varUint(header.sequence);
  if (header.previous !== undefined) writer.id(header.previous);
  writer.varUint(header.dependencies.length);
  for (const dependency of header.dependencies) writer.id(dependency);
  writer.varUint(header.stamp.wallMs).varUint(header.stamp.logical);
  writer.varUint(bodyKinds[body.type]).varBytes(encodeBody(body));
  const unsigned = writer.finish();
  return { id: batchIdOf(crypto, unsigned), unsigned };
}

/** A batch whose signature is still to come: the last 64 of its bytes are zero until `fillSignature`. */
export function unsignedBatch(id: BatchId, header: BatchHeader, body: Body, unsigned: Uint8Array): Batch {
  return withSignature(id, header, body, unsigned, new Uint8Array(signatureBytes));
}

/** `bytes`: a batch, or whatever ends with one. */
export function fillSignature(bytes: Uint8Array, signature: Uint8Array): void {
  bytes.set(signature, bytes.length - signatureBytes);
}

export function withSignature(
  id: BatchId,
  header: BatchHeader,
  body: Body,
  unsigned: Uint8Array,
  signature: Uint8Array,
): Batch {
  const bytes = concatBytes(unsigned, signature);
  return { ...header, id, body, signature: bytes.subarray(unsigned.length), bytes };
}

function batchIdOf(crypto: Crypto, unsigned: Uint8Array): BatchId {
  // Whoever builds on it names it: the same string then, whose hash is known.
  return idAt(crypto.sha256(unsigned), 0, batchIdBytes) as BatchId;
}

const signatureLabel = utf8('peerloom/batch/v1');

/** What is signed: a label, so that a signature means nothing elsewhere, and the id. */
export function signedMessage(id: BatchId): Uint8Array {
  return concatBytes(signatureLabel, fromHex(id));
}

/** Reads one batch. Checks its form, not yet its signature, chain or space. */
export function decodeBatch(crypto: Crypto, bytes: Uint8Array): Decoded<Batch> {
  if (bytes.length <= signatureBytes) return { ok: false, reason: 'short' };
  const unsigned = bytes.subarray(0, bytes.length - signatureBytes);
  return decode<Batch>(unsigned, reader => {
    if (reader.byte() !== version) reader.fail('unknown batch version');
    const spaceId = reader.id(idBytes) as SpaceId;
    const replicaId = reader.id(idBytes) as ReplicaId;
    const incarnation = reader.varUint(counterMax);
    const sequence = reader.varUint(counterMax);
    const previous = sequence > 0 ? (reader.id(batchIdBytes) as BatchId) : undefined;
    const dependencies = readDependencies(reader);
    const stamp = { wallMs: reader.varUint(), logical: reader.varUint() };
    const kind = reader.varUint(0xffff);
    if ((sequence === 0) !== (kind === bodyKinds.certificate)) reader.fail('certificate out of place');
    const length = reader.varUint(batchBodyBytesMax);
    if (length !== reader.left) reader.fail(length > reader.left ? 'short' : 'trailing bytes');
    const body = readBody(kind, reader);
    return {
      spaceId,
      replicaId,
      incarnation,
      sequence,
      previous,
      dependencies,
      stamp,
      id: batchIdOf(crypto, unsigned),
      body,
      signature: bytes.subarray(unsigned.length),
      bytes,
    };
  });
}

function readDependencies(reader: Reader): BatchId[] {
  const count = reader.varUint(batchDependenciesMax);
  const dependencies: BatchId[] = [];
  for (let i = 0; i < count; i++) {
    const dependency = reader.id(batchIdBytes) as BatchId;
    if (dependency <= (dependencies.at(-1) ?? '')) reader.fail('dependencies not sorted');
    dependencies.push(dependency);
  }
  return dependencies;
}
