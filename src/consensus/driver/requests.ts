/**
 * This member as a client of its own group: requests go into the log under a session, again and again until they are answered, and are
 * carried out once (Ongaro's thesis, section 6.3).
 */
import { clientWaitingMax, clientWindowMax } from '../../base/limits.ts';
import type { MemberId } from '../entry.ts';
import type { Command } from '../machine/commands.ts';
import { encodeEntry } from '../machine/entries-codec.ts';
import type { Applied } from '../machine/machine.ts';
import type { DriverEffect } from './effects.ts';

interface Pending {
  readonly request: number;
  readonly command: Command;
  proposedAtMs: number;
}

export class Requests {
  readonly #member: MemberId;
  #nonce: number;
  #session = 0;
  #openedAtMs = -Infinity;
  #nextSequence = 1;
  /** By sequence, ascending. */
  readonly #inFlight = new Map<number, Pending>();
  readonly #waiting: Pending[] = [];
  #requests = 0;

  /** `nonce`: drawn anew by each start, so that no start takes up the session of another. */
  constructor(member: MemberId, nonce: number) {
    this.#member = member;
    this.#nonce = nonce;
  }
  /** The name of the request, or undefined where too many wait. */
  ask(command: Command): number | undefined {
    if (this.#waiting.length >= clientWaitingMax) return undefined;
    const request = ++this.#requests;
    this.#waiting.push({ request, command, proposedAtMs: -Infinity });
    return request;
  }
  get isIdle(): boolean {
    return this.#inFlight.size + this.#waiting.length === 0;
  }

  /** What is to be proposed now: what is new, and what was not answered for `retryMs`. */
  due(nowMs: number, retryMs: number): readonly Uint8Array[] {
    if (this.isIdle) return [];
    if (this.#session === 0) {
      if (nowMs - this.#openedAtMs < retryMs) return [];
      this.#openedAtMs = nowMs;
      return [encodeEntry({ type: 'open-session', member: this.#member, nonce: this.#nonce })];
    }
    const unansweredFrom = this.#unansweredFrom;
    while (this.#waiting.length > 0 && this.#nextSequence < unansweredFrom + clientWindowMax)
      this.#inFlight.set(this.#nextSequence++, this.#waiting.shift() as Pending);
    const entries: Uint8Array[] = [];
    for (const [sequence, pending] of this.#inFlight) {
      if (nowMs - pending.proposedAtMs < retryMs) continue;
      pending.proposedAtMs = nowMs;
      const { command } = pending;
      entries.push(
        encodeEntry({
          type: 'request',
          session: this.#session,
          sequence,
          unansweredFrom: this.#unansweredFrom,
          command,
        }),
      );
    }
    return entries;
  }
  /** There is another leader: what the last one took may be lost with it. */
  hurry(): void {
    this.#openedAtMs = -Infinity;
    for (const pending of this.#inFlight.values()) pending.proposedAtMs = -Infinity;
  }
  get #unansweredFrom(): number {
    for (const sequence of this.#inFlight.keys()) return sequence;
    return this.#nextSequence;
  }

  onApplied(applied: Applied): readonly DriverEffect[] {
    if (applied.type === 'opened') {
      if (applied.member === this.#member && applied.nonce === this.#nonce && this.#session === 0)
        this.#session = applied.session;
      return [];
    }
    if (applied.type !== 'request' || applied.session !== this.#session) return [];
    const { sequence, answer } = applied;
    if (answer.type === 'session-expired') return this.#startOver();
    const pending = this.#inFlight.get(sequence);
    // An answer that we have, or one that was never carried out since we had not asked for it yet.
    if (pending === undefined || answer.type !== 'answered') return [];
    this.#inFlight.delete(sequence);
    return [{ type: 'answered', request: pending.request, outcome: { ok: true, result: answer.result } }];
  }
  /**
   * A snapshot took the place of entries, and with them of answers. What was answered there is answered again when it is proposed again, so
   * nothing is lost but time.
   */
  onRestored(): void {
    this.hurry();
  }
  #startOver(): readonly DriverEffect[] {
    const doubtful = [...this.#inFlight.values()];
    this.#inFlight.clear();
    this.#session = 0;
    this.#nonce++;
    this.#nextSequence = 1;
    this.#openedAtMs = -Infinity;
    return doubtful.map(({ request }) => ({
      type: 'answered',
      request,
      outcome: { ok: false, reason: 'in-doubt' },
    }));
  }
}
