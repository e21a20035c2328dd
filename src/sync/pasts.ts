/**
 * What the names in a batch's operations mean, where logs have branches.
 *
 * An operation is named by replica and counter, and both branches of a fork go on with the same counters. Whoever wrote a batch
 * without knowing of the fork had seen one of them, and meant that: its dependencies, being hashes, say which. So a name is
 * followed from its branch up to where its counter was used, or down through the branches that the batch has in its past. Whoever
 * knew of the fork used the branches' own names. What then is still ambiguous nobody honest has written.
 */
import type { BatchId, ReplicaId } from '../base/ids.ts';
import type { Batch } from './batch.ts';
import { endOf, startOf, type Branch, type Branches } from './branches.ts';

/** Where an operation is: under this name, and how many counters from there on are, too. */
export interface Meaning {
  readonly replicaId: ReplicaId;
  readonly room: number;
}

export interface Reading {
  /** Whose operations those of the batch are. */
  readonly author: ReplicaId;
  /** Undefined when the batch says of two branches neither which. */
  meaningOf(replicaId: ReplicaId, counter: number): Meaning | undefined;
}

type Past = ReadonlySet<Branch>;
const nothing: Past = new Set();

export class Pasts {
  readonly #branches: Branches;
  readonly #delivered: readonly Batch[];
  /** Of each batch, the branches of forked logs that have batches in its past, itself included. Most share one set. */
  readonly #pastOf = new Map<BatchId, Past>();
  #known = 0;

  constructor(branches: Branches, delivered: readonly Batch[]) {
    this.#branches = branches;
    this.#delivered = delivered;
  }

  /** A log parts: batches have other branches in their past now. */
  forget(): void {
    this.#pastOf.clear();
    this.#known = 0;
  }

  /** Of a delivered batch. */
  readingOf(batch: Batch): Reading {
    for (; this.#known < this.#delivered.length; this.#known++)
      this.#note(this.#delivered[this.#known] as Batch);
    const past = this.#pastOf.get(batch.id) ?? nothing;
    const branches = this.#branches;
    return {
      author: branches.of(batch)?.name ?? batch.replicaId,
      meaningOf: (replicaId, counter) => {
        const named = branches.named(replicaId);
        return named === undefined ? { replicaId, room: Infinity } : follow(named, counter, past);
      },
    };
  }

  #note(batch: Batch): void {
    const { id, replicaId, previous, dependencies } = batch;
    let past = (previous && this.#pastOf.get(previous)) ?? nothing;
    for (const dependency of dependencies) past = union(past, this.#pastOf.get(dependency) ?? nothing);
    if (this.#branches.forked.has(replicaId)) {
      const branch = this.#branches.of(batch);
      if (branch !== undefined) past = union(past, new Set([branch]));
    }
    this.#pastOf.set(id, past);
  }
}

function union(one: Past, other: Past): Past {
  if ([...other].every(branch => one.has(branch))) return one;
  return one.size === 0 ? other : new Set([...one, ...other]);
}

function follow(named: Branch, counter: number, past: Past): Meaning | undefined {
  let branch = named;
  while (counter < startOf(branch) && branch.parent !== undefined) branch = branch.parent;
  while (branch.children.length > 0 && counter >= endOf(branch)) {
    const [child, ...others] = branch.children.filter(one => past.has(one));
    if (child === undefined || others.length > 0) return undefined;
    branch = child;
  }
  const room = branch.children.length > 0 ? endOf(branch) - counter : Infinity;
  return { replicaId: branch.name, room };
}
