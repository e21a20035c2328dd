/**
 * The replicated state machine: what a group agrees on, one entry of the log after the other. The same entries make the same state and
 * the same answers on every member, byte for byte, so it looks at nothing else: no clock, no chance, no order of a hash table.
 *
 * Time is counted here in milliseconds that leaders let pass by `advance` entries. The clocks of two leaders are never compared: each
 * tells only how much passed while it led. What passed in between is not counted.
 */
import { assert, assertNever } from '../../base/assert.ts';
import { equalBytes } from '../../base/bytes.ts';
import { decode, Writer, type Decoded, type Reader } from '../../base/codec.ts';
import { counterMax, snapshotBytesMax } from '../../base/limits.ts';
import type { MemberId } from '../entry.ts';
import { Bookings } from './bookings.ts';
import {
  done,
  refused,
  type Command,
  type Comparison,
  type KeyRange,
  type Result,
  type Transaction,
  type Version,
  type WishState,
} from './commands.ts';
import { decodeEntry } from './entries-codec.ts';
import { Leases } from './leases.ts';
import { Revisions, type RangeRead } from './revisions.ts';
import { Sessions, type Answer } from './sessions.ts';
import type { Watch } from './watch.ts';

/** What came of an entry, for whoever waits for it. */
export type Applied =
  /** An empty entry, one of a configuration, one that nobody can read, or time. */
  | { readonly type: 'nothing' }
  | { readonly type: 'opened'; readonly member: MemberId; readonly nonce: number; readonly session: number }
  | {
      readonly type: 'request';
      readonly session: number;
      readonly sequence: number;
      readonly answer: Answer;
    };

const snapshotVersion = 1;
const nothing: Applied = { type: 'nothing' };

export class Machine {
  #index = 0;
  #nowMs = 0;
  #sessions = new Sessions();
  #revisions = new Revisions();
  #leases = new Leases();
  #bookings = new Bookings();

  /** Of the last entry applied. */
  get index(): number {
    return this.#index;
  }
  get nowMs(): number {
    return this.#nowMs;
  }
  get revision(): number {
    return this.#revisions.revision;
  }
  /** Whether there is a lease or a reservation: where not, time need not be told so exactly. */
  get expiresSoon(): boolean {
    return !this.#leases.isEmpty || this.#bookings.mayExpire;
  }
  get(key: string): Version | undefined {
    return this.#revisions.get(key);
  }
  /** As of a revision that is not compacted; the present one when none is said. */
  range(range: KeyRange, options?: { readonly revision?: number; readonly limit?: number }): RangeRead {
    return this.#revisions.range(range, options);
  }
  /** A watch that was begun goes on over snapshots that are restored: it keeps a revision and no more. */
  take(watch: Watch, atLeast?: number): ReturnType<Watch['take']> {
    return watch.take(this.#revisions, atLeast);
  }
  /** The token under which a lock is held. */
  holder(lock: string): number | undefined {
    return this.#leases.holder(lock)?.token;
  }
  wish(wish: string): WishState | undefined {
    return this.#bookings.wish(wish);
  }
  /** The wish that a place was given to. */
  owner(resource: string, place: number): string | undefined {
    return this.#bookings.owner(resource, place);
  }

  /** Entries come in order of their indexes; some have no data for the machine. */
  apply(index: number, data: Uint8Array): Applied {
    assert(index > this.#index, 'an entry is applied once, in its turn');
    this.#index = index;
    if (data.length === 0) return nothing;
    const decoded = decodeEntry(data);
    if (!decoded.ok) return nothing;
    const entry = decoded.value;
    switch (entry.type) {
      case 'advance':
        this.#advance(entry.byMs);
        return nothing;
      case 'open-session': {
        const { member, nonce } = entry;
        const session = this.#sessions.open(index, member, nonce, this.#nowMs);
        return { type: 'opened', member, nonce, session };
      }
      case 'request': {
        const { session, sequence, command } = entry;
        const answer = this.#sessions.request(entry, this.#nowMs, () => this.#execute(index, command));
        return { type: 'request', session, sequence, answer };
      }
      default:
        return assertNever(entry);
    }
  }
  #advance(byMs: number): void {
    this.#nowMs = Math.min(counterMax, this.#nowMs + byMs);
    this.#sessions.expire(this.#nowMs);
    this.#leases.expire(this.#nowMs);
    this.#bookings.expire(this.#nowMs);
  }
  #execute(index: number, command: Command): Result {
    switch (command.type) {
      case 'nothing':
        return done;
      case 'transaction':
        return this.#transact(command);
      case 'compact':
        if (command.revision > this.#revisions.revision) return refused('no-such-revision');
        return this.#revisions.compact(command.revision) ? done : refused('compacted');
      case 'grant':
        return this.#leases.grant(index, command.ttlMs);
      case 'renew':
        return this.#leases.renew(command.lease);
      case 'revoke':
        return this.#leases.revoke(command.lease);
      case 'acquire':
        return this.#leases.acquire(index, command.lock, command.lease);
      case 'release':
        return this.#leases.release(command.lock, command.token);
      case 'offer':
        return this.#bookings.offer(command.resource, command.places);
      case 'book':
        return this.#bookings.want(command.wish, command.resource, command.place);
      case 'reserve': {
        const { wish, resource, place, ttlMs } = command;
        return this.#bookings.want(wish, resource, place, this.#nowMs + ttlMs);
      }
      case 'confirm':
        return this.#bookings.confirm(command.wish);
      case 'cancel':
        return this.#bookings.cancel(command.wish);
      default:
        return assertNever(command);
    }
  }
  #transact({ comparisons, operations, otherwise }: Transaction): Result {
    const succeeded = comparisons.every(comparison => this.#compares(comparison));
    const read = this.#revisions.transact(succeeded ? operations : otherwise);
    if (typeof read === 'string') return refused(read);
    return { type: 'transacted', succeeded, revision: this.#revisions.revision, read };
  }
  #compares(comparison: Comparison): boolean {
    switch (comparison.type) {
      case 'revision':
        return (this.#revisions.get(comparison.key)?.revision ?? 0) === comparison.revision;
      case 'value': {
        const value = this.#revisions.get(comparison.key)?.value;
        return value !== undefined && equalBytes(value, comparison.value);
      }
      case 'holds':
        return this.#leases.holder(comparison.lock)?.token === comparison.token;
      default:
        return assertNever(comparison);
    }
  }

  /** All of it. Two machines that applied the same give the same bytes. */
  snapshot(): Uint8Array<ArrayBuffer> {
    const writer = new Writer().byte(snapshotVersion).varUint(this.#index).varUint(this.#nowMs);
    for (const part of [this.#sessions, this.#revisions, this.#leases, this.#bookings]) part.write(writer);
    return writer.finish();
  }
  static restore(bytes: Uint8Array): Decoded<Machine> {
    if (bytes.length > snapshotBytesMax) return { ok: false, reason: 'too large' };
    return decode(bytes, reader => Machine.#read(reader));
  }
  static #read(reader: Reader): Machine {
    if (reader.byte() !== snapshotVersion) reader.fail('unknown version of a snapshot');
    const machine = new Machine();
    machine.#index = reader.varUint(counterMax);
    machine.#nowMs = reader.varUint(counterMax);
    machine.#sessions = Sessions.read(reader);
    machine.#revisions = Revisions.read(reader);
    machine.#leases = Leases.read(reader);
    machine.#bookings = Bookings.read(reader);
    return machine;
  }
}
