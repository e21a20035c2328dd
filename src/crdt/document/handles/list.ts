import type { OpId } from '../../context.ts';
import type { List } from '../../list/list.ts';
import type { ListChange } from '../../list/messages.ts';
import type { Value } from '../../value.ts';
import { Handle, type Edited } from './handle.ts';

/** A list of plain values that can be moved (src/crdt/list). */
export class DocumentList extends Handle {
  get #list(): List {
    return this.container.leaf(this.document.context) as List;
  }

  get length(): number {
    return this.#list.length;
  }

  /** The element at `index`; `undefined` outside the list. */
  get(index: number): Value | undefined {
    return this.#list.get(index);
  }

  toArray(): readonly Value[] {
    return this.#list.toArray();
  }

  /** Names the element at `index` for ever. */
  idAt(index: number): OpId {
    return this.#list.idAt(index);
  }

  /** Where the element `id` is now; `undefined` when it is deleted or not known here. */
  indexOf(id: OpId): number | undefined {
    return this.#list.indexOf(id);
  }

  /** Inserts at `0 <= index <= length`. */
  insert(index: number, ...values: readonly Value[]): Edited {
    return this.edit(
      () => this.#list.localInsert(index, values),
      (): readonly ListChange[] => [{ type: 'insert', index, values }],
    );
  }

  push(...values: readonly Value[]): Edited {
    return this.insert(this.length, ...values);
  }

  delete(index: number, count = 1): Edited {
    return this.edit(
      () => this.#list.localDelete(index, count),
      (): readonly ListChange[] => [{ type: 'delete', index, count }],
    );
  }

  /** Takes the element at `from` out and puts it back in where it will be at `to`. */
  move(from: number, to: number): Edited {
    return this.edit(
      () => this.#list.localMove(from, to),
      (): readonly ListChange[] => [{ type: 'move', from, to }],
    );
  }

  set(index: number, value: Value): Edited {
    return this.edit(
      () => this.#list.localSet(index, value),
      (): readonly ListChange[] => [{ type: 'set', index, value }],
    );
  }
}
