/**
 * What is inside a map, by the last edit of each replica: a removal takes away all up to a counter, and must not look at
 * everything that was edited later, or a thousand removals in a map of a thousand keys look a million times.
 *
 * A replica's edits come in the order of their counters, so a `Map`, which keeps the order of insertion, is sorted if what is
 * edited again is put behind the others.
 */
import type { ReplicaId } from '../../base/ids.ts';
import type { OpId } from '../context.ts';

export class EditOrder<T> {
  readonly #byReplica = new Map<ReplicaId, Map<T, number>>();

  /** `item` was edited by `replicaId`; `counter` is no lower than that of any edit of it before. */
  add(replicaId: ReplicaId, counter: number, item: T): void {
    let edits = this.#byReplica.get(replicaId);
    if (edits === undefined) this.#byReplica.set(replicaId, (edits = new Map<T, number>()));
    edits.delete(item);
    edits.set(item, counter);
  }

  /** Takes out, and returns, what that replica edited last at or before that counter. */
  takeUpTo({ replicaId, counter }: OpId): readonly T[] {
    const taken: T[] = [];
    const edits = this.#byReplica.get(replicaId);
    if (edits === undefined) return taken;
    for (const [item, last] of edits) {
      if (last > counter) break;
      edits.delete(item);
      taken.push(item);
    }
    return taken;
  }
}
