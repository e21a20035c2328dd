/**
 * The documents of a space: turns delivered batches into changes, and local edits into operations.
 *
 * Under one id there are two values that do not meet: a **text** (a page: the fast way of a keystroke) and a **document** of
 * named values (a board, a poll, the catalogue of a space). Neither is made: whoever names it has it. So an operation
 * of a document that nobody here has opened or heard of is applied like any other, and is there when somebody looks.
 */
import type { DocumentId, ReplicaId } from '../base/ids.ts';
import { batchSectionsMax } from '../base/limits.ts';
import { assert, assertNever } from '../base/assert.ts';
import type { Context } from '../crdt/context.ts';
import type { Counter } from '../crdt/counter.ts';
import type { Document } from '../crdt/document/document.ts';
import type { DocumentChange } from '../crdt/document/messages.ts';
import { decodeTextOps, encodeTextOps } from '../crdt/text/codec.ts';
import { encodeExtension } from '../crdt/text/extension-codec.ts';
import type { TextChange, TextOp } from '../crdt/text/messages.ts';
import { countersOf, mergeOps } from '../crdt/text/op-log.ts';
import { Text } from '../crdt/text/text.ts';
import { documentSection, textSection, type Batch, type Operations, type Section } from '../sync/batch.ts';
import type { DocumentEngine } from './document-engine.ts';

/**
 * UTF-16 units of text per insert: at most three bytes each, so an insert fits into a batch and a paste of
 * megabytes becomes many batches instead of one refused by everyone.
 */
const insertUnitsMax = 128 * 1024;
/** Bytes of operations per batch, as `bytesAtMost` counts them; the rest of `batchBodyBytesMax` is for sections. */
const batchOpsBytesMax = 400 * 1024;

/** Bytes of one transaction on a document: a batch holds it whole, beside the rest of a section. */
export const transactionBytesMax = batchOpsBytesMax;

type Pending =
  | { readonly type: 'text'; readonly documentId: DocumentId; readonly ops: TextOp[] }
  /** One transaction on a document, encoded: applied whole by everyone, so it travels whole. */
  | { readonly type: 'document'; readonly documentId: DocumentId; readonly operations: Uint8Array };

/** Someone else's edit of a document, already part of it. */
export type Changed =
  | { readonly type: 'text'; readonly changes: readonly TextChange[] }
  | { readonly type: 'document'; readonly changes: readonly DocumentChange[] };

export class Documents {
  readonly #replicaId: ReplicaId;
  readonly #engine: DocumentEngine;
  readonly #stamp: Context['stamp'];
  /** Of all texts together. A document counts for itself: its versions name what it knows and nothing else. */
  readonly #counter: Counter = { next: 0 };
  readonly #texts = new Map<DocumentId, Text>();
  readonly #documents = new Map<DocumentId, Document>();
  /** Local operations no batch holds yet, in the order of their counters. */
  #pending: Pending[] = [];
  #pendingFrom = 0;

  /** `stamp`: for registers and moves, as `Context` says. */
  constructor(replicaId: ReplicaId, engine: DocumentEngine, stamp: Context['stamp']) {
    this.#replicaId = replicaId;
    this.#engine = engine;
    this.#stamp = stamp;
  }

