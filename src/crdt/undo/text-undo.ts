/**
 * Undo and redo for a text. Edits go through here, with the time, so that what they delete can be kept; they return
 * the same operations as the text's own methods.
 *
 * An insertion is undone by deleting what of it is still shown, a deletion by inserting the text again where it was
 * (`Text.localRestore`), a mark by writing what was there before wherever nobody has written over it since.
 */
import { assert } from '../../base/assert.ts';
import { ChangeList } from '../text/changes.ts';
import { knownText, shownOf } from '../text/deleted-text.ts';
import type { KnownText } from '../text/deleted-text.ts';
import type { Expand } from '../text/expand.ts';
import { Redraw } from '../text/extras.ts';
import { insertMarked } from '../text/marked-text.ts';
import type { MarkedText } from '../text/marked-text.ts';
import type { IdRange, MarkChange, MarkOp, TextChange, TextOp } from '../text/messages.ts';
import { mergeOps } from '../text/op-log.ts';
import type { Text } from '../text/text.ts';
import type { Value } from '../value.ts';
import { isEmpty, joinEdits, textEdit } from './text-edit.ts';
import type { MarkEdit, TextEdit } from './text-edit.ts';
import { UndoStack } from './undo-stack.ts';
import type { UndoOptions } from './undo-stack.ts';

/** Operations for the log, and what they changed to see, as `Text.apply` would say. */
export interface TextReverted {
  readonly ops: readonly TextOp[];
  readonly changes: readonly TextChange[];
  readonly marks: readonly MarkChange[];
}

export class TextUndo {
  readonly #text: Text;
  readonly #stack: UndoStack<TextEdit, TextReverted>;
  /** By the id of a mark that an undo or redo wrote: whose value it brought back; `undefined` for none. */
  readonly #standsFor = new Map<string, MarkOp | undefined>();

  constructor(text: Text, options: UndoOptions = {}) {
    this.#text = text;
    this.#stack = new UndoStack({ join: joinEdits, revert: edit => this.#revert(edit) }, options);
  }

  get canUndo(): boolean {
    return this.#stack.undoable > 0;
  }

  get canRedo(): boolean {
    return this.#stack.redoable > 0;
  }

  /** As `Text.localInsert`. `nowMs`: any clock that does not go back. */
  localInsert(position: number, text: string, nowMs: number): readonly TextOp[] {
    const ops = this.#text.localInsert(position, text);
    this.#record(textEdit({ inserted: insertedBy(ops) }), nowMs);
    return ops;
  }

  /** As `Text.localDelete`. */
  localDelete(position: number, length: number, nowMs: number): readonly TextOp[] {
    const deleted = knownText(this.#text.tree, position, position + length);
    const ops = this.#text.localDelete(position, length);
    this.#record(textEdit({ deleted }), nowMs);
    return ops;
  }

  /** As `Text.localMark`. */
  localMark(
    from: number,
    to: number,
    name: string,
    value: Value,
    nowMs: number,
    expand?: Expand,
  ): readonly TextOp[] {
    const span = this.#text.spanToMark(from, to, name, value, expand);
    if (span === undefined) return [];
    const edit = this.#mark(span, name, value);
    this.#record(textEdit({ marked: [edit] }), nowMs);
    return [edit.op];
  }

  /** As `Text.localInsertMarked`. */
  localInsertMarked(position: number, pieces: readonly MarkedText[], nowMs: number): readonly TextOp[] {
    const target = {
      localInsert: (at: number, text: string) => this.localInsert(at, text, nowMs),
      localMark: (from: number, to: number, name: string, value: Value) =>
        this.localMark(from, to, name, value, nowMs),
      spans: (from: number, to: number) => this.#text.spans(from, to),
      indexOf: this.#text.indexOf.bind(this.#text),
    };
    return insertMarked(target, position, pieces);
  }

  closeGroup(): void {
    this.#stack.closeGroup();
  }

  /** Takes back one's own last group of edits; `undefined` when there is none of which anything is left. */
  undo(): TextReverted | undefined {
    return this.#stack.undo();
  }

  redo(): TextReverted | undefined {
    return this.#stack.redo();
  }

  #record(edit: TextEdit, nowMs: number): void {
    if (!isEmpty(edit)) this.#stack.record(edit, nowMs);
  }

