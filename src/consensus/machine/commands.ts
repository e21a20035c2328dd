/**
 * What is asked of the replicated state machine, and what it answers. Put, delete and compare-and-set are transactions of one
 * operation, so there is one way to change the store and one proof that it is right.
 *
 * Everything that a member applies comes as an `Entry`. Time comes as one too: a machine that looked at a clock would differ between members.
 */
import { assert } from '../../base/assert.ts';
import type { MemberId } from '../entry.ts';

/** From `from` up to and without `to`, by UTF-16 units; without `to`, to the end. */
export interface KeyRange {
  readonly from: string;
  readonly to?: string;
}

/** One key as one revision left it. */
export interface Version {
  readonly key: string;
  /** Undefined: deleted. */
  readonly value: Uint8Array | undefined;
  /** Of the transaction that wrote it. Revisions count from 1. */
  readonly revision: number;
  /** Of the transaction that the key has existed since. */
  readonly createdRevision: number;
}

export type Comparison =
  /** The key was last written by this revision; 0: it does not exist. */
  | { readonly type: 'revision'; readonly key: string; readonly revision: number }
  | { readonly type: 'value'; readonly key: string; readonly value: Uint8Array }
  /** The lock is held, under this very token: what a holder that was paused writes is refused here. */
  | { readonly type: 'holds'; readonly lock: string; readonly token: number };

/** In order, so a `get` sees what stands before it. A transaction writes a key once at most. */
export type Operation =
  | { readonly type: 'put'; readonly key: string; readonly value: Uint8Array }
  | { readonly type: 'delete'; readonly key: string }
  | { readonly type: 'get'; readonly key: string };

export type Command =
  /** Changes nothing, and keeps the session alive. */
  | { readonly type: 'nothing' }
  | {
      readonly type: 'transaction';
      readonly comparisons: readonly Comparison[];
      readonly operations: readonly Operation[];
      readonly otherwise: readonly Operation[];
    }
  /** Reads of revisions below this one, and watches from them, end. */
  | { readonly type: 'compact'; readonly revision: number }
  | { readonly type: 'grant'; readonly ttlMs: number }
  | { readonly type: 'renew' | 'revoke'; readonly lease: number }
  | { readonly type: 'acquire'; readonly lock: string; readonly lease: number }
  | { readonly type: 'release'; readonly lock: string; readonly token: number }
  /** There are so many places of it, numbered from 1. More later, never fewer. */
  | { readonly type: 'offer'; readonly resource: string; readonly places: number }
  /** `place` 0: whichever is free, the lowest. */
  | { readonly type: 'book'; readonly wish: string; readonly resource: string; readonly place: number }
  | {
      readonly type: 'reserve';
      readonly wish: string;
      readonly resource: string;
      readonly place: number;
      readonly ttlMs: number;
    }
  | { readonly type: 'confirm' | 'cancel'; readonly wish: string };

export type LogEntry =
  /** So much of the leader's monotonic time has passed since it led, or since its last entry like this. */
  | { readonly type: 'advance'; readonly byMs: number }
  /** `(member, nonce)` is how its client knows the answer; asked twice it is the same session. */
  | { readonly type: 'open-session'; readonly member: MemberId; readonly nonce: number }
  | {
      readonly type: 'request';
      readonly session: number;
      /** From 1, in the order in which the client asks. */
      readonly sequence: number;
      /** The client has the answers to all before this sequence. */
      readonly unansweredFrom: number;
      readonly command: Command;
    };

export type WishState =
  | { readonly type: 'reserved' | 'confirmed'; readonly place: number }
  /** Somebody else has the place, or all. For good: to try again is another wish. */
  | { readonly type: 'taken' }
  | { readonly type: 'cancelled' | 'expired' };

export type Refusal =
  /** The store keeps as much, or there are as many of these, as may be. */
  | 'full'
  | 'compacted'
  | 'no-such-revision'
  | 'no-such-lease'
  | 'no-such-resource'
  | 'no-such-place'
  | 'no-such-wish'
  /** This wish was for another place or resource. */
  | 'other-wish'
  /** Not, or no longer, the holder. */
  | 'not-holder'
  | 'too-large';

export type Result =
  | { readonly type: 'done' }
  | {
      readonly type: 'transacted';
      /** Whether the comparisons held. */
      readonly succeeded: boolean;
      /** Of the store afterwards. */
      readonly revision: number;
      /** Of each `get`, in order. */
      readonly read: readonly (Version | undefined)[];
    }
  | { readonly type: 'granted'; readonly lease: number; readonly ttlMs: number }
  | { readonly type: 'acquired'; readonly token: number }
  /** By another lease. */
  | { readonly type: 'held'; readonly token: number }
  | { readonly type: 'wish'; readonly state: WishState }
  | { readonly type: 'refused'; readonly reason: Refusal };

export const done: Result = { type: 'done' };
export const refused = (reason: Refusal): Result => ({ type: 'refused', reason });

export type Transaction = Extract<Command, { type: 'transaction' }>;

export function transaction(
  comparisons: readonly Comparison[],
  operations: readonly Operation[],
  otherwise: readonly Operation[] = [],
): Transaction {
  for (const side of [operations, otherwise]) {
    const written = side.filter(({ type }) => type !== 'get').map(({ key }) => key);
    assert(new Set(written).size === written.length, 'a transaction writes a key once');
  }
  return { type: 'transaction', comparisons, operations, otherwise };
}
export const put = (key: string, value: Uint8Array): Transaction =>
  transaction([], [{ type: 'put', key, value }]);
export const remove = (key: string): Transaction => transaction([], [{ type: 'delete', key }]);
/** Writes where the key was last written by `revision`; where not, the answer says what stands there. */
export const compareAndSet = (key: string, revision: number, value: Uint8Array): Transaction =>
  transaction([{ type: 'revision', key, revision }], [{ type: 'put', key, value }], [{ type: 'get', key }]);
