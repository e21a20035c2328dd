/**
 * Lamport's clock (Lamport 1978, "Time, clocks, and the ordering of events in a distributed system"): a number that grows
 * along every chain of cause and effect. If one event is a cause of another its time is lower; times say nothing about
 * events that know nothing of each other, and a tie is broken by replica id.
 *
 * Counting each replica's own events is not enough: a replica that hears much and says little would stamp its answer
 * lower than the question. Hence "the highest seen, plus one".
 */
import { assert } from '../base/assert.ts';
import type { ReplicaId } from '../base/ids.ts';
import { counterMax } from '../base/limits.ts';

/** An event's place in the total order. */
export interface LamportTime {
  /** Whole, `1 <= time <= counterMax`. */
  readonly time: number;
  readonly replicaId: ReplicaId;
}

/** The total order: the time, then the replica id. It agrees with cause and effect. */
export function compareLamportTime(a: LamportTime, b: LamportTime): number {
  if (a.time !== b.time) return a.time - b.time;
  return a.replicaId === b.replicaId ? 0 : a.replicaId < b.replicaId ? -1 : 1;
}

export class LamportClock {
  readonly #replicaId: ReplicaId;
  #last = 0;

  constructor(replicaId: ReplicaId) {
    this.#replicaId = replicaId;
  }

  /** The highest time given or heard of; 0 before the first. */
  get last(): number {
    return this.#last;
  }

  /** The time of an event that happens here now, above every time given or heard of before. */
  tick(): LamportTime {
    assert(this.#last < counterMax, 'the clock has times left');
    this.#last += 1;
    return { time: this.#last, replicaId: this.#replicaId };
  }

  /**
   * Takes note of an event elsewhere. False when its time is no time, or jumps more than `jumpMax` ahead of ours: it is
   * not followed, since one message with the highest time would leave us none. How many events one may have missed is
   * for the protocol to say.
   */
  observe(time: number, jumpMax: number): boolean {
    const follows = Number.isSafeInteger(time) && time >= 1 && time <= counterMax;
    if (!follows || time - this.#last > jumpMax) return false;
    this.#last = Math.max(this.#last, time);
    return true;
  }
}
