/**
 * Who dials whom, and when again. Pure: the mesh adapter tells what happened and does what `due` says.
 *
 * Of two peers the one with the greater session id dials, always, so two offers never cross (glare). The
 * other one, when it loses the link or wants it now, asks to be dialled. Redials back off with full jitter
 * (exponential, Brooker 2015): after a server restart a hundred peers must not dial in one instant.
 */
import type { Random } from '../base/ports.ts';
import type { LinkId } from './transport.ts';

/** An attempt that has not opened by then is given up: ICE on a slow path takes a few seconds. */
export const dialTimeoutMs = 12_000;
export const backoffFirstMs = 400;
export const backoffMaxMs = 8_000;

/** The wait before attempt `failures + 1`: evenly drawn below a bound that doubles. */
export function backoffMs(
  random: Random,
  failures: number,
  firstMs = backoffFirstMs,
  maxMs = backoffMaxMs,
): number {
  const bound = Math.min(maxMs, firstMs * 2 ** Math.min(failures, 16));
  return Math.floor(bound / 2) + random.below(Math.ceil(bound / 2) + 1);
}

interface Contact {
  state: 'idle' | 'dialling' | 'open';
  failures: number;
  /** Idle: when to act next. Dialling: when to give up. */
  dueMs: number;
}

export type DialStep =
  | { readonly type: 'dial'; readonly peer: LinkId }
  /** We are the one who waits: tell the other side to dial. */
  | { readonly type: 'ask'; readonly peer: LinkId }
  | { readonly type: 'give-up'; readonly peer: LinkId };

export class Dialer {
  readonly #self: LinkId;
  readonly #random: Random;
  readonly #contacts = new Map<LinkId, Contact>();

  constructor(self: LinkId, random: Random) {
    this.#self = self;
    this.#random = random;
  }

  dials(peer: LinkId): boolean {
    return this.#self > peer;
  }

  /** The server says this peer is in the room. */
  present(peer: LinkId, nowMs: number): void {
    const contact = this.#contacts.get(peer);
    if (contact === undefined)
      this.#contacts.set(peer, { state: 'idle', failures: 0, dueMs: this.#soon(peer, nowMs) });
    else if (contact.state === 'idle') contact.dueMs = Math.min(contact.dueMs, this.#soon(peer, nowMs));
  }

  /** The one who waits gives the other a moment before asking. */
  #soon(peer: LinkId, nowMs: number): number {
    return this.dials(peer) ? nowMs : nowMs + 2_000;
  }

  /** It left the room. A link that is open stays. */
  absent(peer: LinkId): void {
    if (this.#contacts.get(peer)?.state !== 'open') this.#contacts.delete(peer);
  }

  /** An attempt began, ours or theirs. */
  dialling(peer: LinkId, nowMs: number): void {
    const failures = this.#contacts.get(peer)?.failures ?? 0;
    this.#contacts.set(peer, { state: 'dialling', failures, dueMs: nowMs + dialTimeoutMs });
  }

  opened(peer: LinkId): void {
    this.#contacts.set(peer, { state: 'open', failures: 0, dueMs: Infinity });
  }

  /** A link or an attempt ended. `present`: the peer is still in the room. */
  closed(peer: LinkId, present: boolean, nowMs: number): void {
    const failures = this.#contacts.get(peer)?.failures ?? 0;
    if (!present) this.#contacts.delete(peer);
    else {
      const dueMs = nowMs + backoffMs(this.#random, failures);
      this.#contacts.set(peer, { state: 'idle', failures: failures + 1, dueMs });
    }
  }

  /** Forget the waiting: the network or the link is switched on again. */
  hurry(nowMs: number, peer?: LinkId): void {
    for (const [id, contact] of this.#contacts) {
      if (contact.state !== 'idle' || (peer !== undefined && id !== peer)) continue;
      contact.failures = 0;
      contact.dueMs = nowMs;
    }
  }

  clear(): void {
    for (const [peer, contact] of this.#contacts) if (contact.state !== 'open') this.#contacts.delete(peer);
  }

  due(nowMs: number): DialStep[] {
    const steps: DialStep[] = [];
    for (const [peer, contact] of this.#contacts) {
      if (contact.dueMs > nowMs) continue;
      if (contact.state === 'dialling') steps.push({ type: 'give-up', peer });
      else if (contact.state === 'idle') {
        contact.failures++;
        contact.dueMs = nowMs + backoffMs(this.#random, contact.failures) + 2_000;
        steps.push({ type: this.dials(peer) ? 'dial' : 'ask', peer });
      }
    }
    return steps;
  }

  nextDueMs(): number | undefined {
    let due = Infinity;
    for (const contact of this.#contacts.values()) due = Math.min(due, contact.dueMs);
    return due === Infinity ? undefined : due;
  }
}
