/**
 * What may wait a little so that many of them are one: acknowledgements of what our disk has, and where our caret
 * is. When each is due, and for whom; the exchange sends them.
 */
import type { ReplicaId } from '../base/ids.ts';

/** Acknowledgements follow a transaction of the keeper, which has gathered a burst already: to the author this soon, */
export const acknowledgeEveryMs = 20;
/** to everyone else like this. While eight write together, telling all at once would be most of what is sent. */
const gossipEveryMs = 1000;
/** Presence follows a burst of caret moves at this distance. */
const presenceEveryMs = 80;
/** Where typing has left a caret the others know from the text; it is said once the typing pauses for this long, */
const typedPresenceMs = 400;
/** or goes on for this long: to whoever did not know where it began. */
const typedPresenceMsMax = 2000;

/** Logs whose durable end has moved. */
export class Acknowledgements {
  readonly #forAuthors = new Set<ReplicaId>();
  readonly #forAll = new Set<ReplicaId>();
  #authorsAtMs = Infinity;
  #allAtMs = Infinity;

  nextDueMs(): number {
    return Math.min(this.#authorsAtMs, this.#allAtMs);
  }

  add(replicaIds: Iterable<ReplicaId>, nowMs: number): void {
    for (const replicaId of replicaIds) {
      this.#forAuthors.add(replicaId);
      this.#forAll.add(replicaId);
    }
    this.#authorsAtMs = Math.min(this.#authorsAtMs, nowMs + acknowledgeEveryMs);
    this.#allAtMs = Math.min(this.#allAtMs, nowMs + gossipEveryMs);
  }

  /** The logs whose authors are to hear now, each of its own. */
  takeForAuthors(nowMs: number): readonly ReplicaId[] {
    if (nowMs < this.#authorsAtMs) return [];
    this.#authorsAtMs = Infinity;
    return taken(this.#forAuthors);
  }

  /** The logs of which everyone is to hear now. */
  takeForAll(nowMs: number): readonly ReplicaId[] {
    if (nowMs < this.#allAtMs) return [];
    this.#allAtMs = Infinity;
    return taken(this.#forAll);
  }
}

function taken(set: Set<ReplicaId>): readonly ReplicaId[] {
  const all = [...set];
  set.clear();
  return all;
}

/** When our own presence goes out. */
export class PresenceDue {
  #atMs = Infinity;
  #sentMs = -Infinity;
  /** A caret somebody moved waits to be said: that is not put off by typing. */
  #moved = false;

  nextDueMs(): number {
    return this.#atMs;
  }

  /** Our name or caret changed. Gathered, so that typing sends its text first and its caret after. */
  changed(how: 'moved' | 'typed', nowMs: number): void {
    const soonest = Math.max(nowMs + presenceEveryMs / 2, this.#sentMs + presenceEveryMs);
    if (how === 'moved') {
      this.#atMs = Math.min(this.#atMs, soonest);
      this.#moved = true;
    } else if (!this.#moved) {
      this.#atMs = Math.max(soonest, Math.min(nowMs + typedPresenceMs, this.#sentMs + typedPresenceMsMax));
    }
  }

  /** Whether it goes out now. */
  take(nowMs: number): boolean {
    if (nowMs < this.#atMs) return false;
    this.#atMs = Infinity;
    this.#moved = false;
    this.#sentMs = nowMs;
    return true;
  }
}
