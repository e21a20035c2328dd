/**
 * A world of replicas that all hold one value of any CRDT here, played from a plan: local edits, causal delivery
 * in any order, repeats, partial syncs, saving and loading, taking over another's snapshot, collecting garbage.
 * It throws when a law breaks:
 *
 * - replicas that know the same operations have equal views and **equal encodings**, whatever came when;
 * - a repeat, whole or in part, changes neither view nor encoding and reports no change;
 * - what is saved and loaded is the same and encodes to the same bytes, also under another replica's name;
 * - operations survive their encoding, and take the counters they say;
 * - after every step the view is the model's, if there is one, and what the reported changes say.
 *
 * It uses no test library, so that a law runner can play a hundred thousand worlds without one.
 */
import { deepStrictEqual, fail, ok } from 'node:assert/strict';
import { assertNever } from '../../base/assert.ts';
import { equalBytes } from '../../base/bytes.ts';
import type { Decoded } from '../../base/codec.ts';
import type { ReplicaId } from '../../base/ids.ts';
import { HybridLogicalClock, type HybridTime } from '../../clocks/hybrid-logical-clock.ts';
import type { ReadonlyVectorClock } from '../../clocks/vector-clock.ts';
import type { Applied, Context, OpId } from '../context.ts';
import type { Plan, Step } from './plan.model.ts';

/** The obvious way to do the same: is told every operation once, in an order in which causes come first. */
export interface Model<Op, View> {
  apply(op: Op): void;
  view(): View;
}

/** What a world must know of a CRDT. `Edit` is one random local edit, as the plan draws it. */
export interface Kind<X, Op extends { readonly id: OpId }, Change, Edit, View> {
  readonly create: (context: Context) => X;
  /** Makes a local edit of `x`, or none (`[]`) when the edit makes no sense there. */
  readonly edit: (x: X, edit: Edit) => readonly Op[];
  readonly apply: (x: X, ops: readonly Op[]) => Applied<Change>;
  readonly countersOf: (ops: readonly Op[]) => number;
  readonly encodeOps: (ops: readonly Op[], replicaId: ReplicaId, firstCounter: number) => Uint8Array;
  readonly decodeOps: (
    bytes: Uint8Array,
    replicaId: ReplicaId,
    firstCounter: number,
  ) => Decoded<readonly Op[]>;
  readonly encode: (x: X) => Uint8Array;
  readonly decode: (bytes: Uint8Array, context: Context) => Decoded<X>;
  /** What a user of `x` sees, as plain data of its own that later edits do not change. */
  readonly view: (x: X) => View;
  readonly model?: () => Model<Op, View>;
  /** What `before` becomes by `changes`; then the changes that `apply` reports are held to the view. */
  readonly replay?: (before: View, changes: readonly Change[]) => View;
  /** Throws when an invariant inside `x` is broken. */
  readonly check?: (x: X) => void;
  /** Drops what may go once every replica has `stable` (counters, the first not stable one of each replica). */
  readonly collect?: (x: X, stable: ReadonlyVectorClock) => void;
}

/** A replica id for tests: `name` (hex digits) filled up with zeros. */
export function replicaIdOf(name: string): ReplicaId {
  return name.padEnd(32, '0') as ReplicaId;
}

/** Neither ascending nor descending, so that nothing holds only because of the order of the names. */
const names = ['c', '1', 'f', '07', 'c1', '8', '2b', 'e4'].map(replicaIdOf);
/** How wrong the clock of each is, in milliseconds: beyond the drift that others follow, too. */
const clockErrorsMs = [0, -40_000, 50_000, 3_600_000, -7_200_000, 3, 2 ** 47, 0];
const startMs = 1_800_000_000_000;
const stepMs = 7;

/** What a replica appended to its log at once. */
interface Batch {
  readonly author: number;
  readonly first: number;
  readonly end: number;
  readonly bytes: Uint8Array;
  readonly stamp: HybridTime;
  /** How many batches of each replica it was written on; all of its author's among them. */
  readonly after: readonly number[];
}

class Peer<X, Op extends { readonly id: OpId }, View> {
  readonly index: number;
  readonly context: Context;
  readonly clock: HybridLogicalClock;
  /** How many batches of each replica are here. */
  known: number[];
  x: X;
  model: Model<Op, View> | undefined;

  constructor(
    kind: Pick<Kind<X, Op, never, never, View>, 'create' | 'model'>,
    index: number,
    context: Context,
    clock: HybridLogicalClock,
    peerCount: number,
  ) {
    this.index = index;
    this.context = context;
    this.clock = clock;
    this.known = Array.from({ length: peerCount }, () => 0);
    this.x = kind.create(context);
    this.model = kind.model?.();
  }
}

export class World<X, Op extends { readonly id: OpId }, Change, Edit, View> {
  readonly kind: Kind<X, Op, Change, Edit, View>;
  readonly #peers: Peer<X, Op, View>[] = [];
  readonly #logs: Batch[][];
  /** All batches as they were made: an order in which causes come first. */
  readonly #batches: Batch[] = [];
  #nowMs = startMs;

