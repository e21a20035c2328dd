/**
 * Dotted version vectors (Preguiça, Baquero, Almeida, Fonte, Gonçalves 2010 and 2012) and their set form (Almeida,
 * Baquero, Gonçalves, Preguiça, Fonte 2014, "Scalable and accurate causality tracking for eventually consistent
 * stores").
 *
 * A version vector per value is not enough: one vector says "everything of replica a up to 7", and cannot say "write 9
 * of a, made without having seen 8". So the event itself, the **dot**, is kept apart from the past it was made on,
 * the **context**. Then "does a follow b?" is one look-up: is b's dot in a's context?
 *
 * The set form keeps the values that no known write has overwritten (siblings) under **one** context: a dot in the
 * context without a sibling is a write seen and overwritten, so that no repeat of it brings it back.
 *
 * Departure: dots are counters of a log that other values share, so they rise without being dense. A context entry is
 * the first counter **not** in it, as in a vector clock, and covers counters in between that are other values'.
 */
import type { ReplicaId } from '../base/ids.ts';
import { mergeInto, type ReadonlyVectorClock, type VectorClock } from './vector-clock.ts';

/** One event: the write that drew `counter` in the log of `replicaId`. */
export interface Dot {
  readonly replicaId: ReplicaId;
  readonly counter: number;
}

/** A write and what whoever made it had seen. Invariant: `context` does not contain `dot`. */
export interface DottedVersionVector {
  readonly dot: Dot;
  readonly context: ReadonlyVectorClock;
}

/** Whether the event is in the past that `context` describes. */
export function contains(context: ReadonlyVectorClock, { replicaId, counter }: Dot): boolean {
  return (context.get(replicaId) ?? 0) > counter;
}

/** Whether `a` is `b` or was made with `b` in view. */
export function descends(a: DottedVersionVector, b: DottedVersionVector): boolean {
  return sameDot(a.dot, b.dot) || contains(a.context, b.dot);
}

/** Whether neither was made with the other in view. */
export function concurrent(a: DottedVersionVector, b: DottedVersionVector): boolean {
  return !descends(a, b) && !descends(b, a);
}

/** A value and the write that brought it. */
export interface Sibling<T> {
  readonly dot: Dot;
  readonly value: T;
}

/**
 * The values no known write has overwritten. Takes writes of one replica in the order of their counters, and each
 * after those it overwrites. A replica's write follows its own earlier ones, so there is at most one sibling a replica.
 */
export class DottedVersionVectorSet<T> {
  readonly #context: VectorClock;
  /** By replica id. An array and no map: there is mostly one. */
  readonly #siblings: Sibling<T>[];

  /** Invariant: a sibling's dot is the last of its replica in `context`, so no two are of one replica. */
  constructor(context: VectorClock = new Map(), siblings: Iterable<Sibling<T>> = []) {
    this.#context = context;
    this.#siblings = [...siblings];
    if (this.#siblings.length > 1) this.#siblings.sort(byReplica);
  }

  /** Every write seen, overwritten ones included. */
  get context(): ReadonlyVectorClock {
    return this.#context;
  }

  /** By replica id, so alike on all replicas. */
  siblings(): readonly Sibling<T>[] {
    return this.#siblings;
  }

  /** The last write of `replicaId`, if none overwrote it. */
  siblingOf(replicaId: ReplicaId): Sibling<T> | undefined {
    const sibling = this.#siblings[this.#placeOf(replicaId)];
    return sibling?.dot.replicaId === replicaId ? sibling : undefined;
  }

  /** The dots that a write of `replicaId` made now overwrites, besides its own. */
  overwrittenBy(replicaId: ReplicaId): readonly Dot[] {
    const others: Dot[] = [];
    for (const { dot } of this.#siblings) if (dot.replicaId !== replicaId) others.push(dot);
    return others;
  }

  /** False when the write was here already. `overwritten` must have been seen. */
  write(dot: Dot, value: T, overwritten: Iterable<Dot>): boolean {
    if (contains(this.#context, dot)) return false;
    for (const { replicaId, counter } of overwritten)
      if (this.siblingOf(replicaId)?.dot.counter === counter)
        this.#siblings.splice(this.#placeOf(replicaId), 1);
    this.#put({ dot, value });
    this.#context.set(dot.replicaId, dot.counter + 1);
    return true;
  }

  /** Takes in everything that `other` has seen: what one side has seen and no longer holds is overwritten. */
  join(other: DottedVersionVectorSet<T>): void {
    for (const { dot } of [...this.#siblings]) {
      const held = other.siblingOf(dot.replicaId)?.dot.counter === dot.counter;
      if (!held && contains(other.#context, dot)) this.#siblings.splice(this.#placeOf(dot.replicaId), 1);
    }
    for (const sibling of other.#siblings) if (!contains(this.#context, sibling.dot)) this.#put(sibling);
    mergeInto(this.#context, other.#context);
  }

  /** In the place of the last one of its replica, if that is here. */
  #put(sibling: Sibling<T>): void {
    const place = this.#placeOf(sibling.dot.replicaId);
    const replaces = this.#siblings[place]?.dot.replicaId === sibling.dot.replicaId;
    if (replaces) this.#siblings[place] = sibling;
    else this.#siblings.splice(place, 0, sibling);
  }

  /** Where the sibling of that replica is or would be. */
  #placeOf(replicaId: ReplicaId): number {
    let low = 0;
    let high = this.#siblings.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#siblings[middle] as Sibling<T>).dot.replicaId < replicaId) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function byReplica(a: Sibling<unknown>, b: Sibling<unknown>): number {
  return a.dot.replicaId < b.dot.replicaId ? -1 : 1;
}

function sameDot(a: Dot, b: Dot): boolean {
  return a.replicaId === b.replicaId && a.counter === b.counter;
}
