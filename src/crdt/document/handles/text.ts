import type { Expand } from '../../text/expand.ts';
import type { MarkedText } from '../../text/marked-text.ts';
import type { MarkSet, MarkSpan } from '../../text/marks.ts';
import type { MarkChange, RelativePosition, TextChange, TextOp } from '../../text/messages.ts';
import type { Text } from '../../text/text.ts';
import type { TextVersions } from '../../text/versions.ts';
import { TextUndo, type TextReverted } from '../../undo/text-undo.ts';
import type { UndoOptions } from '../../undo/undo-stack.ts';
import type { Value } from '../../value.ts';
import { textVersionsOf } from '../text-versions.ts';
import { Handle, type Edited } from './handle.ts';

/** A text (src/crdt/text). Positions count UTF-16 code units. */
export class DocumentText extends Handle {
  get #text(): Text {
    return this.container.leaf(this.document.context) as Text;
  }

  get length(): number {
    return this.#text.length;
  }

  override toString(): string {
    return this.#text.toString();
  }

  slice(from: number, to?: number): string {
    return this.#text.slice(from, to);
  }

  /** Inserts at `0 <= position <= length`; inside a surrogate pair, before the pair. */
  insert(position: number, text: string): Edited {
    return this.editText(position, value => value.localInsert(position, text));
  }

  /** Deletes `length` code units from `position`; half a surrogate pair at either end goes as a whole. */
  delete(position: number, length: number): Edited {
    return this.editText(position, value => value.localDelete(position, length));
  }

  /** Marks `[from, to)` with `value` under `name` (Peritext); null takes the mark away. */
  mark(from: number, to: number, name: string, value: Value, expand?: Expand): Edited {
    return this.edit(
      () => this.#text.localMark(from, to, name, value, expand),
      (): readonly MarkChange[] => [{ from, to }],
    );
  }

  /** Inserts text that brings its marks along and takes on none of those around it. */
  insertMarked(position: number, pieces: readonly MarkedText[]): Edited {
    return this.editText(position, value => value.localInsertMarked(position, pieces));
  }

  /** The marks of the character at `0 <= index < length`. */
  marksAt(index: number): MarkSet {
    return this.#text.marksAt(index);
  }

  /** All of `[from, to)`, cut wherever the marks change. */
  spans(from?: number, to?: number): readonly MarkSpan[] {
    return this.#text.spans(from, to);
  }

  /** The marks that text typed at `0 <= position <= length` would have. */
  insertedMarks(position: number): MarkSet {
    return this.#text.insertedMarks(position);
  }

  /**
   * What it said earlier, what changed, who wrote it, and branches (src/crdt/text/versions.ts). A version is a copy of what
   * `Document.version` was then. It sees what comes later no more than a photograph does; `undefined` when the document
   * has not kept all of its history. The marks of a version are those of its branch: `branch(version, …).text.spans()`.
   */
  versions(): TextVersions | undefined {
    return textVersionsOf(this.document, this.container.id, this.#text);
  }

  /** A memory of edits made through it, which can be taken back (src/crdt/undo). */
  undoable(options?: UndoOptions): UndoableText {
    return new UndoableText(this, this.#text, options);
  }

  /** Lets the text take an insertion or a deletion at `position`. For this module. */
  editText(position: number, run: (text: Text) => readonly TextOp[]): Edited {
    let at = position;
    let before = 0;
    return this.edit(
      () => {
        at = this.#snap(position);
        before = this.length;
        return run(this.#text);
      },
      (): readonly TextChange[] => {
        const grown = this.length - before;
        return grown < 0
          ? [{ from: at, to: at - grown, insert: '' }]
          : [{ from: at, to: at, insert: this.slice(at, at + grown) }];
      },
    );
  }

  /** Notes what an undo or a redo did. For this module. */
  noteReverted(revert: () => TextReverted | undefined): Edited {
    let reverted: TextReverted | undefined;
    return this.edit(
      () => (reverted = revert())?.ops ?? [],
      () => [...(reverted?.changes ?? []), ...(reverted?.marks ?? [])],
    );
  }

  /** The place before (`assoc` 1) or after (-1) the character that stands there now. */
  relativePosition(index: number, assoc: -1 | 1): RelativePosition {
    return this.#text.relativePosition(index, assoc);
  }

  /** Where `position` is now; `undefined` if it is not known here. */
  indexOf(position: RelativePosition): number | undefined {
    return this.#text.indexOf(position);
  }

  /** `position`, or the one before when it would cut a surrogate pair. */
  #snap(position: number): number {
    const around = this.slice(position - 1, position + 1);
    return /^[\ud800-\udbff][\udc00-\udfff]$/.test(around) ? position - 1 : position;
  }
}

/**
 * Edits of a text that can be taken back, one's own only. `nowMs` is any clock that does not go back: edits that follow
 * closely are one group.
 */
export class UndoableText {
  readonly #handle: DocumentText;
  readonly #undo: TextUndo;

  constructor(handle: DocumentText, text: Text, options?: UndoOptions) {
    this.#handle = handle;
    this.#undo = new TextUndo(text, options);
  }

  get canUndo(): boolean {
    return this.#undo.canUndo;
  }

  get canRedo(): boolean {
    return this.#undo.canRedo;
  }

  insert(position: number, text: string, nowMs: number): Edited {
    return this.#handle.editText(position, () => this.#undo.localInsert(position, text, nowMs));
  }

  delete(position: number, length: number, nowMs: number): Edited {
    return this.#handle.editText(position, () => this.#undo.localDelete(position, length, nowMs));
  }

  mark(from: number, to: number, name: string, value: Value, nowMs: number, expand?: Expand): Edited {
    return this.#handle.noteReverted(() => {
      const ops = this.#undo.localMark(from, to, name, value, nowMs, expand);
      return { ops, changes: [], marks: [{ from, to }] };
    });
  }

  /** What comes next is a group of its own. */
  closeGroup(): void {
    this.#undo.closeGroup();
  }

  /** Takes back one's own last group of edits, as far as it still stands. */
  undo(): Edited {
    return this.#handle.noteReverted(() => this.#undo.undo());
  }

  redo(): Edited {
    return this.#handle.noteReverted(() => this.#undo.redo());
  }
}
