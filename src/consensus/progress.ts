/**
 * What a leader knows of one follower's log, and how fast it may send (Ongaro's thesis, section 10.2; etcd's design of
 * three states).
 *
 * - `probe`: the place where the logs part is not known. One append at a time, and the next only after an answer or a heartbeat.
 * - `replicate`: the logs match up to `matchIndex`. `nextIndex` runs ahead of the acknowledgements, within a window.
 * - `snapshot`: the follower needs entries that were compacted. Nothing is sent until the snapshot has arrived or failed.
 */
import { Inflights } from './inflights.ts';

export type ProgressState = 'probe' | 'replicate' | 'snapshot';

export interface ProgressLimits {
  /** Appends in flight to one follower. */
  readonly inflightCountMax: number;
  /** Payload bytes of those. */
  readonly inflightBytesMax: number;
}

export class Progress {
  state: ProgressState = 'probe';
  /** Highest index known to be stored on this follower. Invariant: `0 <= matchIndex < nextIndex`. */
  matchIndex = 0;
  /** The entry to send next; those between `matchIndex` and it are on their way. */
  nextIndex: number;
  /** Highest commit index that was sent. An optimization: an append that says nothing new need not go. */
  sentCommit = 0;
  /** In `snapshot`: its index. 0 otherwise. */
  pendingSnapshot = 0;
  /** Heard of since the last check of the quorum. Always true for the leader itself. */
  recentlyActive: boolean;
  /** No further append until something is heard of the follower. */
  flowPaused = false;
  isLearner: boolean;
  /** Names this stretch of replication: what answers to an earlier one is void. 0 where sessions are off. */
  session: number;
  readonly inflights: Inflights;
  readonly #limits: ProgressLimits;

  constructor(
    nextIndex: number,
    limits: ProgressLimits,
    { isLearner = false, recentlyActive = false, session = 0 } = {},
  ) {
    this.nextIndex = nextIndex;
    this.isLearner = isLearner;
    this.recentlyActive = recentlyActive;
    this.session = session;
    this.inflights = new Inflights(limits.inflightCountMax, limits.inflightBytesMax);
    this.#limits = limits;
  }

  /** The same follower at the beginning of a leader's term: nothing is known of its log. */
  renewed(nextIndex: number, session: number): Progress {
    return new Progress(nextIndex, this.#limits, { isLearner: this.isLearner, session });
  }

  /** The same, to be changed without the original noticing. */
  copy(): Progress {
    const copy = new Progress(this.nextIndex, this.#limits, this);
    copy.state = this.state;
    copy.matchIndex = this.matchIndex;
    copy.sentCommit = this.sentCommit;
    copy.pendingSnapshot = this.pendingSnapshot;
    copy.flowPaused = this.flowPaused;
    return copy;
  }

  get paused(): boolean {
    return this.state === 'snapshot' || this.flowPaused;
  }

  becomeProbe(): void {
    // A snapshot that arrived moves the start of the search behind it.
    const next = Math.max(this.matchIndex, this.pendingSnapshot) + 1;
    this.#enter('probe', next);
    this.sentCommit = Math.min(this.sentCommit, this.nextIndex - 1);
  }
  becomeReplicate(): void {
    this.#enter('replicate', this.matchIndex + 1);
  }
  becomeSnapshot(index: number): void {
    this.#enter('snapshot', index + 1);
    this.pendingSnapshot = index;
    this.sentCommit = index;
  }
  #enter(state: ProgressState, nextIndex: number): void {
    this.state = state;
    this.nextIndex = nextIndex;
    this.pendingSnapshot = 0;
    this.flowPaused = false;
    this.inflights.clear();
  }

  /** An append of `count` entries went out, beginning at `nextIndex`. */
  sent(count: number, bytes: number): void {
    if (this.state === 'replicate') {
      if (count > 0) {
        this.nextIndex += count;
        this.inflights.add(this.nextIndex - 1, bytes);
      }
      this.flowPaused = this.inflights.full;
    } else if (count > 0) {
      this.flowPaused = true;
    }
  }

  /** Whether sending commit index `index` could move the follower's. */
  wantsCommit(index: number): boolean {
    return index > this.sentCommit && this.sentCommit < this.nextIndex - 1;
  }

  /** The follower has stored everything up to `index`. False when that is old news. */
  acknowledged(index: number): boolean {
    if (index <= this.matchIndex) return false;
    this.matchIndex = index;
    this.nextIndex = Math.max(this.nextIndex, index + 1);
    this.flowPaused = false;
    return true;
  }

  /**
   * The follower refused the append after `rejected`; its log may match up to `hint`. False when the refusal is an old one, which
   * reordered and duplicated messages make possible: `nextIndex` must never fall to what is acknowledged already.
   */
  refused(rejected: number, hint: number): boolean {
    if (this.state === 'replicate') {
      if (rejected <= this.matchIndex) return false;
      this.nextIndex = this.matchIndex + 1;
    } else {
      if (rejected !== this.nextIndex - 1) return false;
      this.nextIndex = Math.max(Math.min(rejected, hint + 1), this.matchIndex + 1);
      this.flowPaused = false;
    }
    this.sentCommit = Math.min(this.sentCommit, this.nextIndex - 1);
    return true;
  }
}