  #revert(edit: TextEdit): { edit: TextEdit; reverted: TextReverted } | undefined {
    const redraw = new Redraw();
    const marked = [...edit.marked].reverse().flatMap(each => this.#revertMark(each));
    const ops: TextOp[] = marked.map(({ op }) => op);
    const marks = this.#text.extras?.marks;
    if (marks !== undefined) for (const { op } of marked) redraw.add(() => marks.extentOf(op));
    const changes = new ChangeList();
    const restored = this.#text.localRestore(edit.deleted);
    for (const op of restored)
      if (op.type === 'insert') {
        const at = this.#text.indexOf({ id: op.id, assoc: 1 });
        assert(at !== undefined, 'restored text is there');
        changes.insert(at, op.text);
      }
    const deleted: KnownText[] = [];
    const deletions: TextOp[] = [];
    for (const range of edit.inserted) this.#deleteShown(range, deleted, deletions, changes);
    ops.push(...restored, ...mergeOps(deletions));
    if (ops.length === 0) return undefined;
    const restoring = textEdit({ marked, inserted: insertedBy(restored) });
    return {
      edit: joinEdits(restoring, textEdit({ deleted })),
      reverted: { ops, changes: changes.finish(), marks: redraw.finish() },
    };
  }

  /** Deletes what of `range`, or of what it was restored as, is shown. */
  #deleteShown(range: IdRange, deleted: KnownText[], ops: TextOp[], changes: ChangeList): void {
    const { tree, extras } = this.#text;
    for (const { target, length } of shownOf(tree, extras?.restores, range)) {
      const from = this.#text.indexOf({ id: target, assoc: 1 });
      assert(from !== undefined, 'shown text is there');
      const known = knownText(tree, from, from + length);
      deleted.push(...known);
      changes.delete(
        from,
        known.reduce((sum, { text }) => sum + text.length, 0),
      );
      ops.push(...this.#text.localDelete(from, length));
    }
  }

  /** Writes what was there before `edit` wherever its value, or what stands for it, still counts. */
  #revertMark(edit: MarkEdit): readonly MarkEdit[] {
    const { name } = edit.op;
    const own = this.#writerOf(edit.op);
    const written: MarkEdit[] = [];
    for (const before of edit.before)
      for (const now of this.#text.extras?.marks.segments(before.start, before.end, name) ?? []) {
        if (now.op === undefined || this.#writerOf(now.op) !== own) continue;
        const back = this.#mark(now, name, before.op?.value ?? null);
        this.#standsFor.set(keyOf(back.op), before.op);
        written.push(back);
      }
    return written;
  }

  /** Marks a span and remembers what was there. */
  #mark(span: Pick<MarkOp, 'start' | 'end'>, name: string, value: Value): MarkEdit {
    const { start, end } = span;
    const before = this.#text.extras?.marks.segments(start, end, name) ?? [{ start, end, op: undefined }];
    const [op] = this.#text.localMarkSpan(start, end, name, value);
    assert(op?.type === 'mark', 'a mark is one operation');
    return { op, before };
  }

  /** Whose value `op` is: its own, or that of the operation it brought back. */
  #writerOf(op: MarkOp): string | undefined {
    let writer: MarkOp | undefined = op;
    while (writer !== undefined && this.#standsFor.has(keyOf(writer)))
      writer = this.#standsFor.get(keyOf(writer));
    return writer === undefined ? undefined : keyOf(writer);
  }
}

function insertedBy(ops: readonly TextOp[]): readonly IdRange[] {
  return ops.flatMap(op => (op.type === 'insert' ? [{ target: op.id, length: op.text.length }] : []));
}

function keyOf({ id }: MarkOp): string {
  return `${id.replicaId}.${String(id.counter)}`;
}
