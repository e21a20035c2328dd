/**
 * What a user of a document holds in the hand: one small object a value, which passes edits to the value and its
 * operations to the document. Handles have no state of their own: two of one value are alike, and one of a value that
 * was removed edits it back into being.
 */
import type { Container } from '../container.ts';
import type { Document } from '../document.ts';
import type { LeafChange, LeafOp } from '../kinds.ts';
import { pathOf, type DocumentBatch } from '../messages.ts';

/** An edit made inside a transaction is part of the batch that the transaction returns. */
export type Edited = DocumentBatch | undefined;

export abstract class Handle {
  protected readonly document: Document;
  protected readonly container: Container;

  constructor(document: Document, container: Container) {
    this.document = document;
    this.container = container;
  }

  /** The keys that lead here. */
  get path(): readonly string[] {
    return pathOf(this.container.id);
  }

  /** Was anything edited here, or further inside, that nobody has removed? */
  get present(): boolean {
    return this.container.present;
  }

  /** Lets the value take an edit. `changes` are asked for only when somebody listens. */
  protected edit(run: () => readonly LeafOp[], changes: () => readonly LeafChange[]): Edited {
    return this.document.edit(this.container, run, changes);
  }

  /** As `edit`, for values to which some edits are nothing new: then at least they are present. */
  protected editOrTouch(run: () => readonly LeafOp[], changes: () => readonly LeafChange[]): Edited {
    return this.document.transact(() => {
      let taken = 0;
      this.edit(() => {
        const ops = run();
        taken = ops.length;
        return ops;
      }, changes);
      if (taken === 0 && !this.present) this.document.touch(this.container);
    });
  }
}
