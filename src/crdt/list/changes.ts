/** Gathers the visible changes of one call, joining those that touch. */
import type { Value } from '../value.ts';
import type { ListChange } from './messages.ts';

type Open =
  | { readonly type: 'insert'; readonly index: number; readonly values: Value[] }
  | { readonly type: 'delete'; index: number; count: number }
  | Extract<ListChange, { type: 'set' | 'move' }>;

export class ListChanges {
  readonly #changes: Open[] = [];

  insert(index: number, values: readonly Value[]): void {
    const last = this.#changes.at(-1);
    if (last?.type === 'insert' && index === last.index + last.values.length)
      for (const value of values) last.values.push(value);
    else this.#changes.push({ type: 'insert', index, values: [...values] });
  }

  delete(index: number, count: number): void {
    const last = this.#changes.at(-1);
    if (last?.type === 'delete' && (index === last.index || index + count === last.index)) {
      last.index = index;
      last.count += count;
    } else this.#changes.push({ type: 'delete', index, count });
  }

  set(index: number, value: Value): void {
    this.#changes.push({ type: 'set', index, value });
  }

  move(from: number, to: number): void {
    if (from !== to) this.#changes.push({ type: 'move', from, to });
  }

  finish(): readonly ListChange[] {
    return this.#changes;
  }
}
