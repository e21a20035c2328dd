/** The documents of a space: turns delivered batches into changes, and local edits into operations. */
import { assertNever } from '../base/assert.ts';
import type { DocumentId, ReplicaId } from '../base/ids.ts';
import { batchSectionsMax } from '../base/limits.ts';
import type { Counter } from '../crdt/counter.ts';
import { decodeTextOps, encodeTextOps } from '../crdt/text/codec.ts';
import { encodeExtension } from '../crdt/text/extension-codec.ts';
import type { TextChange, TextOp } from '../crdt/text/messages.ts';
import { countersOf, mergeOps } from '../crdt/text/op-log.ts';
import { Text } from '../crdt/text/text.ts';
import { textSection, type Batch, type Operations, type Section } from '../sync/batch.ts';
import type { Reading } from '../sync/pasts.ts';
import { renamed } from './renaming.ts';

/**
 * UTF-16 units of text per insert: at most three bytes each, so an insert fits into a batch and a paste of
 * megabytes becomes many batches instead of one refused by everyone.
 */
const insertUnitsMax = 128 * 1024;
/** Bytes of operations per batch, as `bytesAtMost` counts them; the rest of `batchBodyBytesMax` is for sections. */
const batchOpsBytesMax = 400 * 1024;

interface Pending {
  readonly documentId: DocumentId;
  readonly ops: TextOp[];
}

export class Documents {
  readonly #replicaId: ReplicaId;
  readonly #counter: Counter = { next: 0 };
  readonly #texts = new Map<DocumentId, Text>();
  /** Local operations no batch holds yet, in the order of their counters. */
  #pending: Pending[] = [];
  #pendingFrom = 0;

  constructor(replicaId: ReplicaId) {
    this.#replicaId = replicaId;
  }

  /** A document exists as soon as somebody looks at it: creating one twice at once gives one. */
  text(documentId: DocumentId): Text {
    let text = this.#texts.get(documentId);
    if (text === undefined) {
      text = new Text(this.#replicaId, this.#counter);
      this.#texts.set(documentId, text);
    }
    return text;
  }

  /** Those that anybody looked at or wrote into. */
  documentIds(): Iterable<DocumentId> {
    return this.#texts.keys();
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

  #note(documentId: DocumentId, ops: readonly TextOp[]): void {
    if (ops.length === 0) return;
    const last = this.#pending.at(-1);
    if (last?.documentId === documentId) last.ops.push(...ops);
    else this.#pending.push({ documentId, ops: [...ops] });
  }

  /** Takes as much of what is pending as one batch may hold. */
  takePending(): Operations {
    const sections: Section[] = [];
    const firstCounter = this.#pendingFrom;
    let room = batchOpsBytesMax;
    let next = this.#pending[0];
    while (next !== undefined && room > 0 && sections.length < batchSectionsMax) {
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
   * refuses it alike. `reading`: where logs have branches.
   */
  apply(
    batch: Batch,
    changed: (documentId: DocumentId, changes: readonly TextChange[]) => void,
    refused: (reason: string) => void,
    reading?: Reading,
  ): void {
    if (batch.body.type !== 'operations') return;
    const author = reading?.author ?? batch.replicaId;
    let counter = batch.body.firstCounter;
    for (const section of batch.body.sections) {
      const from = counter;
      counter += section.counters;
      if (section.kind !== textSection) continue;
      const ops = decodeTextOps(section.operations, author, from);
      if (!ops.ok) refused(`operations: ${ops.reason}`);
      else if (countersOf(ops.value) !== section.counters) refused('operations: counters do not add up');
      else {
        const meant = reading === undefined ? ops.value : renamed(ops.value, reading);
        if (meant === undefined) {
          refused('operations: of either branch');
          continue;
        }
        const applied = this.text(section.documentId).apply(meant);
        if (!applied.ok) refused(`operations: ${applied.reason}`);
        else if (applied.changes.length > 0) changed(section.documentId, applied.changes);
      }
    }
    if (author === this.#replicaId && this.#pending.length === 0) this.goOnAt(counter);
  }

  /** Our own operations up to `counter` are in a log. */
  goOnAt(counter: number): void {
    this.#counter.next = Math.max(this.#counter.next, counter);
    this.#pendingFrom = this.#counter.next;
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
