/**
 * Linearizable reads without writing to the log (Ongaro's thesis, section 6.4).
 *
 * A read may be answered from the state at the leader's commit index as soon as it is certain that, **after** the read began, this member
 * was still the leader. Acknowledged heartbeats show it. The obvious way, to match an answer to the read by the read's own context, goes
 * wrong when a context is used again: an old answer confirms a new read. So heartbeats go out in numbered **rounds** which only
 * rise within a term, a read waits for a round that began after it, and one round confirms all reads before it.
 *
 * The same numbers make the lease (section 6.4.1): a quorum that answered a round will not vote for an election timeout from when
 * it heard of it, hence not before an election timeout after that round was **sent**. Counting from the answer, as many do, is too long.
 */
import type { MemberId } from './entry.ts';

export interface PendingRead {
  readonly from: MemberId;
  readonly context: Uint8Array;
  /** What was committed when the read began. */
  readonly index: number;
  readonly round: number;
}

export class ReadRounds {
  /** The last round that was sent. */
  round = 0;
  #confirmed = 0;
  #pending: PendingRead[] = [];
  readonly #answered = new Map<MemberId, number>();
  /** Rounds that nobody's quorum has answered yet, and when each was sent. */
  #sent: { readonly round: number; readonly tick: number }[] = [];
  #confirmedSentAtTick: number | undefined = undefined;

  get pendingCount(): number {
    return this.#pending.length;
  }
  /** When the newest confirmed round was sent. */
  get confirmedSentAtTick(): number | undefined {
    return this.#confirmedSentAtTick;
  }
  begin(tick: number): number {
    this.round++;
    // Many reads within one tick make many rounds: the first of a tick stands for the others' lease.
    if (this.#sent.at(-1)?.tick !== tick) this.#sent.push({ round: this.round, tick });
    return this.round;
  }
  add(read: PendingRead): void {
    this.#pending.push(read);
  }
  /** `from` answered `round`. A number never sent is a lie, and ignored. */
  answered(from: MemberId, round: number): void {
    if (round <= this.round && round > (this.#answered.get(from) ?? 0)) this.#answered.set(from, round);
  }
  answeredBy(id: MemberId): number | undefined {
    return this.#answered.get(id);
  }
  /** A quorum has answered rounds up to `round`. Returns the reads that are certain now. */
  confirm(round: number): readonly PendingRead[] {
    if (round <= this.#confirmed || round === Infinity) return [];
    this.#confirmed = round;
    let sent = 0;
    while (sent < this.#sent.length && (this.#sent[sent]?.round ?? Infinity) <= round) sent++;
    if (sent > 0) {
      this.#confirmedSentAtTick = this.#sent[sent - 1]?.tick;
      this.#sent = this.#sent.slice(sent);
    }
    let confirmed = 0;
    while (confirmed < this.#pending.length && (this.#pending[confirmed]?.round ?? Infinity) <= round)
      confirmed++;
    const reads = this.#pending.slice(0, confirmed);
    this.#pending = this.#pending.slice(confirmed);
    return reads;
  }
}
