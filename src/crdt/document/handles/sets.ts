import type { GSet } from '../../sets/g-set.ts';
import type { ORSet } from '../../sets/or-set.ts';
import type { TwoPhaseSet } from '../../sets/two-phase-set.ts';
import type { Value } from '../../value.ts';
import { Handle, type Edited } from './handle.ts';

/** What all sets answer. Values are equal when their encodings are. */
abstract class ReadableSet extends Handle {
  protected abstract readonly set: GSet | ORSet | TwoPhaseSet;

  get size(): number {
    return this.set.size;
  }

  has(value: Value): boolean {
    return this.set.has(value);
  }

  /** In the order of their encodings, the same on every replica. */
  values(): readonly Value[] {
    return this.set.values();
  }
}

/** A set whose values come and go; adding wins over a removal that had not seen it (OR-Set). */
export class DocumentSet extends ReadableSet {
  protected get set(): ORSet {
    return this.container.leaf(this.document.context) as ORSet;
  }

  add(value: Value): Edited {
    const had = this.has(value);
    return this.edit(
      () => this.set.localAdd(value),
      () => (had ? [] : [{ type: 'added', value }]),
    );
  }

  /** No edit when `value` is not here. */
  remove(value: Value): Edited {
    return this.edit(
      () => this.set.localRemove(value),
      () => [{ type: 'removed', value }],
    );
  }
}

/** A set that only grows: without its key it is hidden, and whole again when it is edited. */
export class DocumentGSet extends ReadableSet {
  protected get set(): GSet {
    return this.container.leaf(this.document.context) as GSet;
  }

  /** No edit when `value` is here already. */
  add(value: Value): Edited {
    return this.editOrTouch(
      () => this.set.localAdd(value),
      () => [{ type: 'added', value }],
    );
  }
}

/** A set from which a value can be removed once, for good (2P-Set). */
export class DocumentTwoPhaseSet extends ReadableSet {
  protected get set(): TwoPhaseSet {
    return this.container.leaf(this.document.context) as TwoPhaseSet;
  }

  /** Whether `value` was removed, so that it cannot be added. */
  wasRemoved(value: Value): boolean {
    return this.set.wasRemoved(value);
  }

  /** No edit when `value` is here already or was removed. */
  add(value: Value): Edited {
    return this.editOrTouch(
      () => this.set.localAdd(value),
      () => [{ type: 'added', value }],
    );
  }

  /** No edit when `value` is not here. */
  remove(value: Value): Edited {
    return this.edit(
      () => this.set.localRemove(value),
      () => [{ type: 'removed', value }],
    );
  }
}
