/**
 * Undo and redo of one's own edits. Taking back the last state would take back what others wrote since; and undoing
 * by position hits the wrong place once they have. So an edit is remembered by what it did to which ids, and taken
 * back by a **new** edit that says what is still to be undone; that edit's own reversal is the redo. (Selective undo
 * by own operations, as Weiss, Urso, Molli 2010, "Logoot-Undo", ask for; they count each operation up and down,
 * here a reversal is an edit like any other, so nothing new has to converge.)
 *
 * Edits that follow closely are one group. The stack asks nobody for the time: whoever records says when.
 */

/** How a type of data takes its edits back. */
export interface Undoable<Edit, Reverted> {
  /** One edit that did what `first` and then `second` did. May change and return `first`, which nobody else holds. */
  readonly join: (first: Edit, second: Edit) => Edit;
  /**
   * Does what takes `edit` back, as far as it still stands. `undefined` when nothing of it does; else what is to
   * be told the outside, and the edit that this was.
   */
  readonly revert: (edit: Edit) => { readonly edit: Edit; readonly reverted: Reverted } | undefined;
}

export interface UndoOptions {
  /** Edits at most this far apart are one group, in milliseconds. */
  readonly groupGapMs?: number;
  /** Groups kept; the oldest go first. */
  readonly groupsMax?: number;
}

/** As editors do: a pause in typing shorter than this is part of a word. */
const groupGapMsDefault = 500;
/** More than anybody undoes by hand; each group keeps its deleted text. */
const groupsMaxDefault = 1000;

export class UndoStack<Edit, Reverted> {
  readonly #undoable: Undoable<Edit, Reverted>;
  readonly #groupGapMs: number;
  readonly #groupsMax: number;
  readonly #undo: Edit[] = [];
  readonly #redo: Edit[] = [];
  /** When the last edit of the open group was made; `undefined` when the next one begins a group. */
  #lastMs: number | undefined = undefined;

  constructor(undoable: Undoable<Edit, Reverted>, options: UndoOptions = {}) {
    this.#undoable = undoable;
    this.#groupGapMs = options.groupGapMs ?? groupGapMsDefault;
    this.#groupsMax = options.groupsMax ?? groupsMaxDefault;
  }

  /** Groups that can be undone; what others have removed since may turn out to be nothing. */
  get undoable(): number {
    return this.#undo.length;
  }

  get redoable(): number {
    return this.#redo.length;
  }

  /** Remembers an edit just made. What was undone before cannot be redone any more. */
  record(edit: Edit, nowMs: number): void {
    this.#redo.length = 0;
    const last = this.#lastMs;
    const open = last !== undefined && nowMs >= last && nowMs - last <= this.#groupGapMs;
    const group = open ? this.#undo.pop() : undefined;
    this.#lastMs = nowMs;
    this.#undo.push(group === undefined ? edit : this.#undoable.join(group, edit));
    if (this.#undo.length > this.#groupsMax) this.#undo.shift();
  }

  /** The next edit begins a new group: the cursor moved, the page lost focus. */
  closeGroup(): void {
    this.#lastMs = undefined;
  }

  /** Takes back the last group of which anything is left. */
  undo(): Reverted | undefined {
    return this.#move(this.#undo, this.#redo);
  }

  /** Takes back the last undo of which anything is left. */
  redo(): Reverted | undefined {
    return this.#move(this.#redo, this.#undo);
  }

  #move(from: Edit[], to: Edit[]): Reverted | undefined {
    this.closeGroup();
    for (let edit = from.pop(); edit !== undefined; edit = from.pop()) {
      const done = this.#undoable.revert(edit);
      if (done === undefined) continue;
      to.push(done.edit);
      return done.reverted;
    }
    return undefined;
  }
}