  constructor(kind: Kind<X, Op, Change, Edit, View>, peerCount: number) {
    ok(peerCount > 0 && peerCount <= names.length, 'a world has one to eight replicas');
    this.kind = kind;
    this.#logs = Array.from({ length: peerCount }, () => []);
    for (let index = 0; index < peerCount; index++) this.#peers.push(this.#newPeer(index));
  }

  /** The value as replica `peer` has it. */
  at(peer: number): X {
    return this.#peer(peer).x;
  }

  play(steps: readonly Step<Edit>[]): this {
    for (const step of steps) this.step(step);
    return this;
  }

  step(step: Step<Edit>): void {
    this.#nowMs += stepMs;
    const peer = this.#peer(step.peer);
    switch (step.type) {
      case 'edit':
        this.#edit(peer, step.edits, step.gap);
        break;
      case 'deliver':
        this.#deliver(peer, step.pick);
        break;
      case 'repeat':
        this.#repeat(peer, step.pick, step.from, step.count);
        break;
      case 'sync':
        this.#sync(peer, this.#peer(step.other), step.limit);
        break;
      case 'reload':
        this.#load(peer, peer);
        break;
      case 'adopt':
        this.#load(peer, this.#peer(step.other));
        break;
      case 'collect':
        this.#collect(peer);
        break;
      default:
        assertNever(step);
    }
  }