  /** A text exists as soon as somebody looks at it: creating one twice at once gives one. */
  text(documentId: DocumentId): Text {
    let text = this.#texts.get(documentId);
    if (text === undefined) {
      text = new Text(this.#replicaId, this.#counter);
      this.#texts.set(documentId, text);
    }
    return text;
  }

  /** The same of named values. To be edited through `transact` alone. */
  document(documentId: DocumentId): Document {
    let document = this.#documents.get(documentId);
    if (document === undefined) {
      const context = { replicaId: this.#replicaId, counter: { next: 0 }, stamp: this.#stamp };
      document = this.#engine.open(context);
      this.#documents.set(documentId, document);
    }
    return document;
  }

  get hasPending(): boolean {
    return this.#pending.length > 0;
  }

  edit(documentId: DocumentId, changes: readonly TextChange[]): void {
    const text = this.text(documentId);
    for (const { from, to, insert } of changes) {
      if (to > from) this.#note(documentId, text.localDelete(from, to - from));
      for (const piece of piecesOf(insert))
        this.#note(documentId, text.localInsert(from + piece.at, piece.text));
    }
  }

  /**
   * One transaction on a document. `false`: it changed nothing. Who edits keeps it under `transactionBytesMax`: nothing that a
   * person does at once comes near, and what imports cuts into pieces.
   */
  transact(documentId: DocumentId, edits: (document: Document) => void): boolean {
    const document = this.document(documentId);
    const batch = document.transact(() => {
      edits(document);
    });
    if (batch === undefined) return false;
    const operations = this.#engine.write(batch);
    assert(operations.length <= transactionBytesMax, 'a transaction fits into a batch');
    this.#pending.push({ type: 'document', documentId, operations });
    return true;
  }

  #note(documentId: DocumentId, ops: readonly TextOp[]): void {
    if (ops.length === 0) return;
    const last = this.#pending.at(-1);
    if (last?.type === 'text' && last.documentId === documentId) last.ops.push(...ops);
    else this.#pending.push({ type: 'text', documentId, ops: [...ops] });
  }

  /** Takes as much of what is pending as one batch may hold. */
  takePending(): Operations {
    const sections: Section[] = [];
    const firstCounter = this.#pendingFrom;
    let room = batchOpsBytesMax;
    let next = this.#pending[0];
    while (next !== undefined && room > 0 && sections.length < batchSectionsMax) {
      if (next.type === 'document') {
        const { documentId, operations } = next;
        if (sections.length > 0 && operations.length > room) break;
        sections.push({ documentId, kind: documentSection, counters: 0, operations });
        room -= operations.length;
        this.#pending.shift();
        next = this.#pending[0];
        continue;
      }
      const taken: TextOp[] = [];
      let at = 0;
      for (; at < next.ops.length && room > 0; at++) {
        const op = next.ops[at];
        if (op === undefined) break;
        const cost = bytesAtMost(op);
        if (cost > room) break;
        taken.push(op);
        room -= cost;
      }
      if (taken.length === 0) break;
      const counters = countersOf(taken);
      const operations = encodeTextOps(mergeOps(taken), this.#replicaId, this.#pendingFrom);
      sections.push({ documentId: next.documentId, kind: textSection, counters, operations });
      this.#pendingFrom += counters;
      if (at < next.ops.length) {
        next.ops.splice(0, at);
        break;
      }
      this.#pending.shift();
      next = this.#pending[0];
    }
    return { type: 'operations', firstCounter, sections };
  }

  /**
   * Applies a delivered batch of another replica, or one of our own read back. Sections of kinds we do not
   * know are left to newer versions; a section that breaks an invariant is refused whole, and every replica
   * refuses it alike: what a document depends on came before it in the log, too.
   */
  apply(
    batch: Batch,
    changed: (documentId: DocumentId, changed: Changed) => void,
    refused: (reason: string) => void,
  ): void {
    if (batch.body.type !== 'operations') return;
    let counter = batch.body.firstCounter;
    for (const section of batch.body.sections) {
      const from = counter;
      counter += section.counters;
      const applied =
        section.kind === textSection
          ? this.#applyText(section, batch.replicaId, from)
          : section.kind === documentSection
            ? this.#applyDocument(section, batch.replicaId)
            : undefined;
      if (typeof applied === 'string') refused(`operations: ${applied}`);
      else if (applied !== undefined && applied.changes.length > 0) changed(section.documentId, applied);
    }
    if (batch.replicaId === this.#replicaId && this.#pending.length === 0) {
      this.#counter.next = Math.max(this.#counter.next, counter);
      this.#pendingFrom = this.#counter.next;
    }
  }

  #applyText(section: Section, author: ReplicaId, firstCounter: number): Changed | string {
    const ops = decodeTextOps(section.operations, author, firstCounter);
    if (!ops.ok) return ops.reason;
    if (countersOf(ops.value) !== section.counters) return 'counters do not add up';
    const applied = this.text(section.documentId).apply(ops.value);
    return applied.ok ? { type: 'text', changes: applied.changes } : applied.reason;
  }

  #applyDocument({ documentId, operations, counters }: Section, author: ReplicaId): Changed | string {
    if (counters !== 0) return 'counters do not add up';
    const batch = this.#engine.read(operations, author);
    if (!batch.ok) return batch.reason;
    const applied = this.document(documentId).apply(batch.value);
    return applied.ok ? { type: 'document', changes: applied.changes } : applied.reason;
  }
}

/** An encoded operation's header, lengths, place and, once a section, its replica's name, with room to spare. */
function bytesAtMost(op: TextOp): number {
  switch (op.type) {
    case 'insert':
      return 48 + 3 * op.text.length;
    case 'delete':
      return 48;
    case 'mark':
    case 'restore':
    case 'unknown':
      return 48 + encodeExtension(op).bytes.length;
    default:
      return assertNever(op);
  }
}

/** Cuts a long insert, never inside a surrogate pair. */
function piecesOf(insert: string): { at: number; text: string }[] {
  const pieces: { at: number; text: string }[] = [];
  for (let at = 0; at < insert.length;) {
    let end = Math.min(insert.length, at + insertUnitsMax);
    const code = insert.charCodeAt(end - 1);
    if (end < insert.length && code >= 0xd800 && code <= 0xdbff) end--;
    pieces.push({ at, text: insert.slice(at, end) });
    at = end;
  }
  return pieces;
}
