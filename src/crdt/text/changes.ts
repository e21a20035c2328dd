/** Gathers the visible changes of one call, joining those that touch, so that an editor gets one edit a word. */
import type { TextChange } from './messages.ts';

interface Open {
  from: number;
  to: number;
  insert: string;
}

export class ChangeList {
  readonly #changes: Open[] = [];
  #last: Open | undefined = undefined;

  insert(at: number, text: string): void {
    const last = this.#last;
    if (last !== undefined && at === last.from + last.insert.length) last.insert += text;
    else this.#changes.push((this.#last = { from: at, to: at, insert: text }));
  }

  delete(from: number, length: number): void {
    const last = this.#last;
    if (last?.insert === '' && from === last.from) last.to += length;
    else if (last?.insert === '' && from + length === last.from) last.from = from;
    else this.#changes.push((this.#last = { from, to: from + length, insert: '' }));
  }

  finish(): readonly TextChange[] {
    return this.#changes;
  }
}
