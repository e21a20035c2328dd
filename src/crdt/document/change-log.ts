/** Gathers what changed in which value, in the order it happened; changes of one value that follow each other are one. */
import type { MapChange } from '../map/messages.ts';
import type { Container } from './container.ts';
import { kindName, type LeafChange } from './kinds.ts';
import { pathOf, type DocumentChange } from './messages.ts';

export class ChangeLog {
  readonly #parts: { readonly container: Container; readonly changes: (LeafChange | MapChange)[] }[] = [];

  add(container: Container, changes: readonly (LeafChange | MapChange)[]): void {
    if (changes.length === 0) return;
    const last = this.#parts[this.#parts.length - 1];
    if (last?.container === container) {
      for (const change of changes) last.changes.push(change);
    } else this.#parts.push({ container, changes: [...changes] });
  }

  /** `container` has come to be present or no longer is: a change of the map around it. */
  notePresence(container: Container): void {
    const { parent, id } = container;
    if (parent !== undefined) this.add(parent, [{ key: id.key, kind: id.kind, present: container.present }]);
  }

  finish(): readonly DocumentChange[] {
    return this.#parts.map(({ container, changes }) => ({
      path: pathOf(container.id),
      kind: kindName(container.id.kind),
      changes,
    }));
  }
}
