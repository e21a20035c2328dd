/**
 * Which session of each replica is the newest. A page that reloads is the same replica under a new session id, and what
 * is left of its old one (a socket that the server still holds, a half-open link) must not count as a second peer. So
 * the session that has proven itself last wins, and those before it are not met again.
 *
 * Only what a handshake has proven gets here: a replica's id hangs on its device key, so nobody can push out another's.
 */
import type { ReplicaId } from '../base/ids.ts';
import { roomPeersMax } from '../base/limits.ts';
import type { LinkId } from './transport.ts';

/** Old sessions that are remembered: as many rooms full as one sees of them before the server has let go of them. */
export const oldSessionsMax = 4 * roomPeersMax;

export class Sessions {
  readonly #newest = new Map<ReplicaId, LinkId>();
  /** In the order in which they became old. */
  readonly #old = new Set<LinkId>();

  /** Whether this session has been followed by another of its replica. */
  isOld(session: LinkId): boolean {
    return this.#old.has(session);
  }
  get remembered(): number {
    return this.#newest.size + this.#old.size;
  }

  /** The session of that replica which this one replaces, and which has to be closed; undefined when there is none. */
  proven(session: LinkId, replicaId: ReplicaId): LinkId | undefined {
    const before = this.#newest.get(replicaId);
    this.#newest.set(replicaId, session);
    if (before === undefined || before === session) return undefined;
    this.#old.add(before);
    const [first] = this.#old;
    if (this.#old.size > oldSessionsMax && first !== undefined) this.#old.delete(first);
    return before;
  }

  /** Its link has ended. */
  ended(session: LinkId): void {
    for (const [replicaId, newest] of this.#newest) if (newest === session) this.#newest.delete(replicaId);
  }
}
