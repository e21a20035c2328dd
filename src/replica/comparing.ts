/**
 * Finding what clocks cannot see: replicas that count alike and hold different batches, after a fork, or after a store has lost
 * some. Their roots differ; a Merkle walk (`merkle-walk.ts`) names what is missing, and that is asked for by id. SPEC.md in
 * src/sync: SYNC37–SYNC39.
 *
 * A walk costs only where the counts say that nothing is missing, so it begins when clocks are equal and roots are not, or when
 * a batch has come that builds on another place of its log than ours. Nothing is believed: what comes is decoded, hashed and
 * verified like any other batch.
 */
import { toHex } from '../base/bytes.ts';
import type { BatchId, ReplicaId } from '../base/ids.ts';
import { merkleKeysMax } from '../base/limits.ts';
import { covers, type ReadonlyVectorClock } from '../clocks/vector-clock.ts';
import type { BatchLog } from '../sync/batch-log.ts';
import type { Batch } from '../sync/batch.ts';
import { type MerkleItem, type Short } from '../sync/merkle-messages.ts';
import type { MerkleTree } from '../sync/merkle-tree.ts';
import { answerWalk, beginDifferent, keysOf, shortOf } from '../sync/merkle-walk.ts';
import { rootBytes, type SyncMessage } from '../sync/messages.ts';
import { packBytes, requestTimeoutMs } from './asking.ts';
import type { Link } from './peers.ts';

/** Walks on one link begin at most this often while they find something, and ever less often, up to the second, while they do not. */
const walkEveryMs = 2000;
const walkEveryMsMax = 60_000;
/** Ids asked for at once: the next are asked for when these have come. */
const wantKeysMax = 256;
/** Bytes in answer to that. What does not fit is asked for again. */
const wantedBytesMax = 1024 * 1024;

export interface ComparingContext {
  readonly replicaId: ReplicaId;
  readonly log: BatchLog;
  readonly durable: ReadonlyVectorClock;
  /** The ids of what `durable` covers. */
  readonly held: MerkleTree;
  readonly upByPeer: ReadonlyMap<ReplicaId, Link>;
  readonly nowMs: () => number;
  readonly sendData: (link: Link, message: SyncMessage) => void;
}

/** What is being fetched on a link after a walk. */
interface Fetching {
  /** Not asked for yet. */
  readonly left: Set<Short>;
  /** Asked for, and not come. */
  readonly asked: Set<Short>;
  touchedMs: number;
}

/** Of one link. */
interface Walks {
  nextMs: number;
  everyMs: number;
}

export class Comparing {
  readonly #context: ComparingContext;
  readonly #walks = new WeakMap<Link, Walks>();
  readonly #fetching = new Map<Link, Fetching>();

  constructor(context: ComparingContext) {
    this.#context = context;
  }

  /** How our root begins: beside a whole clock. */
  root(): Uint8Array {
    return this.#context.held.root.hash().subarray(0, rootBytes);
  }

  tick(nowMs: number): void {
    for (const [link, { touchedMs }] of this.#fetching) {
      const isUp = link.peer !== undefined && this.#context.upByPeer.get(link.peer) === link;
      // What is given up is found again by the next walk, here or elsewhere.
      if (!isUp || nowMs - touchedMs > requestTimeoutMs) this.#fetching.delete(link);
    }
  }

  /** A whole clock has come, with the root over what it covers. The two sides notice alike: the lesser name begins. */
  clockCame(link: Link, peer: ReplicaId, clock: ReadonlyVectorClock, root: Uint8Array): void {
    const { durable, replicaId } = this.#context;
    if (replicaId > peer || !covers(clock, durable) || !covers(durable, clock)) return;
    if (toHex(this.root()) !== toHex(root)) this.#begin(link);
  }

  /** A batch has come from there that builds on what we do not know, where we know the log: there are two of them. */
  parted(peer: ReplicaId): void {
    const link = this.#context.upByPeer.get(peer);
    if (link !== undefined) this.#begin(link);
  }

  #begin(link: Link): void {
    const nowMs = this.#context.nowMs();
    const walks = this.#walks.get(link) ?? { nextMs: -Infinity, everyMs: walkEveryMs / 2 };
    if (nowMs < walks.nextMs || this.#fetching.has(link)) return;
    const everyMs = Math.min(walkEveryMsMax, 2 * walks.everyMs);
    this.#walks.set(link, { nextMs: nowMs + everyMs, everyMs });
    this.#context.sendData(link, { type: 'merkle', items: beginDifferent(this.#context.held) });
  }

  /** One step of a walk, ours or theirs. */
  step(link: Link, items: readonly MerkleItem[]): void {
    if (items.length === 0) return;
    const { held, sendData } = this.#context;
    const answer = answerWalk(held, items);
    sendData(link, { type: 'merkle', items: answer.items });
    this.#fetch(link, answer.lacks);
  }

  #fetch(link: Link, lacks: readonly Short[]): void {
    if (lacks.length === 0) return;
    const fetching: Fetching = this.#fetching.get(link) ?? {
      left: new Set(),
      asked: new Set(),
      touchedMs: this.#context.nowMs(),
    };
    this.#fetching.set(link, fetching);
    for (const key of lacks)
      if (fetching.left.size < merkleKeysMax && !fetching.asked.has(key)) fetching.left.add(key);
    if (fetching.asked.size === 0) this.#want(link, fetching);
  }

  #want(link: Link, fetching: Fetching): void {
    for (const key of fetching.left) {
      if (fetching.asked.size >= wantKeysMax) break;
      fetching.left.delete(key);
      fetching.asked.add(key);
    }
    if (fetching.asked.size === 0) this.#fetching.delete(link);
    else this.#context.sendData(link, { type: 'want', keys: [...fetching.asked].sort() });
  }

  /** A batch has come on this link. */
  came(link: Link, id: BatchId): void {
    const fetching = this.#fetching.get(link);
    if (fetching?.asked.delete(shortOf(id)) !== true) return;
    fetching.touchedMs = this.#context.nowMs();
    // It was worth walking.
    this.#walks.set(link, { nextMs: -Infinity, everyMs: walkEveryMs / 2 });
    if (fetching.asked.size === 0) this.#want(link, fetching);
  }

  /** The peer lacks these: in our order of delivery, so that what they build on comes first. */
  give(link: Link, keys: readonly Short[]): void {
    const { log, held, sendData } = this.#context;
    const batches = keysOf(held, keys)
      .flatMap(key => log.get(key as BatchId) ?? [])
      .sort((a, b) => log.placeOf(a) - log.placeOf(b));
    let pack: Batch[] = [];
    let [packed, total] = [0, 0];
    for (const batch of batches) {
      const { length } = batch.bytes;
      if (total + length > wantedBytesMax) break;
      if (packed + length > packBytes && pack.length > 0) {
        sendData(link, { type: 'batches', batches: pack.map(({ bytes }) => bytes) });
        [pack, packed] = [[], 0];
      }
      pack.push(batch);
      packed += length;
      total += length;
    }
    if (pack.length > 0) sendData(link, { type: 'batches', batches: pack.map(({ bytes }) => bytes) });
  }
}