  /** Everyone gets the rest, each in another order; then all must be the same, and a newcomer too. */
  settle(): void {
    for (const peer of this.#peers)
      for (let pick = 7 * peer.index; this.#deliver(peer, pick); pick += 13 * peer.index + 5);
    const first = this.#peer(0);
    for (const peer of this.#peers) {
      this.#check(peer);
      this.#same(first, peer);
    }
    this.#newcomer(first);
  }

  #peer(index: number): Peer<X, Op, View> {
    return this.#peers[index % this.#peers.length] ?? fail('a world has replicas');
  }

  #newPeer(index: number): Peer<X, Op, View> {
    const clock = new HybridLogicalClock();
    const stamp = (overwritten?: HybridTime) => clock.stampOver(overwritten, this.#wallMs(index));
    const context = { replicaId: names[index] ?? replicaIdOf('abcd'), counter: { next: 0 }, stamp };
    return new Peer(this.kind, index, context, clock, this.#logs.length);
  }

  #wallMs(index: number): number {
    return this.#nowMs + (clockErrorsMs[index] ?? 0);
  }

  #edit(peer: Peer<X, Op, View>, edits: readonly Edit[], gap: number): void {
    const { kind } = this;
    const { counter, replicaId } = peer.context;
    counter.next += gap;
    const first = counter.next;
    const ops: Op[] = [];
    for (const edit of edits) ops.push(...kind.edit(peer.x, edit));
    deepStrictEqual(kind.countersOf(ops), counter.next - first, 'operations take the counters they drew');
    for (const op of ops) peer.model?.apply(op);
    this.#check(peer);
    if (ops.length === 0) return;
    const bytes = kind.encodeOps(ops, replicaId, first);
    const batch: Batch = {
      author: peer.index,
      first,
      end: counter.next,
      bytes,
      stamp: peer.clock.stamp(this.#wallMs(peer.index)),
      after: [...peer.known],
    };
    deepStrictEqual(this.#opsOf(batch), ops, 'operations survive their encoding');
    this.#logs[peer.index]?.push(batch);
    this.#batches.push(batch);
    peer.known[peer.index] = (peer.known[peer.index] ?? 0) + 1;
  }

  /** Decoded anew for each use: replicas share no object. */
  #opsOf(batch: Batch): readonly Op[] {
    const replicaId = names[batch.author] as ReplicaId;
    const decoded = this.kind.decodeOps(batch.bytes, replicaId, batch.first);
    return decoded.ok ? decoded.value : fail(`own operations refused: ${decoded.reason}`);
  }

  /** One batch that may come next; false when everything is here. */
  #deliver(peer: Peer<X, Op, View>, pick: number, available?: readonly number[]): boolean {
    const ready = this.#logs.flatMap((log, author) => {
      const sequence = peer.known[author] ?? 0;
      const batch = log[sequence];
      if (batch === undefined || (available !== undefined && sequence >= (available[author] ?? 0))) return [];
      return batch.after.every((count, other) => (peer.known[other] ?? 0) >= count) ? [batch] : [];
    });
    const batch = ready[pick % Math.max(1, ready.length)];
    if (batch === undefined) return false;
    const { kind } = this;
    const before = kind.view(peer.x);
    const ops = this.#opsOf(batch);
    const applied = kind.apply(peer.x, ops);
    if (!applied.ok) return fail(`operations refused: ${applied.reason}`);
    if (kind.replay !== undefined)
      deepStrictEqual(
        kind.replay(before, applied.changes),
        kind.view(peer.x),
        'the changes tell what changed',
      );
    for (const op of ops) peer.model?.apply(op);
    peer.clock.observe(batch.stamp, this.#wallMs(peer.index));
    peer.known[batch.author] = (peer.known[batch.author] ?? 0) + 1;
    this.#check(peer);
    return true;
  }

  #repeat(peer: Peer<X, Op, View>, pick: number, from: number, count: number): void {
    const here = this.#batches.filter(batch => this.#has(peer, batch));
    const batch = here[pick % Math.max(1, here.length)];
    if (batch !== undefined) this.#again(peer, this.#opsOf(batch).slice(from, from + count));
  }

  #again(peer: Peer<X, Op, View>, ops: readonly Op[]): void {
    const bytes = this.kind.encode(peer.x);
    const applied = this.kind.apply(peer.x, ops);
    deepStrictEqual(applied, { ok: true, changes: [] }, 'a repeat changes nothing');
    ok(equalBytes(this.kind.encode(peer.x), bytes), 'a repeat does not change the encoding');
    this.#check(peer);
  }

  #has(peer: Peer<X, Op, View>, batch: Batch): boolean {
    return (peer.known[batch.author] ?? 0) > (batch.after[batch.author] ?? 0);
  }

  #sync(peer: Peer<X, Op, View>, other: Peer<X, Op, View>, limit: number): void {
    for (let i = 0; i < limit; i++) if (!this.#deliver(peer, i, other.known)) break;
    if (peer.known.every((count, author) => count === other.known[author])) this.#same(peer, other);
  }

  /** `peer` goes on from the bytes of `source`. */
  #load(peer: Peer<X, Op, View>, source: Peer<X, Op, View>): void {
    if (peer.known.some((count, author) => count > (source.known[author] ?? 0))) return;
    peer.x = this.#loaded(source, peer.context);
    if (peer !== source) {
      peer.known = [...source.known];
      peer.model = this.kind.model?.();
      for (const batch of this.#batches)
        if (this.#has(peer, batch)) for (const op of this.#opsOf(batch)) peer.model?.apply(op);
    }
    this.#check(peer);
  }

  #loaded(source: Peer<X, Op, View>, context: Context): X {
    const bytes = this.kind.encode(source.x);
    const decoded = this.kind.decode(bytes, context);
    if (!decoded.ok) return fail(`own state refused: ${decoded.reason}`);
    deepStrictEqual(this.kind.view(decoded.value), this.kind.view(source.x), 'a state survives its encoding');
    ok(equalBytes(this.kind.encode(decoded.value), bytes), 'a loaded state has the bytes it came from');
    return decoded.value;
  }

  #collect(peer: Peer<X, Op, View>): void {
    if (this.kind.collect === undefined) return;
    const stable = new Map<ReplicaId, number>();
    for (const [author, log] of this.#logs.entries()) {
      const batches = Math.min(...this.#peers.map(({ known }) => known[author] ?? 0));
      stable.set(names[author] as ReplicaId, log[batches - 1]?.end ?? 0);
    }
    const bytes = this.kind.encode(peer.x);
    this.kind.collect(peer.x, stable);
    ok(equalBytes(this.kind.encode(peer.x), bytes), 'collecting garbage does not change the encoding');
    this.#check(peer);
  }

  #check(peer: Peer<X, Op, View>): void {
    this.kind.check?.(peer.x);
    if (peer.model !== undefined)
      deepStrictEqual(this.kind.view(peer.x), peer.model.view(), 'the view is the model’s');
  }

  #same(a: Peer<X, Op, View>, b: Peer<X, Op, View>): void {
    if (a === b) return;
    deepStrictEqual(this.kind.view(b.x), this.kind.view(a.x), 'the same operations give the same view');
    ok(equalBytes(this.kind.encode(b.x), this.kind.encode(a.x)), 'the same operations give the same bytes');
  }

  /** Whoever comes last, with the snapshot or with nothing, ends with the same; then hears everything once more. */
  #newcomer(first: Peer<X, Op, View>): void {
    const late = this.#newPeer(names.length);
    for (let pick = 3; this.#deliver(late, pick); pick += 11);
    this.#same(first, late);
    late.x = this.#loaded(first, late.context);
    for (const batch of this.#batches) this.#again(late, this.#opsOf(batch));
    this.#same(first, late);
  }
}

/** Plays one plan to its end; throws when a law breaks. */
export function playWorld<X, Op extends { readonly id: OpId }, Change, Edit, View>(
  kind: Kind<X, Op, Change, Edit, View>,
  plan: Plan<Edit>,
): World<X, Op, Change, Edit, View> {
  const world = new World(kind, plan.peerCount).play(plan.steps);
  world.settle();
  return world;
}

/** A context of its own for a test that needs no world: `next` is the log's first counter, and time stands still. */
export function contextOf(replicaId: ReplicaId, next = 0, wallMs = startMs): Context {
  const clock = new HybridLogicalClock();
  return { replicaId, counter: { next }, stamp: overwritten => clock.stampOver(overwritten, wallMs) };
}
