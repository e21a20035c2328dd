/**
 * Drives a replica: does what its effects say through ports, and hands the answers back as inputs. The app and the
 * simulator run this one; what is theirs is behind the ports, where an answer may take as long as it takes.
 *
 * Persist before send has its second half here: what a commit pushes leaves when the disk has answered, by whoever
 * keeps it (`keep`) where the link is clear and the message one frame, through the transport otherwise.
 */
import { assert } from '../base/assert.ts';
import type { Clock } from '../base/ports.ts';
import { singleFrame } from '../net/frames.ts';
import type { Lane, LinkId } from '../net/transport.ts';
import type { BatchKey, CommitResult, ScrubStep, StoreTransaction } from '../storage/store.ts';
import { fillSignature } from '../sync/batch.ts';
import type { Effect, Input, Signing } from './effects.ts';
import type { Replica } from './replica.ts';

/** What only whoever looks on needs to know. */
export type Shown = Extract<
  Effect,
  { type: 'text-changed' | 'document-changed' | 'presence-changed' | 'status-changed' | 'trace' }
>;

export interface Committed {
  readonly result: CommitResult;
  /** There when one was asked for and the result is ok. */
  readonly signature: Uint8Array | undefined;
  /** The links on which the frame has left. */
  readonly sent: readonly LinkId[];
}

export interface Keep {
  readonly transaction: StoreTransaction;
  readonly sign: Signing | undefined;
  readonly linkIds: readonly LinkId[];
  /** Ends with the batch that lacks its signature, as the message of the effect does. */
  readonly frame: Uint8Array | undefined;
}

/** For whoever keeps: the signature into the batch and the frame, which must be its own copies. */
export function fillIn(keep: Pick<Keep, 'transaction' | 'sign' | 'frame'>, signature: Uint8Array): void {
  const own = keep.sign && keep.transaction.batches?.[keep.sign.batch];
  assert(own !== undefined, 'what is signed is in the transaction');
  fillSignature(own.bytes, signature);
  if (keep.frame !== undefined) fillSignature(keep.frame, signature);
}

export interface DriverPorts {
  readonly clock: Pick<Clock, 'monotonicMs'>;
  verify(effect: Extract<Effect, { type: 'verify' }>, answer: (holds: boolean) => void): void;
  /** Whether what is sent on this link now leaves at once and untouched. */
  isClear(linkId: LinkId): boolean;
  /** Signs, keeps, then sends `frame` on each of `linkIds`. One at a time: the answer comes before the next. */
  keep(commit: Keep, answer: (committed: Committed) => void): void;
  /** As the store's. */
  scrub(after: BatchKey | undefined, recordsMax: number, answer: (step: ScrubStep) => void): void;
  /** A full queue or a closed link loses the message; clocks find what was lost. */
  send(linkId: LinkId, lane: Lane, bytes: Uint8Array): void;
  drop(linkId: LinkId, reason: string): void;
  /** `wake` is wanted then, and no longer when it was wanted before. */
  wakeAt(monotonicMs: number): void;
  shown(effect: Shown): void;
}

export class Driver {
  readonly #replica: Replica;
  readonly #ports: DriverPorts;
  #wakeAtMs = Infinity;
  #closed = false;

  constructor(replica: Replica, ports: DriverPorts) {
    this.#replica = replica;
    this.#ports = ports;
  }

  step(input: Input): void {
    if (!this.#closed) this.run(this.#replica.step(input));
  }

  /** Carries out what a call of the replica gave. */
  run(effects: readonly Effect[]): void {
    for (const effect of effects) this.#do(effect);
    this.#schedule();
  }

  wake(): void {
    this.#wakeAtMs = Infinity;
    this.step({ type: 'tick' });
  }

  /** Answers that are still to come are heard no more. */
  close(): void {
    this.#closed = true;
  }

  #do(effect: Effect): void {
    switch (effect.type) {
      case 'verify':
        this.#ports.verify(effect, holds => {
          this.step({ type: 'verified', token: effect.token, holds });
        });
        break;
      case 'commit':
        this.#commit(effect);
        break;
      case 'scrub':
        this.#ports.scrub(effect.after, effect.recordsMax, step => {
          this.step({ type: 'scrubbed', token: effect.token, step });
        });
        break;
      case 'send':
        this.#ports.send(effect.linkId, effect.lane, effect.bytes);
        break;
      case 'drop-link':
        this.#ports.drop(effect.linkId, effect.reason);
        break;
      default:
        this.#ports.shown(effect);
    }
  }

  #commit({ token, transaction, sign, push }: Extract<Effect, { type: 'commit' }>): void {
    const { linkIds, message } = push;
    const frame = message && singleFrame(message);
    const clear = frame === undefined ? [] : linkIds.filter(linkId => this.#ports.isClear(linkId));
    this.#ports.keep({ transaction, sign, linkIds: clear, frame }, ({ result, signature, sent }) => {
      if (this.#closed) return;
      if (result.ok && message !== undefined && signature !== undefined) {
        fillSignature(message, signature);
        for (const linkId of linkIds) {
          if (!sent.includes(linkId)) this.#ports.send(linkId, 'data', message);
        }
      }
      this.step({ type: 'committed', token, result, signature });
    });
  }

  #schedule(): void {
    const dueMs = this.#replica.nextDueMs();
    if (dueMs === undefined || this.#closed) return;
    const atMs = Math.max(dueMs, this.#ports.clock.monotonicMs());
    if (atMs >= this.#wakeAtMs) return;
    this.#wakeAtMs = atMs;
    this.#ports.wakeAt(atMs);
  }
}
