/** A node of a tree as this replica holds it, and the tables that find one. */
import type { HybridTime } from '../../clocks/hybrid-logical-clock.ts';
import type { OpId } from '../context.ts';
import { slotId, type Slot } from '../slots/slots.ts';
import type { Agent } from '../text/agents.ts';
import type { Value } from '../value.ts';
import type { Children, Chunk } from './children.ts';
import { assert } from '../../base/assert.ts';
import { cut, isInside, Link, link } from './link-cut.ts';
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
  /** The part of those `children` that it is in. */
  chunk: Chunk | undefined = undefined;
  children: Children | undefined = undefined;
  entries: Map<string, Entry> | undefined = undefined;
  /** Where it is among all that is looked up from far below; made when that first happens. Invariant: what it is in has one, too. */
  link: Link | undefined = undefined;
  /** Is it among the nodes that the call now running moved? */
  touched = false;

  constructor(name: Parent, born: Slot | undefined) {
    this.name = name;
    this.born = born;
    this.slot = born;
  }

  /** Puts it into `parent`, as far as moves are concerned. */
  put(parent: TreeNode | undefined, slot: Slot | undefined): void {
    if (this.link !== undefined) {
      cut(this.link);
      if (parent !== undefined) link(this.link, linkOf(parent));
    }
    if (this.parent !== undefined) this.parent.degree--;
    if (parent !== undefined) parent.degree++;
    this.parent = parent;
    this.slot = slot;
  }

  isIn(ancestor: TreeNode): boolean {
    let node = this.parent;
    for (let steps = 0; steps < stepsUpMax; steps++, node = node.parent) {
      if (node === undefined) return false;
      if (node === ancestor) return true;
    }
    if (node === undefined) return false;
    return isInside(linkOf(this), linkOf(ancestor));
  }
}

/** The node's link, made with those of everything it is in. */
function linkOf(node: TreeNode): Link {
  const chain: TreeNode[] = [];
  for (let at: TreeNode | undefined = node; at !== undefined && at.link === undefined; at = at.parent)
    chain.push(at);
  for (const each of chain.reverse()) {
    each.link = new Link();
    if (each.parent?.link !== undefined) link(each.link, each.parent.link);
  }
  assert(node.link !== undefined, 'what was asked for was made');
  return node.link;
}

/** Up to here going from parent to parent is the faster way, and nearly all trees people make are less deep. */
const stepsUpMax = 64;

export function nodeAt(born: Slot): TreeNode {
  return new TreeNode(slotId(born), born);
}

export class Nodes {
  readonly root = new TreeNode('root', undefined);
  readonly trash = new TreeNode('trash', undefined);
  /** By slot: the node that was created in it or that a move made it for; not so of moves settled when the tree was read back. */
  readonly #bySlot = new Map<Agent, Map<number, TreeNode>>();
  #count = 0;

  /** Nodes ever created, those in the trash among them. */
  get count(): number {
    return this.#count;
  }

  /** The node created in that slot, whose id it is. */
  get(agent: Agent, counter: number): TreeNode | undefined {
    const node = this.inSlot(agent, counter);
    return node?.born?.counter === counter && node.born.agent === agent ? node : undefined;
  }

  /** The node that the slot was made for. */
  inSlot(agent: Agent, counter: number): TreeNode | undefined {
    return this.#bySlot.get(agent)?.get(counter);
  }

  add(agent: Agent, counter: number): TreeNode {
    const node = nodeAt({ agent, counter });
    this.enter({ agent, counter }, node);
    this.#count++;
    return node;
  }

  /** Says that the slot was made for `node`. */
  enter({ agent, counter }: Slot, node: TreeNode): void {
    let own = this.#bySlot.get(agent);
    if (own === undefined) this.#bySlot.set(agent, (own = new Map<number, TreeNode>()));
    own.set(counter, node);
  }

  *all(): IterableIterator<TreeNode> {
    for (const [agent, own] of this.#bySlot)
      for (const [counter, node] of own)
        if (node.born?.counter === counter && node.born.agent === agent) yield node;
  }
}
