/**
 * Leases, and locks that live as long as their lease (Gray & Cheriton 1989; fencing tokens as in Burrows 2006, *Chubby*, section 2.4,
 * where they are sequencers).
 *
 * A lock alone does not keep two holders apart: one may be paused between being told that it holds the lock and writing. So every
 * acquisition has a token, the index of its log entry: the later holder's is always higher, and the resource refuses what is lower
 * than it has seen (`FencedResource`), or a transaction compares it with the holder's (`holds`).
 *
 * Time is the machine's own, which only `advance` entries move. It never runs ahead of true time but for a leader's clock that
 * runs fast, and stands still while nobody leads: leases then last longer, which is the safe side. The holder counts on its own
 * clock, from before it asked: see held-lease.ts.
 */
import type { Reader, Writer } from '../../base/codec.ts';
import { counterMax, leasesMax, locksMax, storeKeyBytesMax, ttlMsMax } from '../../base/limits.ts';
import { done, refused, type Result } from './commands.ts';

interface Lease {
  readonly ttlMs: number;
  /**
   * 0: it was granted or renewed since time was last told. How much of what is told next had passed before the grant nobody knows, so it
   * begins to count only then.
   */
  readonly endsMs: number;
}
interface Held {
  readonly lease: number;
  readonly token: number;
}

export class Leases {
  readonly #leases = new Map<number, Lease>();
  readonly #locks = new Map<string, Held>();

  get isEmpty(): boolean {
    return this.#leases.size === 0;
  }
  holder(lock: string): Held | undefined {
    return this.#locks.get(lock);
  }

  /** `index` of the log entry names the lease, or is the token. */
  grant(index: number, ttlMs: number): Result {
    if (this.#leases.size >= leasesMax) return refused('full');
    this.#leases.set(index, { ttlMs, endsMs: 0 });
    return { type: 'granted', lease: index, ttlMs };
  }
  renew(lease: number): Result {
    const known = this.#leases.get(lease);
    if (known === undefined) return refused('no-such-lease');
    this.#leases.set(lease, { ttlMs: known.ttlMs, endsMs: 0 });
    return { type: 'granted', lease, ttlMs: known.ttlMs };
  }
  revoke(lease: number): Result {
    if (!this.#leases.delete(lease)) return refused('no-such-lease');
    for (const [lock, held] of this.#locks) if (held.lease === lease) this.#locks.delete(lock);
    return done;
  }
  acquire(index: number, lock: string, lease: number): Result {
    if (!this.#leases.has(lease)) return refused('no-such-lease');
    const held = this.#locks.get(lock);
    if (held !== undefined) {
      return held.lease === lease
        ? { type: 'acquired', token: held.token }
        : { type: 'held', token: held.token };
    }
    if (this.#locks.size >= locksMax) return refused('full');
    this.#locks.set(lock, { lease, token: index });
    return { type: 'acquired', token: index };
  }
  release(lock: string, token: number): Result {
    if (this.#locks.get(lock)?.token !== token) return refused('not-holder');
    this.#locks.delete(lock);
    return done;
  }
  /** Time has been told: it is `nowMs`. */
  expire(nowMs: number): void {
    for (const [lease, { ttlMs, endsMs }] of this.#leases) {
      if (endsMs === 0) this.#leases.set(lease, { ttlMs, endsMs: nowMs + ttlMs });
      else if (endsMs <= nowMs) this.revoke(lease);
    }
  }

  write(writer: Writer): void {
    writer.varUint(this.#leases.size);
    for (const [lease, { ttlMs, endsMs }] of [...this.#leases].sort(([a], [b]) => a - b))
      writer.varUint(lease).varUint(ttlMs).varUint(endsMs);
    writer.varUint(this.#locks.size);
    for (const [lock, { lease, token }] of [...this.#locks].sort(([, a], [, b]) => a.token - b.token))
      writer.varString(lock).varUint(lease).varUint(token);
  }
  static read(reader: Reader): Leases {
    const leases = new Leases();
    for (let left = reader.varUint(leasesMax), before = -1; left > 0; left--) {
      const lease = reader.varUint(counterMax);
      if (lease <= before) reader.fail('leases out of order');
      before = lease;
      leases.#leases.set(lease, { ttlMs: reader.varUint(ttlMsMax), endsMs: reader.varUint(counterMax) });
    }
    for (let left = reader.varUint(locksMax), before = -1; left > 0; left--) {
      const lock = reader.varString(storeKeyBytesMax);
      const [lease, token] = [reader.varUint(counterMax), reader.varUint(counterMax)];
      if (token <= before || leases.#locks.has(lock) || !leases.#leases.has(lease))
        reader.fail('a lock that nobody can hold');
      before = token;
      leases.#locks.set(lock, { lease, token });
    }
    return leases;
  }
}
