/**
 * Saying what our disk holds, and hearing what others' hold. SPEC.md in src/sync: SYNC11, SYNC17, SYNC22.
 *
 * Each heartbeat carries a hash of the sender's durable clock, so a swallowed acknowledgement or batch is noticed
 * within a second or two. Whole clocks are compared only where hashes differ for longer than writing explains; what
 * a transaction has just kept is said entry by entry, to its author soon and to everyone in a while.
 */
import type { ReplicaId } from '../base/ids.ts';
import type { Crypto } from '../base/ports.ts';
import type { TraceEvent } from '../base/trace.ts';
import {
  countAhead,
  covers,
  mergeInto,
  stateHash,
  type ReadonlyVectorClock,
  type VectorClock,
} from '../clocks/vector-clock.ts';
import { equalBytes } from '../base/bytes.ts';
import type { Lane } from '../net/transport.ts';
import type { Batch } from '../sync/batch.ts';
import type { SyncMessage } from '../sync/messages.ts';
import type { MerkleTree } from '../sync/merkle-tree.ts';
import type { Asking } from './asking.ts';
import type { Comparing } from './comparing.ts';
import { Acknowledgements } from './gathering.ts';
import { heartbeatEveryMs, type Link, type PeerRecord } from './peers.ts';

/** Clocks that differ while somebody writes are no news: so many heartbeats are let pass before they are compared. */
const disagreementsMax = 3;

export interface AcknowledgingContext {
  readonly crypto: Crypto;
  /** What our disk holds: nothing else is ever said. */
  readonly durable: ReadonlyVectorClock;
  readonly peers: ReadonlyMap<ReplicaId, PeerRecord>;
  readonly upByPeer: ReadonlyMap<ReplicaId, Link>;
  /** The ids of what `durable` covers. */
  readonly held: MerkleTree;
  readonly asking: Asking;
  readonly comparing: Comparing;
  readonly nowMs: () => number;
  readonly send: (link: Link, lane: Lane, message: SyncMessage) => void;
  readonly trace: (event: TraceEvent) => void;
  readonly acknowledged: (peer: ReplicaId, clock: ReadonlyVectorClock) => void;
}

export class Acknowledging {
  readonly #context: AcknowledgingContext;
  readonly #due = new Acknowledgements();
  #durableChangedMs = -Infinity;
  /** Of the clock whose counts add up to `sum`, where none of them ever falls, and of that very root. */
  #hash: { readonly sum: number; readonly root: Uint8Array; readonly bytes: Uint8Array } | undefined;

  constructor(context: AcknowledgingContext) {
    this.#context = context;
  }

  nextDueMs(): number {
    return this.#due.nextDueMs();
  }

  tick(nowMs: number): void {
    const { upByPeer } = this.#context;
    for (const author of this.#due.takeForAuthors(nowMs)) {
      const link = upByPeer.get(author);
      if (link !== undefined) this.#sayEntries(link, [author]);
    }
    const logs = this.#due.takeForAll(nowMs);
    if (logs.length > 0) for (const link of upByPeer.values()) this.#sayEntries(link, logs);
  }

  /** The disk has batches of ours: whoever writes is not to be asked for its clock at every heartbeat. */
  keptOwn(): void {
    this.#durableChangedMs = this.#context.nowMs();
  }

  /** The disk has batches of others: say so, to each author soon and to everyone in a while. */
  keptOthers(batches: readonly Batch[]): void {
    const nowMs = this.#context.nowMs();
    this.#durableChangedMs = nowMs;
    this.#due.add(
      batches.map(({ replicaId }) => replicaId),
      nowMs,
    );
  }

  /** Our durable clock and the root over what it covers in eight bytes, for a heartbeat. */
  hash(): Uint8Array {
    const { crypto, durable, held } = this.#context;
    const root = held.root.hash();
    let sum = 0;
    for (const count of durable.values()) sum += count;
    if (this.#hash?.sum !== sum || this.#hash.root !== root)
      this.#hash = { sum, root, bytes: stateHash(crypto, durable, root) };
    return this.#hash.bytes;
  }

  /** `asks`: the peer is to say its whole clock as well. */
  sayClock(link: Link, asks: boolean, lane: Lane = 'data'): void {
    const { durable: clock, comparing } = this.#context;
    this.#context.send(link, lane, { type: 'clock', partial: false, asks, clock, root: comparing.root() });
  }

  #sayEntries(link: Link, replicaIds: readonly ReplicaId[]): void {
    const clock: VectorClock = new Map();
    for (const replicaId of replicaIds) clock.set(replicaId, this.#context.durable.get(replicaId) ?? 0);
    this.#context.send(link, 'control', {
      type: 'clock',
      partial: true,
      asks: false,
      clock,
      root: undefined,
    });
  }

  clockCame(link: Link, peer: ReplicaId, message: Extract<SyncMessage, { type: 'clock' }>): void {
    const { asking, comparing, durable, trace, acknowledged } = this.#context;
    if (!message.partial) link.clock.clear();
    this.#note(link, peer, message.clock);
    trace({
      type: 'clocks-exchanged',
      peer,
      behind: asking.lacks(link),
      ahead: countAhead(durable, link.clock),
    });
    if (message.asks) this.sayClock(link, false, 'control');
    const first = link.resyncing;
    if (!message.partial) link.resyncing = false;
    asking.clockCame(link, first);
    acknowledged(peer, link.clock);
    if (message.root !== undefined) comparing.clockCame(link, peer, message.clock, message.root);
  }

  /** A heartbeat carried the hash of the peer's durable clock and root. */
  hashCame(link: Link, peer: ReplicaId, hash: Uint8Array): void {
    if (equalBytes(hash, this.hash())) this.#agrees(link, peer);
    else this.#disagrees(link);
  }

  /**
   * Its disk holds exactly what ours does: as good as its clock. The clocks themselves travel in the lane that
   * may lose and reorder, so without this a lost acknowledgement would be missing until the next change.
   */
  #agrees(link: Link, peer: ReplicaId): void {
    link.disagreements = 0;
    if (covers(link.clock, this.#context.durable)) return;
    this.#note(link, peer, this.#context.durable);
    this.#context.acknowledged(peer, link.clock);
  }

  #disagrees(link: Link): void {
    const writing = this.#context.nowMs() - this.#durableChangedMs < heartbeatEveryMs;
    if (writing && ++link.disagreements <= disagreementsMax) return;
    link.disagreements = 0;
    this.sayClock(link, true, 'control');
  }

  #note(link: Link, peer: ReplicaId, clock: ReadonlyVectorClock): void {
    mergeInto(link.clock, clock);
    const record = this.#context.peers.get(peer);
    if (record === undefined) return;
    record.acknowledged.clear();
    mergeInto(record.acknowledged, link.clock);
  }
}
