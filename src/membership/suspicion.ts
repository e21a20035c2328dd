/**
 * How long an accused member has to answer. The fewer say that it is gone, the longer: with nobody's confirmation it may be the accuser whose
 * road is bad. Each independent accuser shortens the rest, along a logarithm, so that the first counts most (Dadgar, Phillips, Currey, *Lifeguard:
 * local health awareness for more accurate failure detection*, 2018, section 3.2; memberlist's `suspicion.go`).
 */
import type { ReplicaId } from '../base/ids.ts';

export interface SuspicionConfig {
  readonly minMs: number;
  readonly maxMs: number;
  /** `k`: confirmations after which `minMs` holds. With 0 nobody can confirm, and `minMs` holds at once. */
  readonly confirmationsWanted: number;
}

/** From accusation to death with this many confirmations, the accuser's own word not counted. */
export function suspicionTimeoutMs(confirmations: number, config: SuspicionConfig): number {
  const { minMs, maxMs, confirmationsWanted } = config;
  if (confirmationsWanted < 1) return minMs;
  const share = Math.log(confirmations + 1) / Math.log(confirmationsWanted + 1);
  return Math.max(minMs, Math.floor(maxMs - share * (maxMs - minMs)));
}

export class Suspicion {
  readonly #accusers: Set<ReplicaId>;
  readonly #config: SuspicionConfig;
  #sinceMs: number;

  constructor(accuser: ReplicaId, config: SuspicionConfig, nowMs: number) {
    this.#accusers = new Set([accuser]);
    this.#config = config;
    this.#sinceMs = nowMs;
  }

  get sinceMs(): number {
    return this.#sinceMs;
  }
  /** Those who confirm the first accuser. */
  get confirmations(): number {
    return this.#accusers.size - 1;
  }
  accuses(replicaId: ReplicaId): boolean {
    return this.#accusers.has(replicaId);
  }

  /** Whether this is news: nobody counts twice, and more than are wanted change nothing. */
  confirm(accuser: ReplicaId): boolean {
    if (this.#accusers.has(accuser) || this.confirmations >= this.#config.confirmationsWanted) return false;
    this.#accusers.add(accuser);
    return true;
  }

  /** Below 0 when it has passed. `stretch`: what our own health multiplies the time by. */
  remainingMs(nowMs: number, stretch = 1): number {
    return suspicionTimeoutMs(this.confirmations, this.#config) * stretch - (nowMs - this.#sinceMs);
  }

  /** We slept: the accused has had no time to answer us. */
  restart(nowMs: number): void {
    this.#sinceMs = nowMs;
  }
}
