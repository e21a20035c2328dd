/**
 * A transaction on a document as the operations of a section. A document counts for itself, since its versions must name
 * what it knows and nothing else; so its first counter is written, and the section uses up none of the log's.
 */
import { Writer, decode, type Decoded } from '../base/codec.ts';
import type { ReplicaId } from '../base/ids.ts';
import { batchBodyBytesMax, counterMax } from '../base/limits.ts';
import { decodeDocumentBatch, encodeDocumentBatch } from '../crdt/document/batch-codec.ts';
import type { DocumentBatch } from '../crdt/document/messages.ts';

export function encodeDocumentSection(batch: DocumentBatch): Uint8Array {
  return new Writer().varUint(batch.firstCounter).bytes(encodeDocumentBatch(batch)).finish();
}

/** Whatever the bytes are: a transaction of `author`, or the reason why not. */
export function decodeDocumentSection(bytes: Uint8Array, author: ReplicaId): Decoded<DocumentBatch> {
  const head = decode(bytes, reader => ({
    firstCounter: reader.varUint(counterMax),
    batch: reader.bytes(Math.min(reader.left, batchBodyBytesMax)),
  }));
  return head.ok ? decodeDocumentBatch(head.value.batch, author, head.value.firstCounter) : head;
}
