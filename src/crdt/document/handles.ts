/**
 * What a user of a document holds in the hand: one small object a value, which passes edits to the value and its
 * operations to the document. Handles have no state of their own: two of one value are alike, and one of a value that
 * was removed edits it back into being.
 */
import { assert } from '../../base/assert.ts';
import type { ClearableCounter } from '../counters/clearable-counter.ts';
import type { MapOp } from '../map/messages.ts';
import type { RelativePosition, TextChange } from '../text/messages.ts';
import type { Text } from '../text/text.ts';
import { isKey } from './apply.ts';
import type { Container } from './container.ts';
import type { Document } from './document.ts';
import { counterKind, kindName, mapCode, textKind } from './kinds.ts';
import { pathOf, type DocumentBatch } from './messages.ts';
import { mapDepthMax } from '../../base/limits.ts';

/** An edit made inside a transaction is part of the batch that the transaction returns. */
export type Edited = DocumentBatch | undefined;

abstract class Handle {
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
}

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
    let at = position;
    return this.document.edit(
      this.container,
      () => {
        at = this.#snap(position);
        return this.#text.localInsert(position, text);
      },
      (): readonly TextChange[] => [{ from: at, to: at, insert: this.slice(at, at + text.length) }],
    );
  }

  /** Deletes `length` code units from `position`; half a surrogate pair at either end goes as a whole. */
  delete(position: number, length: number): Edited {
    let from = position;
    let before = 0;
    return this.document.edit(
      this.container,
      () => {
        from = this.#snap(position);
        before = this.length;
        return this.#text.localDelete(position, length);
      },
      (): readonly TextChange[] => [{ from, to: from + before - this.length, insert: '' }],
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

/** A counter that goes up and down; removing its key clears it (src/crdt/counters). */
export class DocumentCounter extends Handle {
  get #counter(): ClearableCounter {
    return this.container.leaf(this.document.context) as ClearableCounter;
  }

  /** Exact while it is a safe integer, and the end of the safe range beyond. */
  get value(): number {
    return this.#counter.value;
  }

  /** How much this replica may still count up and down, ever. */
  get room(): { readonly increments: number; readonly decrements: number } {
    return this.#counter.room;
  }

  /** `amount`: whole, not 0, within `room`; negative to count down. */
  add(amount = 1): Edited {
    return this.document.edit(
      this.container,
      () => this.#counter.localAdd(amount),
      () => [{ value: this.value }],
    );
  }
}

/**
 * A map of named values of any kind, maps included. A value is reached by its name and its kind and needs no making:
 * whoever asks for it has it. Two kinds under one name are two values that do not meet.
 */
export class DocumentMap extends Handle {
  text(key: string): DocumentText {
    return new DocumentText(this.document, this.#child(key, textKind.code));
  }

  counter(key: string): DocumentCounter {
    return new DocumentCounter(this.document, this.#child(key, counterKind.code));
  }

  map(key: string): DocumentMap {
    return new DocumentMap(this.document, this.#child(key, mapCode));
  }

  /** The keys under which something is present, in the order of their code units. */
  keys(): string[] {
    const keys: string[] = [];
    for (const child of this.container.sortedChildren())
      if (child.present && keys[keys.length - 1] !== child.id.key) keys.push(child.id.key);
    return keys;
  }

  /** The kinds of what is present under `key`. */
  kinds(key: string): string[] {
    return [...(this.container.children.get(key)?.values() ?? [])]
      .filter(child => child.present)
      .map(child => kindName(child.id.kind))
      .sort();
  }

  has(key: string): boolean {
    return this.kinds(key).length > 0;
  }

  /** Makes the map present under `key` though nothing is in it yet. For the other kinds an edit does. */
  touch(key: string): Edited {
    const child = this.#child(key, mapCode);
    return this.document.edit(this.container, () => {
      const { counter, replicaId } = this.document.context;
      const op: MapOp = { type: 'touch', id: { replicaId, counter: counter.next++ }, key, kind: mapCode };
      child.touch(replicaId, op.id.counter, this.document.presence);
      return [op];
    });
  }

  /**
   * Takes away what is under `key`, of every kind and with everything inside. What others edit there at the same time
   * stays, alone; whoever writes there later begins with nothing.
   */
  delete(key: string): Edited {
    if (!this.has(key)) return undefined;
    return this.document.transact(() => {
      for (const child of this.container.children.get(key)?.values() ?? [])
        if (child.present) this.#clear(child);
      this.document.edit(this.container, () => {
        const { counter, replicaId } = this.document.context;
        const observed = this.container.observedUnder(key);
        const op: MapOp = { type: 'remove', id: { replicaId, counter: counter.next++ }, key, observed };
        this.container.remove(key, observed, this.document.presence);
        return [op];
      });
    });
  }

  /** Empties every value that is present in `outer`. */
  #clear(outer: Container): void {
    for (const { container, kind } of outer.presentLeaves()) {
      const value = container.leaf(this.document.context);
      this.document.edit(container, () => kind.clear(value));
    }
  }

  #child(key: string, kind: number): Container {
    assert(isKey(key), 'a key is well-formed and no longer than mapKeyBytesMax');
    assert(this.path.length < mapDepthMax, 'maps are not nested deeper than mapDepthMax');
    return this.container.ensureChild(key, kind);
  }
}
