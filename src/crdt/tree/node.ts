/** A node of a tree as this replica holds it, and the tables that find one. */
import type { HybridTime } from '../../clocks/hybrid-logical-clock.ts';
import type { OpId } from '../context.ts';
import { slotId, type Slot } from '../slots/slots.ts';
import type { Agent } from '../text/agents.ts';
import type { Value } from '../value.ts';
import type { Children } from './children.ts';
import type { Parent } from './messages.ts';

/** What a key of a node holds: the last set of it. */
export interface Entry {
  readonly value: Value | undefined;
  readonly stamp: HybridTime;
  readonly id: OpId;
}

export class TreeNode {
  readonly name: Parent;
  /** The slot it was created in; the root and the trash are in none. */
  readonly born: Slot | undefined;
  /** What the moves done so far say. While moves are undone and redone, `listedIn` stays behind. */
  parent: TreeNode | undefined = undefined;
  slot: Slot | undefined;
  /** How many nodes have this one as `parent`: what has none cannot be moved into itself. */
  degree = 0;
  /** Whose `children` it stands among, in which slot. Invariant between two calls: `parent` and `slot`. */
  listedIn: TreeNode | undefined = undefined;
  listedAt: Slot | undefined = undefined;
  children: Children | undefined = undefined;
  entries: Map<string, Entry> | undefined = undefined;
  /** Is it among the nodes that the call now running moved? */
  touched = false;

  constructor(name: Parent, born: Slot | undefined) {
    this.name = name;
    this.born = born;
    this.slot = born;
  }

  /** Puts it into `parent`, as far as moves are concerned. */
  put(parent: TreeNode | undefined, slot: Slot | undefined): void {
    if (this.parent !== undefined) this.parent.degree--;
    if (parent !== undefined) parent.degree++;
    this.parent = parent;
    this.slot = slot;
  }

  isIn(ancestor: TreeNode): boolean {
    for (let node = this.parent; node !== undefined; node = node.parent) if (node === ancestor) return true;
    return false;
  }
}

export function nodeAt(born: Slot): TreeNode {
  return new TreeNode(slotId(born), born);
}

export class Nodes {
  readonly root = new TreeNode('root', undefined);
  readonly trash = new TreeNode('trash', undefined);
  readonly #byAgent = new Map<Agent, Map<number, TreeNode>>();
  #count = 0;

  /** Nodes ever created, those in the trash among them. */
  get count(): number {
    return this.#count;
  }

  get(agent: Agent, counter: number): TreeNode | undefined {
    return this.#byAgent.get(agent)?.get(counter);
  }

  add(agent: Agent, counter: number): TreeNode {
    const node = nodeAt({ agent, counter });
    let own = this.#byAgent.get(agent);
    if (own === undefined) this.#byAgent.set(agent, (own = new Map()));
    own.set(counter, node);
    this.#count++;
    return node;
  }

  *all(): IterableIterator<TreeNode> {
    for (const own of this.#byAgent.values()) yield* own.values();
  }
}
