/**
 * Who is in which room, in memory only: a room is there while somebody is in it. The relay knows topics and
 * peer ids, both of which are derived and reveal nothing, and never sees inside a body.
 *
 * Without sockets, so that it can be tested as what it is: `send` and `close` of a member are handed in.
 */
import { roomPeersMax } from '../src/base/limits.ts';
import type { RefusedReason, ServerMessage } from '../src/net/signaling.ts';

/** One socket as the rooms see it. Neither function may throw. */
export interface Member {
  send(message: ServerMessage): void;
  /** Tells the member why and closes its socket. */
  refuse(reason: RefusedReason): void;
}

/** A member's place in a room; what it gets from `join` and hands back. */
export interface Seat {
  readonly topic: string;
  readonly peer: string;
  readonly member: Member;
}

export type Joined =
  | { readonly ok: true; readonly seat: Seat }
  | { readonly ok: false; readonly reason: 'room-full' | 'server-full' };

export class Rooms {
  readonly #rooms = new Map<string, Map<string, Seat>>();
  readonly #roomsMax: number;

  constructor(roomsMax: number) {
    this.#roomsMax = roomsMax;
  }

  get roomCount(): number {
    return this.#rooms.size;
  }

  /**
   * Welcomes the member with who is there and tells them. A peer that is there already is replaced: after a
   * network change its old socket looks alive for minutes, and the newer one is the one that works. The others
   * hear `left` and then `joined`, so that their view stays a plain set.
   */
  join(topic: string, peer: string, member: Member): Joined {
    const known = this.#rooms.get(topic);
    if (known === undefined && this.#rooms.size >= this.#roomsMax)
      return { ok: false, reason: 'server-full' };
    const room = known ?? new Map<string, Seat>();
    const older = room.get(peer);
    if (older === undefined && room.size >= roomPeersMax) return { ok: false, reason: 'room-full' };
    if (older !== undefined) {
      this.leave(older);
      older.member.refuse('replaced');
    }
    const seat = { topic, peer, member };
    const others = [...room.values()];
    room.set(peer, seat);
    this.#rooms.set(topic, room);
    member.send({ type: 'welcome', peers: others.map(other => other.peer) });
    for (const other of others) other.member.send({ type: 'joined', peer });
    return { ok: true, seat };
  }

  /** Harmless for a seat that was left or replaced before. */
  leave(seat: Seat): void {
    const room = this.#rooms.get(seat.topic);
    if (room?.get(seat.peer) !== seat) return;
    room.delete(seat.peer);
    if (room.size === 0) this.#rooms.delete(seat.topic);
    for (const other of room.values()) other.member.send({ type: 'left', peer: seat.peer });
  }

  /** To one peer of the sender's own room. False when there is none: it left while the signal was on its way. */
  relay(from: Seat, to: string, body: string): boolean {
    const receiver = this.#rooms.get(from.topic)?.get(to);
    if (receiver === undefined || receiver === from) return false;
    receiver.member.send({ type: 'signal', from: from.peer, body });
    return true;
  }
}
