/** What a driver asks of the world around it, and what it tells those who asked something of it. */
import type { MemberId } from '../entry.ts';
import type { Result } from '../machine/commands.ts';
import type { LogChange } from './log-change.ts';

export type Outcome =
  | { readonly ok: true; readonly result: Result }
  /** It may have been carried out, or not, and nobody can find out: the session it was asked under is over. */
  | { readonly ok: false; readonly reason: 'in-doubt' };

export type DriverEffect =
  /** To the disk, in one transaction that has reached it (strict) when `persisted(token)` comes back. One at a time. */
  | { readonly type: 'persist'; readonly token: number; readonly changes: readonly LogChange[] }
  | { readonly type: 'send'; readonly to: MemberId; readonly bytes: Uint8Array }
  | { readonly type: 'answered'; readonly request: number; readonly outcome: Outcome }
  /** The machine may be read now: it has applied all that was committed when this was asked. */
  | { readonly type: 'readable'; readonly read: number }
  /** This member's store has lost what it once promised. It does nothing any more, and may come back under a new number only. */
  | { readonly type: 'store-lost' };
