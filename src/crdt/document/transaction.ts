/** The local edits of one transaction while it is open. */
import type { ReplicaId } from '../../base/ids.ts';
import type { MapOp } from '../map/messages.ts';
import { ChangeLog } from './change-log.ts';
import type { Container } from './container.ts';
import type { LeafChange, LeafOp } from './kinds.ts';
import type { EditEntry, Entry } from './messages.ts';

interface Open {
  readonly container: Container;
  counters: number;
  readonly ops: (LeafOp | MapOp)[];
}

export class Transaction {
  readonly first: number;
  /** Counter after the last one taken. */
  end: number;
  readonly changes = new ChangeLog();
  readonly #replicaId: ReplicaId;
  /** Nobody pays for changes when nobody listens. */
  readonly #observed: boolean;
  readonly #entries: Open[] = [];

  constructor(replicaId: ReplicaId, first: number, observed: boolean) {
    this.#replicaId = replicaId;
    this.first = first;
    this.end = first;
    this.#observed = observed;
  }

  /** `container` took `ops`, which end before counter `end`. */
  note(
    container: Container,
    ops: readonly (LeafOp | MapOp)[],
    end: number,
    changes: (() => readonly LeafChange[]) | undefined,
  ): void {
    if (ops.length === 0) return;
    const counters = end - this.end;
    this.end = end;
    const last = this.#entries[this.#entries.length - 1];
    if (last?.container === container) {
      last.counters += counters;
      for (const op of ops) last.ops.push(op);
    } else this.#entries.push({ container, counters, ops: [...ops] });
    container.touch(this.#replicaId, end - 1, this.presence);
    if (this.#observed && changes !== undefined) this.changes.add(container, changes());
  }

  /** What to tell of containers that appear or vanish. */
  get presence(): ((container: Container) => void) | undefined {
    return this.#observed ? container => this.changes.notePresence(container) : undefined;
  }

  finish(): readonly Entry[] {
    return this.#entries.map(({ container, counters, ops }): EditEntry => {
      const joined = container.kind?.join(ops as readonly LeafOp[]) ?? ops;
      return { type: 'edit', container: container.id, counters, ops: joined };
    });
  }
}
