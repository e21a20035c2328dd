/** What an input to the core comes to. Expected outcomes, which the caller looks at; a programmer's errors are assertions. */
import type { MemberId } from './entry.ts';

export type Refusal =
  /** Not the leader, and no leader known or none to pass it on to. */
  | { readonly reason: 'not-leader'; readonly leaderId: MemberId }
  /** This leader takes no proposals: it hands over, or is no member any more. */
  | { readonly reason: 'handing-over' | 'not-member' }
  /** As much is uncommitted, or as many reads wait, as may. */
  | { readonly reason: 'too-much-pending' }
  /** An answer of somebody who is not a member. */
  | { readonly reason: 'unknown-peer' }
  /** A leader counts on entries here that are not: this store has lost some, and must not vote under its name again. */
  | { readonly reason: 'log-lost' }
  /** No honest member sends this. */
  | { readonly reason: 'acknowledges-unknown' };

export type StepResult = { readonly ok: true } | ({ readonly ok: false } & Refusal);

/** `index` is where it will be committed, if it will, and is known to the leader alone. */
export type ProposeResult =
  { readonly ok: true; readonly index?: number } | ({ readonly ok: false } & Refusal);

export const done: StepResult = { ok: true };
