/**
 * Documents of named values, as a replica is handed them: all kinds of values and their bytes. A port and no import, since a page
 * that only writes text needs none of it before its caret stands there: the app has it come beside the editor
 * (docs/adr/0014-document-engine.md).
 *
 * A document counts for itself, since its versions must name what it knows and nothing else; so its first counter is written
 * before its batch, and a section uses up none of the log's.
 */
import { Writer, decode, type Decoded } from '../base/codec.ts';
import type { ReplicaId } from '../base/ids.ts';
import { batchBodyBytesMax, counterMax } from '../base/limits.ts';
import type { Context } from '../crdt/context.ts';
import { decodeDocumentBatch, encodeDocumentBatch } from '../crdt/document/batch-codec.ts';
import { Document } from '../crdt/document/document.ts';
import type { DocumentBatch } from '../crdt/document/messages.ts';

export interface DocumentEngine {
  open(context: Context): Document;
  /** A transaction as the operations of a section. */
  write(batch: DocumentBatch): Uint8Array;
  /** Whatever the bytes are: a transaction of `author`, or the reason why not. */
  read(bytes: Uint8Array, author: ReplicaId): Decoded<DocumentBatch>;
}

export const documentEngine: DocumentEngine = {
  // Its batches are in the log already; a second copy of them would serve nobody.
  open: context => new Document(context, { history: false }),
  write: batch => new Writer().varUint(batch.firstCounter).bytes(encodeDocumentBatch(batch)).finish(),
  read: (bytes, author) => {
    const head = decode(bytes, reader => ({
      firstCounter: reader.varUint(counterMax),
      batch: reader.bytes(Math.min(reader.left, batchBodyBytesMax)),
    }));
    return head.ok ? decodeDocumentBatch(head.value.batch, author, head.value.firstCounter) : head;
  },
};
