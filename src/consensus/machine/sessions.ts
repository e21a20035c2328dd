/**
 * Client sessions: a request that is proposed twice, since nobody knew whether the first time had worked, is carried out once and
 * answered twice (Ongaro's thesis, section 6.3).
 *
 * A session is named by the index of the entry that opened it, so an expired one is known to be none, and its client is told that it cannot
 * know what became of its last requests, rather than carrying them out again. Answers are kept until the client says it has them.
 */
import type { Reader, Writer } from '../../base/codec.ts';
import { clientSessionMs, clientSessionsMax, clientWindowMax, counterMax } from '../../base/limits.ts';
import type { MemberId } from '../entry.ts';
import type { Result } from './commands.ts';
import { readResult, writeResult } from './results-codec.ts';

interface Session {
  readonly member: MemberId;
  readonly nonce: number;
  /** When its client last said something, on the machine's time. */
  seenMs: number;
  unansweredFrom: number;
  readonly answers: Map<number, Result>;
}

export type Answer =
  | { readonly type: 'answered'; readonly result: Result }
  /** The client has this answer, as it said. */
  | { readonly type: 'answered-before' }
  /** More requests than may be under way. */
  | { readonly type: 'too-far-ahead' }
  | { readonly type: 'session-expired' };

export class Sessions {
  readonly #sessions = new Map<number, Session>();

  /** Where all are in use the one that has been quiet for longest is given up. */
  open(index: number, member: MemberId, nonce: number, nowMs: number): number {
    for (const [id, session] of this.#sessions)
      if (session.member === member && session.nonce === nonce) return id;
    if (this.#sessions.size >= clientSessionsMax) {
      let [quietest, seenMs] = [0, Infinity];
      for (const [id, session] of this.#sessions)
        if (session.seenMs < seenMs) [quietest, seenMs] = [id, session.seenMs];
      this.#sessions.delete(quietest);
    }
    this.#sessions.set(index, { member, nonce, seenMs: nowMs, unansweredFrom: 1, answers: new Map() });
    return index;
  }
  request(
    { session: id, sequence, unansweredFrom }: { session: number; sequence: number; unansweredFrom: number },
    nowMs: number,
    execute: () => Result,
  ): Answer {
    const session = this.#sessions.get(id);
    if (session === undefined) return { type: 'session-expired' };
    session.seenMs = nowMs;
    for (; session.unansweredFrom < unansweredFrom; session.unansweredFrom++) {
      session.answers.delete(session.unansweredFrom);
      if (session.answers.size === 0) session.unansweredFrom = unansweredFrom - 1;
    }
    if (sequence < session.unansweredFrom) return { type: 'answered-before' };
    if (sequence >= session.unansweredFrom + clientWindowMax) return { type: 'too-far-ahead' };
    const known = session.answers.get(sequence);
    if (known !== undefined) return { type: 'answered', result: known };
    const result = execute();
    session.answers.set(sequence, result);
    return { type: 'answered', result };
  }
  expire(nowMs: number): void {
    for (const [id, { seenMs }] of this.#sessions)
      if (seenMs + clientSessionMs <= nowMs) this.#sessions.delete(id);
  }

  write(writer: Writer): void {
    writer.varUint(this.#sessions.size);
    for (const [id, session] of [...this.#sessions].sort(([a], [b]) => a - b)) {
      const { member, nonce, seenMs, unansweredFrom, answers } = session;
      writer.varUint(id).varUint(member).varUint(nonce).varUint(seenMs).varUint(unansweredFrom);
      writer.varUint(answers.size);
      for (const [sequence, result] of [...answers].sort(([a], [b]) => a - b)) {
        writer.varUint(sequence - unansweredFrom);
        writeResult(writer, result);
      }
    }
  }
  static read(reader: Reader): Sessions {
    const sessions = new Sessions();
    for (let left = reader.varUint(clientSessionsMax), before = -1; left > 0; left--) {
      const id = reader.varUint(counterMax);
      if (id <= before) reader.fail('sessions out of order');
      before = id;
      const [member, nonce] = [reader.varUint(counterMax), reader.varUint(counterMax)];
      const [seenMs, unansweredFrom] = [reader.varUint(counterMax), reader.varUint(counterMax)];
      const answers = new Map<number, Result>();
      for (let count = reader.varUint(clientWindowMax), last = -1; count > 0; count--) {
        const ahead = reader.varUint(clientWindowMax - 1);
        if (ahead <= last) reader.fail('answers out of order');
        last = ahead;
        answers.set(unansweredFrom + ahead, readResult(reader));
      }
      sessions.#sessions.set(id, { member, nonce, seenMs, unansweredFrom, answers });
    }
    return sessions;
  }
}
