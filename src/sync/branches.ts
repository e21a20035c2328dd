/**
 * The logs of a space, and what becomes of one that two have written: a **fork**, two batches with one number, both signed.
 * It takes a copied profile or a lie; taking the batch that came first would have every replica keep what it happened to meet.
 *
 * Batches name their predecessor by hash, so a log with forks is a tree. It is cut where it parts: what all share keeps the
 * replica's name, and each branch is a log of its own from there on, under the **virtual replica**
 * `hash(replica, id of the branch's first batch)`. Names, and so clocks, hang on the set of batches alone: whoever meets the
 * branches in another order ends with the same. A branch goes on with its replica's sequence numbers, so its entry in a
 * clock begins with as many as the stem has.
 *
 * Kleppmann 2022, *Making CRDTs Byzantine fault tolerant*: a vector clock cannot see equivocation, hashes can.
 */
import { fromHex, toHex } from '../base/bytes.ts';
import { idBytes, type BatchId, type ReplicaId } from '../base/ids.ts';
import type { Crypto } from '../base/ports.ts';
import type { Batch } from './batch.ts';

/** A part of a log in which nothing parts: all of it, where nobody forked. */
export interface Branch {
  /** What clocks call it. */
  readonly name: ReplicaId;
  /** Who signed it. */
  readonly author: ReplicaId;
  parent: Branch | undefined;
  /** The number of its first batch. */
  readonly base: number;
  readonly batches: Batch[];
  /** Of each batch, where it stands in the order of delivery. */
  readonly places: number[];
  /** Of each batch, the counter after the last one that the log has used by then. */
  readonly ends: number[];
  /** Not empty: it is closed, and each goes on from its end. */
  readonly children: Branch[];
}

export function virtualReplicaOf(crypto: Crypto, author: ReplicaId, first: BatchId): ReplicaId {
  const hash = crypto.hashParts('peerloom/branch', [fromHex(author), fromHex(first)]);
  return toHex(hash.subarray(0, idBytes)) as ReplicaId;
}

/** The counter with which a branch begins. */
export function startOf({ parent }: Branch): number {
  return parent === undefined ? 0 : endOf(parent);
}
/** The counter after the last one it has used. */
export function endOf(branch: Branch): number {
  return branch.ends.at(-1) ?? startOf(branch);
}
/** How many batches a log has up to its end: what a clock says of it. */
export function countOf({ base, batches }: Branch): number {
  return base + batches.length;
}

type Place = Pick<Batch, 'replicaId' | 'sequence' | 'id'>;

export class Branches {
  readonly #crypto: Crypto;
  /** By author, its log up to where it first parts. */
  readonly #stems = new Map<ReplicaId, Branch>();
  readonly #byName = new Map<ReplicaId, Branch>();
  /** Of each author who forked, how many branches there are. */
  readonly #forked = new Map<ReplicaId, number>();

  constructor(crypto: Crypto) {
    this.#crypto = crypto;
  }

  /** Authors whose log parts somewhere. */
  get forked(): ReadonlyMap<ReplicaId, number> {
    return this.#forked;
  }
  all(): Iterable<Branch> {
    return this.#byName.values();
  }
  named(name: ReplicaId): Branch | undefined {
    return this.#byName.get(name);
  }
  stemOf(author: ReplicaId): Branch | undefined {
    return this.#stems.get(author);
  }

  /** The branch that holds this batch. */
  of(batch: Place): Branch | undefined {
    const stem = this.#stems.get(batch.replicaId);
    return stem && find(stem, batch);
  }

  /** A log begins, or a branch at the end of `parent`. */
  begin({ replicaId: author, sequence, id }: Place, parent: Branch | undefined): Branch {
    const name = parent === undefined ? author : virtualReplicaOf(this.#crypto, author, id);
    return this.#open({ name, author, parent, base: sequence }, parent);
  }

  /** Closes `branch` before its batch number `at`; what follows is a branch of its own then, which is returned. */
  split(branch: Branch, at: number): Branch {
    const { author } = branch;
    const place = at - branch.base;
    const name = virtualReplicaOf(this.#crypto, author, (branch.batches[place] as Batch).id);
    const grandchildren = branch.children.splice(0);
    const rest = this.#open({ name, author, parent: branch, base: at }, branch);
    rest.batches.push(...branch.batches.splice(place));
    rest.places.push(...branch.places.splice(place));
    rest.ends.push(...branch.ends.splice(place));
    for (const child of grandchildren) {
      child.parent = rest;
      rest.children.push(child);
    }
    return rest;
  }

  #open(of: Pick<Branch, 'name' | 'author' | 'parent' | 'base'>, parent: Branch | undefined): Branch {
    const branch: Branch = { ...of, batches: [], places: [], ends: [], children: [] };
    this.#byName.set(of.name, branch);
    if (parent === undefined) this.#stems.set(of.author, branch);
    else {
      parent.children.push(branch);
      this.#forked.set(of.author, (this.#forked.get(of.author) ?? 0) + 1);
    }
    return branch;
  }
}

function find(branch: Branch, batch: Place): Branch | undefined {
  const at = batch.sequence - branch.base;
  if (at < branch.batches.length) return branch.batches[at]?.id === batch.id ? branch : undefined;
  for (const child of branch.children) {
    const found = find(child, batch);
    if (found !== undefined) return found;
  }
  return undefined;
}
