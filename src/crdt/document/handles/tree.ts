import type { OpId } from '../../context.ts';
import type { Parent, Spot, TreeChange, TreeOp } from '../../tree/messages.ts';
import type { Tree } from '../../tree/tree.ts';
import type { Value } from '../../value.ts';
import { Handle, type Edited } from './handle.ts';

/** A tree whose nodes move, without cycles (src/crdt/tree). A node is named by an id and has plain values by key. */
export class DocumentTree extends Handle {
  get #tree(): Tree {
    return this.container.leaf(this.document.context) as Tree;
  }

  /** What is in `parent`, in order. */
  children(parent: Parent = 'root'): readonly OpId[] {
    return this.#tree.children(parent);
  }

  /** Where `node` is; `undefined` when it is not known here. */
  spotOf(node: OpId): Spot | undefined {
    return this.#tree.spotOf(node);
  }

  /** Is `node` in the trash, itself or with what it is in? */
  isDeleted(node: OpId): boolean {
    return this.#tree.isDeleted(node);
  }

  /** Whatever is in `parent`, children after what they are in; `depth` is 0 for its own children. */
  walk(parent: Parent = 'root'): IterableIterator<{ readonly id: OpId; readonly depth: number }> {
    return this.#tree.walk(parent);
  }

  get(node: OpId, key: string): Value | undefined {
    return this.#tree.get(node, key);
  }

  /** The values of `node` by key, keys sorted. */
  values(node: OpId): ReadonlyMap<string, Value> {
    return this.#tree.values(node);
  }

  /** Can `node` be moved into `parent` without being inside itself? */
  canMove(node: OpId, parent: Parent): boolean {
    return this.#tree.canMove(node, parent);
  }

  /** Makes a node and gives out its name. In a transaction of its own, unless one is open. */
  create(spot: Spot, values?: Readonly<Record<string, Value>>): OpId {
    let made: OpId | undefined;
    this.edit(
      () => {
        const ops = this.#tree.localCreate(spot, values);
        made = ops[0].id;
        return ops;
      },
      () => (made === undefined ? [] : [placed(made, null, spot), ...setsOf(made, values ?? {})]),
    );
    return made as OpId;
  }

  /** Moves `node` to where it will be `spot`: `index` counts its new siblings, not itself. */
  move(node: OpId, spot: Spot): Edited {
    return this.#moved(node, () => this.#tree.localMove(node, spot));
  }

  /** Moves `node`, with all that is in it, to the trash. */
  delete(node: OpId): Edited {
    return this.#moved(node, () => this.#tree.localDelete(node));
  }

  /** Sets `key` of `node`, or without a value takes it away. */
  set(node: OpId, key: string, value?: Value): Edited {
    return this.edit(
      () => this.#tree.localSet(node, key, value),
      () => setsOf(node, { [key]: value }),
    );
  }

  #moved(node: OpId, run: () => readonly TreeOp[]): Edited {
    let from: Spot | undefined;
    return this.edit(
      () => {
        from = this.spotOf(node);
        return run();
      },
      () => {
        const to = this.spotOf(node);
        return from === undefined || to === undefined ? [] : [placed(node, from, to)];
      },
    );
  }
}

function placed(node: OpId, from: Spot | null, to: Spot): TreeChange {
  return { type: 'place', node, from, to };
}

function setsOf(node: OpId, values: Readonly<Record<string, Value | undefined>>): readonly TreeChange[] {
  return Object.entries(values).map(([key, value]) => ({
    type: 'set',
    node,
    key,
    ...(value === undefined ? {} : { value }),
  }));
}
