import type { RelativePosition, TextChange } from '../../text/messages.ts';
import type { Text } from '../../text/text.ts';
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
    let at = position;
    return this.edit(
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
    return this.edit(
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
